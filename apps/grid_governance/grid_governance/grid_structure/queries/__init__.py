"""What is read of the grid tree and the posts in it."""

from grid_governance.grid_structure.queries.accounts import (
	GridNames,
	accounts_in_the_way,
	desk_roles,
	disabled_roles,
	is_locked,
	posts_of,
	posts_of_many,
	roles_of,
	users_out_of_step,
	within_reach,
	worker_of,
	workers_without_account,
)
from grid_governance.grid_structure.queries.posts import (
	current_roles,
	holders,
	post_roles,
	posts_in,
)
from grid_governance.grid_structure.queries.settings import (
	SIZES,
	SizeRules,
	setting,
	settings,
	township_paths,
)
from grid_governance.grid_structure.queries.tree import (
	codes_in_use,
	doctypes_with_path,
	grid_at,
	level,
	nodes,
	tree_nodes,
)

__all__ = [
	"SIZES",
	"GridNames",
	"SizeRules",
	"accounts_in_the_way",
	"codes_in_use",
	"current_roles",
	"desk_roles",
	"disabled_roles",
	"doctypes_with_path",
	"grid_at",
	"holders",
	"is_locked",
	"level",
	"nodes",
	"post_roles",
	"posts_in",
	"posts_of",
	"posts_of_many",
	"roles_of",
	"setting",
	"settings",
	"township_paths",
	"tree_nodes",
	"users_out_of_step",
	"within_reach",
	"worker_of",
	"workers_without_account",
]
