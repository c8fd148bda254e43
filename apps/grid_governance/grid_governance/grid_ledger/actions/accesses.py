"""The log of what was done with people's data: who, when, what, why (domain D13; PIPL Art. 51 and 54)."""

from collections.abc import Iterable

import frappe
from frappe.utils import now_datetime

from grid_governance.grid_structure.rules import SEGMENT

ACCESS = "Personal Data Access"
REVEAL, EXPORT, PRINT, MERGE, REQUEST = "Reveal", "Export", "Print", "Merge", "Request"
ANONYMISE, DELETE = "Anonymise", "Delete"


def note(
	kind: str,
	grid: str | None,
	doctype: str,
	name: str | None = None,
	rows: int = 1,
	reason: str = "",
	detail: str = "",
) -> None:
	"""Write a line: the session's user did *kind* with *rows* people, of *doctype* and perhaps *name*, in *grid*.

	Without a grid, what was taken lies in several townships; the line is then read by those who see every grid.
	"""
	line = frappe.get_doc(
		{
			"doctype": ACCESS,
			"kind": kind,
			"user": frappe.session.user,
			"at": now_datetime(),
			"rows": rows,
			"reference_doctype": doctype,
			"reference_name": name,
			"reason": reason,
			"detail": detail,
			"grid": grid,
		}
	)
	line.flags.by_room = True
	line.insert(ignore_permissions=True)  # whoever it tells of must not be able to keep it from being written


def common_path(paths: Iterable[str]) -> str:
	"""Return the path of the lowest node at or above all *paths*, "" where there is none."""
	every = list(paths)
	low, high = min(every, default=""), max(every, default="")
	end = 0
	while end < len(low) and low[: end + SEGMENT] == high[: end + SEGMENT]:
		end += SEGMENT
	return low[:end]


def taken(kind: str, doctype: str, rows: int, path: str, name: str | None = None, detail: str = "") -> None:
	"""Write the line for *rows* of *doctype* below *path* that are exported or printed (hook `personal_data_taken`)."""
	grid = frappe.db.get_value("Grid", {"grid_path": path}) if path else None
	note(kind, grid, doctype, name, rows=rows, detail=detail)
