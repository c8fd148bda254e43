"""Personal-Data Access Log: who saw, revealed, exported, printed or downloaded whose data, when and why (R36).

The period is that of the access, both days included. Filters: `from_date`, `to_date`, `grid` (everything below it),
`user`, `kind`, `show`: "By Person" (counts by user and kind) or "Each Access" (the newest lines). Nobody is named whom
the reader may not read: she is told the kind of record and its grid (PIPL Art. 51 and 54).
"""

from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.utils import getdate

from grid_governance.grid_ledger import RESIDENT
from grid_governance.grid_ledger.actions import accesses as log
from grid_governance.grid_ledger.queries import accesses
from grid_governance.grid_structure.queries.accounts import GridNames
from grid_governance.reporting import PeriodError

BY_PERSON, EACH = "By Person", "Each Access"
KINDS = (
	accesses.VIEW,
	log.REVEAL,
	log.EXPORT,
	log.PRINT,
	accesses.DOWNLOAD,
	log.REQUEST,
	log.MERGE,
	log.ANONYMISE,
	log.DELETE,
	accesses.BACKUP,
)
LINES_MAX = 1000


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, a note, no chart and the counts by kind, as Frappe's script reports do."""
	if not frappe.has_permission(log.ACCESS, "report"):
		raise frappe.PermissionError
	given = frappe._dict(filters or {})
	asked = _asked(given)
	counted = accesses.counts(asked)
	number = sum(lines for _user, _kind, lines, _people in counted)
	if given.show == EACH:
		note = _("{0} accesses.").format(number)
		if number > LINES_MAX:
			note = _(
				"{0} accesses; the newest {1} are shown. Choose a shorter period, a user or a kind."
			).format(number, LINES_MAX)
		return line_columns(), each(asked), note, None, summary(counted)
	return person_columns(), by_person(counted), None, None, summary(counted)


def person_columns() -> list[dict[str, Any]]:
	"""Return the columns of the counts: a number of lines for each kind, and of people exported or printed."""
	kinds = [{"fieldname": kind.lower(), "label": _(kind), "fieldtype": "Int", "width": 90} for kind in KINDS]
	return [
		{"fieldname": "user", "label": _("User"), "fieldtype": "Link", "options": "User", "hidden": 1},
		{"fieldname": "full_name", "label": _("Who"), "fieldtype": "Data", "width": 180},
		{"fieldname": "total", "label": _("Accesses"), "fieldtype": "Int", "width": 90},
		*kinds,
		{"fieldname": "taken", "label": _("People Exported or Printed"), "fieldtype": "Int", "width": 130},
	]


def by_person(counted: list[tuple[str, str, int, int]]) -> list[dict[str, Any]]:
	"""Return a row for each user, who has most first."""
	rows: dict[str, dict[str, Any]] = {}
	names = _names({user for user, *_rest in counted})
	for user, kind, number, people in counted:
		row = rows.setdefault(
			user, {"user": user, "full_name": names.get(user, user), "total": 0, "taken": 0}
		)
		row[kind.lower()] = number
		row["total"] += number
		row["taken"] += people if kind in (log.EXPORT, log.PRINT) else 0
	return sorted(rows.values(), key=lambda row: (-row["total"], row["full_name"]))


def line_columns() -> list[dict[str, Any]]:
	"""Return the columns of the lines."""
	return [
		{"fieldname": "at", "label": _("At"), "fieldtype": "Datetime", "width": 150},
		{"fieldname": "full_name", "label": _("Who"), "fieldtype": "Data", "align": "left", "width": 130},
		{
			"fieldname": "kind_shown",
			"label": _("Kind of Access"),
			"fieldtype": "Data",
			"align": "left",
			"width": 90,
		},
		{
			"fieldname": "doctype_shown",
			"label": _("Kind of Record"),
			"fieldtype": "Data",
			"align": "left",
			"width": 120,
		},
		{
			"fieldname": "record_shown",
			"label": _("Record"),
			"fieldtype": "Data",
			"align": "left",
			"width": 150,
		},
		{"fieldname": "place", "label": _("Grid"), "fieldtype": "Data", "align": "left", "width": 150},
		{"fieldname": "counted", "label": _("People"), "fieldtype": "Int", "width": 80},
		{"fieldname": "reason", "label": _("Reason"), "fieldtype": "Data", "align": "left", "width": 200},
		{"fieldname": "detail", "label": _("Detail"), "fieldtype": "Data", "align": "left", "width": 260},
	]


