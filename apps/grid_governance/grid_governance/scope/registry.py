"""The one table of DocTypes whose rows lie in a grid.

Each names the Link field that says in which one. Grid itself lies where its parent does until it has
a path of its own. `hooks.py` takes the permission hooks and the stamping from here.
"""

GRID_DOCTYPES: dict[str, str] = {
	"Grid": "parent_grid",
	"Grid Worker": "grid",
	"Grid Post Assignment": "grid",
	"Grid Adjustment": "grid",
	"Account Log": "grid",
	"Account Batch": "grid",
	"Township Profile": "grid",
	"Township Department": "grid",
	"Grid Issue": "grid",
	"Issue Log": "grid",
}
