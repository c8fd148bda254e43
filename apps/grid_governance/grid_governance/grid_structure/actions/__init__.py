"""What changes the grid tree and the posts in it."""

from grid_governance.grid_structure.actions.accounts import (
	AccountLinkError,
	NotYoursToResetError,
	SignInNumberError,
	change_number,
	change_user,
	check_link,
	check_number,
	may_link,
	reset_password,
	sync_account,
	sync_accounts,
	why_no_reset,
)
from grid_governance.grid_structure.actions.adjustments import SuccessorError, adjust
from grid_governance.grid_structure.actions.batches import (
	BatchNotReadyError,
	SlipsNotMadeError,
	insert_accounts,
	remove_slips,
	survey,
	write_accounts,
)
from grid_governance.grid_structure.actions.posts import change_role, end_posts
from grid_governance.grid_structure.actions.tree import (
	GridFullError,
	allocate_serials,
	insert_nodes,
	place,
	renumber,
	restamp,
)

__all__ = [
	"AccountLinkError",
	"BatchNotReadyError",
	"GridFullError",
	"NotYoursToResetError",
	"SignInNumberError",
	"SlipsNotMadeError",
	"SuccessorError",
	"adjust",
	"allocate_serials",
	"change_number",
	"change_role",
	"change_user",
	"check_link",
	"check_number",
	"end_posts",
	"insert_accounts",
	"insert_nodes",
	"may_link",
	"place",
	"remove_slips",
	"renumber",
	"reset_password",
	"restamp",
	"survey",
	"sync_account",
	"sync_accounts",
	"why_no_reset",
	"write_accounts",
]
