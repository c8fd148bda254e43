"""Who sees what.

A right holds only inside the subtree of the post that grants it. `ranges` says which parts of the
grid tree a user's current posts open for a DocType and a permission type; `criterion` is the only
builder of conditions; lists, forms, reports, counts, link searches and exports all go through it.
"""

from grid_governance.scope.actions import OutOfScopeError, stamp
from grid_governance.scope.queries import covers, criterion, forget, open_rows, ranges, role_rights, roles_at
from grid_governance.scope.rules import Range
from grid_governance.scope.schema import index_path, index_place, index_report, unique_in_village

__all__ = [
	"OutOfScopeError",
	"Range",
	"covers",
	"criterion",
	"forget",
	"index_path",
	"index_place",
	"index_report",
	"open_rows",
	"ranges",
	"role_rights",
	"roles_at",
	"stamp",
	"unique_in_village",
]
