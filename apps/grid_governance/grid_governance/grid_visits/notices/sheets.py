"""What the prints of a notice show: the sheet for the board, the list of those who are not reached yet, slips for them.

The list names people, and the notice it hangs on does not: so it asks for the right to print deliveries, shows those of the
grids in which its reader has that right, and is noted like every other print of people.
"""

from itertools import groupby

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from grid_governance.grid_ledger.actions.accesses import common_path
from grid_governance.grid_structure.rules import SKIPPED
from grid_governance.grid_visits import DELIVERY, NOTICE, wechat
from grid_governance.grid_visits.notices import codes, desk, public, stages
from grid_governance.scope.doors import takings

LONGEST = 2000
"""Lines of one list; who has more left prints it village by village."""

SLIPS = 300
"""Slips of one print: those of a large grid."""


def notice_board_sheet(notice: str) -> frappe._dict:
	"""Return what the sheet for the board shows. Needs read permission on *notice*.

	`notice` (the document), `place` (names from the township down), `lines`, `day`, and once it is out `qr`: the picture
	of its public address.
	"""
	doc = _readable(notice)
	is_out = stages.is_public(doc.workflow_state)
	return frappe._dict(
		notice=doc,
		place=public.place_of(doc.grid_path),
		lines=[line for line in (doc.content or "").splitlines() if line.strip()],
		day=getdate(doc.sent_at) if doc.sent_at else getdate(),
		qr=wechat.picture(wechat.address(doc.public_code)) if is_out else "",
	)


def unreached_list(notice: str) -> frappe._dict:
	"""Return whom *notice* has not reached, to go from door to door with.

	`notice`, `place`, `count`, `is_cut` (there are more than fit) and `grids`: [{grid_name, rows}], where the name has that
	of the node above, with the rows of `desk.left_rows`. Needs read permission on the notice and the right to print deliveries; it is noted. Who is meant
	only as somebody in sensitive care is on no paper: nobody has the right to print that care.
	"""
	doc = _readable(notice)
	if not frappe.has_permission(DELIVERY, "print"):
		said = _("Your post does not print {0}: personal data stays in the system.").format(_(DELIVERY))
		frappe.throw(said, frappe.PermissionError)
	rows = desk.left_rows(doc.name, limit=LONGEST + 1, right="print")
	shown = rows[:LONGEST]
	if shown:
		_note(doc.name, {row["grid_path"] for row in shown}, len(shown))
	told = {path: place.told for path, place in desk.places({row["grid_path"] for row in shown}).items()}
	return frappe._dict(
		notice=doc,
		place=public.place_of(doc.grid_path),
		count=len(shown),
		is_cut=len(rows) > LONGEST,
		grids=[
			{"grid_name": told.get(path, ""), "rows": list(lines)}
			for path, lines in groupby(shown, key=lambda row: row["grid_path"])
		],
	)


def notice_slips(notice: str) -> frappe._dict:
	"""Return a slip for each of those whom *notice* has not reached, to be left at the door or handed over.

	`notice`, `lines`, `is_cut` and `slips`: [{grid_name, whom (number or name), code, qr}], where the code, also in the QR
	code, confirms for this one alone. Who may print the unreached list may print the slips; it is noted likewise.
	"""
	left = unreached_list(notice)
	doc = left.notice
	rows = [(grid["grid_name"], row) for grid in left.grids for row in grid["rows"] if row["household"]]
	made = []
	for grid_name, row in rows[:SLIPS]:
		code = codes.code_of(doc.name, row["code_household"] or row["household"], row["resident"])
		made.append(
			{
				"grid_name": grid_name,
				"whom": row["household_no"] or row["whom"],
				"code": " ".join(code[at : at + 4] for at in range(0, len(code), 4)),
				"qr": wechat.picture(wechat.address(doc.public_code, code)),
			}
		)
	text = [line for line in (doc.content or "").splitlines() if line.strip()]
	return frappe._dict(notice=doc, lines=text, slips=made, is_cut=len(rows) > SLIPS)


def _note(notice: str, paths: set[str], rows: int) -> None:
	"""Note the print at the lowest node above *paths*; levels that are skipped have none."""
	path = common_path(paths)
	while path.endswith(SKIPPED):
		path = path[: -len(SKIPPED)]
	takings.note(takings.PRINT, DELIVERY, rows, path, detail=_("Unreached list of {0}").format(notice))


def _readable(notice: str) -> Document:
	doc = frappe.get_doc(NOTICE, notice)
	doc.check_permission("read")
	return doc