def each(asked: accesses.Asked) -> list[dict[str, Any]]:
	"""Return the newest lines; `record` is left in those alone that the reader may open."""
	found = accesses.lines(asked, LINES_MAX)
	names = _names({line["user"] for line in found})
	grids = GridNames({line["grid_path"] for line in found if line["grid_path"]})
	titles = _titles(found)
	for line in found:
		shown = titles.get((line["doctype"], line["record"]))
		line["full_name"] = names.get(line["user"], line["user"])
		line["kind_shown"] = _(line["kind"])
		line["doctype_shown"] = _(line["doctype"]) if line["doctype"] else ""
		line["place"] = grids.grid(line["grid_path"]) if line["grid_path"] else _("Several Grids")
		line["record_shown"] = shown or ""
		if shown is None:
			line["record"] = None
	return found


def summary(counted: list[tuple[str, str, int, int]]) -> list[dict[str, Any]]:
	"""Return how many people had access, and the lines of each kind that has any."""
	kinds = dict.fromkeys(KINDS, 0)
	for _user, kind, number, _people in counted:
		kinds[kind] = kinds.get(kind, 0) + number
	users = len({user for user, *_rest in counted})
	figures = [(_("Users"), users), *((_(kind), number) for kind, number in kinds.items() if number)]
	return [{"label": label, "value": value, "datatype": "Int"} for label, value in figures]


def _asked(given: frappe._dict) -> accesses.Asked:
	from_date, to_date = getdate(given.from_date), getdate(given.to_date)
	if from_date > to_date:
		frappe.throw(
			_("The period ends on {0}, before it begins on {1}.").format(
				frappe.format(to_date, "Date"), frappe.format(from_date, "Date")
			),
			PeriodError,
		)
	prefix = ""
	if given.grid:
		grid = frappe.get_doc("Grid", given.grid)
		grid.check_permission("read")
		prefix = grid.grid_path
	kind = given.kind if given.kind in KINDS else ""
	return accesses.Asked(from_date, to_date, prefix, given.user or "", kind)


def _names(users: set[str]) -> dict[str, str]:
	user = DocType("User")
	found = (
		frappe.qb.from_(user).select(user.name, user.full_name).where(user.name.isin(sorted(users) or [""]))
	)
	return dict(found.run())


def _titles(lines: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
	"""Return by (DocType, name) what the reader calls those records that she may read."""
	wanted: dict[str, set[str]] = {}
	for line in lines:
		if line["doctype"] and line["record"]:
			wanted.setdefault(line["doctype"], set()).add(line["record"])
	found = {}
	for doctype, names in wanted.items():
		found |= {(doctype, name): title for name, title in _readable(doctype, names)}
	return found


def _readable(doctype: str, names: set[str]) -> list[tuple[str, str]]:
	if not frappe.has_permission(doctype, "read"):
		return []
	meta = frappe.get_meta(doctype)
	field = "resident" if meta.has_field("resident") else meta.get_title_field()
	rows = frappe.get_list(
		doctype,
		filters={"name": ["in", sorted(names)]},
		fields=["name", f"{field} as title"],
		order_by="name asc",
		limit_page_length=0,
	)
	people = {}
	if field == "resident":
		people = dict(_readable(RESIDENT, {row.title for row in rows}))
	return [(row.name, people.get(row.title) or row.title or row.name) for row in rows]
