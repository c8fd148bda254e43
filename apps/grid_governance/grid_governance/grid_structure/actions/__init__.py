"""What changes the grid tree and the posts in it."""

from grid_governance.grid_structure.actions.adjustments import SuccessorError, adjust
from grid_governance.grid_structure.actions.posts import (
	change_user,
	end_posts,
	sync_roles,
	sync_roles_of_the_day,
)
from grid_governance.grid_structure.actions.tree import (
	GridFullError,
	allocate_code,
	allocate_serials,
	insert_nodes,
	place,
	renumber,
	restamp,
)

__all__ = [
	"GridFullError",
	"SuccessorError",
	"adjust",
	"allocate_code",
	"allocate_serials",
	"change_user",
	"end_posts",
	"insert_nodes",
	"place",
	"renumber",
	"restamp",
	"sync_roles",
	"sync_roles_of_the_day",
]
