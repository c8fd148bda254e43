"""What is read of the grid tree and the posts in it."""

from grid_governance.grid_structure.queries.posts import (
	current_roles,
	holders,
	post_roles,
	posts_in,
	users_changing_on,
)
from grid_governance.grid_structure.queries.settings import SIZES, SizeRules, setting
from grid_governance.grid_structure.queries.tree import doctypes_with_path, grid_at, level, nodes, tree_nodes

__all__ = [
	"SIZES",
	"SizeRules",
	"current_roles",
	"doctypes_with_path",
	"grid_at",
	"holders",
	"level",
	"nodes",
	"post_roles",
	"posts_in",
	"setting",
	"tree_nodes",
	"users_changing_on",
]
