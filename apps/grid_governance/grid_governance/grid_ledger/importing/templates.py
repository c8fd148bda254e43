"""Templates of files: the columns that somebody may fill, with drop-downs and notes, and a sheet with an example."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import frappe
from frappe import _

from grid_governance import scope
from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.importing import columns
from grid_governance.grid_ledger.importing.changes import listed
from grid_governance.grid_ledger.importing.columns import SINCE, Target
from grid_governance.grid_structure import rules
from grid_governance.scope.rules import covers
from grid_governance.spreadsheet import writing
from grid_governance.spreadsheet.writing import Column, Page

IN_TWO_SHEETS = "Households and People in Two Sheets"
KINDS = (columns.PEOPLE, IN_TWO_SHEETS, HOUSEHOLD, RESIDENT, IDENTITY, CONTACT, CARE, *columns.FLAT)
"""What there is a template of: a file with everything in one sheet or in two, or one DocType alone."""

PLACE = (columns.GRID_VILLAGE, columns.GRID_AREA, columns.GRID_NAME)
NUMBER = f"{HOUSEHOLD}.household_no"
NAME, RELATION, BIRTH = f"{RESIDENT}.resident_name", f"{RESIDENT}.relation_to_head", f"{RESIDENT}.birth_date"
ID_TYPE, ID_NUMBER, PHONE = f"{IDENTITY}.id_type", f"{IDENTITY}.id_number", f"{CONTACT}.phone"
PERSON = (NAME, RELATION, ID_TYPE, ID_NUMBER, f"{RESIDENT}.sex", BIRTH, PHONE)
"""Columns that everybody fills, in front of the others."""

WHOSE = (*PLACE, NUMBER, columns.HEAD_NAME, NAME, BIRTH)
"""Columns that say whom a row with a number, a contact or care is about."""

NEEDLESS = frozenset((columns.GRID_CODE, columns.HEAD_NAME, columns.HEAD_NUMBER, columns.CARE_CATEGORIES))
"""What a template does not ask, since its other columns say it."""

AS_TEXT = frozenset((NUMBER, ID_NUMBER, "Grid Organization.uscc"))
"""Numbers with which nobody counts, beside telephones: Excel would take zeros from their front and digits from their end."""

MOST_CHOICES = 1000
"""More than so many are no drop-down any more."""

EXAMPLE_NUMBER = "11010519491231002X"
"""The example that GB 11643-1999 itself gives."""


def template(what: str) -> bytes:
	"""Return the template *what* (one of `KINDS`) as an Excel file: what the session user may enter, in her language.

	Raises PermissionError where she may enter nothing of it.
	"""
	if what not in KINDS:
		raise ValueError(f"no template: {what!r}")
	kind = what if what in columns.FLAT else columns.PEOPLE
	entered = HOUSEHOLD if what in (columns.PEOPLE, IN_TWO_SHEETS) else what
	if not frappe.has_permission(entered, "create"):
		frappe.throw(_("Your posts do not let you enter {0}.").format(_(entered)), frappe.PermissionError)
	targets = {key: target for key, target in columns.targets(kind).items() if target.may_write}
	places = _places(HOUSEHOLD if kind == columns.PEOPLE else kind)
	pages, examples = [], []
	for name, keys in _sheets(what, targets):
		shown = [targets[key] for key in keys if key in targets and (key != columns.GRID_AREA or places[key])]
		made = [column(target, places.get(target.key, ()), _is_needed(what, target)) for target in shown]
		pages.append(Page(name, made))
		examples.append(Page(_("Filled-in Example"), made, _example(shown, places)))
	return writing.workbook([*pages, *examples], words())


def words() -> writing.Words:
	"""Return what stands in a workbook beside its data, in the language of the session user."""
	return writing.Words(_("Choices"), _("Not in the list"), _("Choose a value from the list."))


def _sheets(what: str, targets: Mapping[str, Target]) -> list[tuple[str, list[str]]]:
	"""Return the sheets of the template *what*: their names, and the keys of their columns."""

	def of(*doctypes: str, behind: Sequence[str] = ()) -> list[str]:
		own = [
			key
			for doctype in doctypes
			for key, target in targets.items()
			if target.doctype == doctype and key not in NEEDLESS
		]
		return list(dict.fromkeys((*behind, *own)))

	if what == columns.PEOPLE:
		everything = of(RESIDENT, IDENTITY, CONTACT, HOUSEHOLD, CARE, behind=(*PLACE, NUMBER, *PERSON))
		return [(_(what), everything)]
	if what == IN_TWO_SHEETS:
		people = of(RESIDENT, IDENTITY, CONTACT, CARE, behind=(columns.GRID_VILLAGE, NUMBER, *PERSON))
		return [(_(HOUSEHOLD), of(HOUSEHOLD, behind=(*PLACE, NUMBER))), (_(RESIDENT), people)]
	if what == HOUSEHOLD:
		return [(_(what), of(HOUSEHOLD, behind=(*PLACE, NUMBER, columns.HEAD_NAME)))]
	if what == RESIDENT:
		return [(_(what), of(RESIDENT, behind=(*PLACE, NUMBER, columns.HEAD_NAME, NAME, RELATION)))]
	return [(_(what), of(what, behind=PLACE if what in columns.FLAT else WHOSE))]


def column(target: Target, places: Sequence[str] = (), is_needed: bool = False) -> Column:
	"""Return the column of a workbook that fills *target*: drop-down, form of its cells, note on how they are written.

	*places* are the names to choose from where it says where a row belongs.
	"""
	choices = places or _choices(target)
	notes = [_("Has to be filled in.") if is_needed else "", _note(target)]
	return Column(
		target.label,
		width=max(12, min(30, 2 * len(target.label) + 4)),
		holds=_holds(target),
		choices=choices if len(choices) <= MOST_CHOICES else (),
		note="\n".join(filter(None, notes)),
		is_needed=is_needed,
	)


def _choices(target: Target) -> list[str]:
	if target.fieldtype in ("Select", "Link"):
		return list(target.labels.values())
	if target.fieldtype == "Check":
		return [_("Yes"), _("No")]
	return []  # of several, and of a day or a yes, one types more than one from a list


def _holds(target: Target) -> str:
	is_phone = target.fieldtype == "Phone" or (target.df and target.df.options == "Phone")
	if target.key in AS_TEXT or is_phone:
		return writing.TEXT
	return writing.DAY if target.fieldtype in ("Date", SINCE) else writing.ANY


def _is_needed(what: str, target: Target) -> bool:
	"""Say whether a row of the template *what* cannot do without *target*."""
	if target.key in (columns.GRID_NAME, NAME):
		return True
	if target.key == NUMBER:
		return what == IN_TWO_SHEETS
	if target.doctype in (IDENTITY, CONTACT, CARE) and target.doctype != what:
		return False  # who has no number and no telephone is written without
	return bool(target.df and target.df.reqd and not target.df.default)


def _note(target: Target) -> str:
	"""Return what stands in the note at the heading of *target*: how its cells are written."""
	own = {
		columns.GRID_NAME: _("As the grid is called in the system."),
		NUMBER: _("Rows with the same number make one household."),
		columns.HEAD_NAME: _("Whose household it is, where it has no number."),
		ID_NUMBER: _("The column is text: Excel keeps only 15 digits of a number."),
		PHONE: _("Several numbers are separated by a comma."),
		f"{RESIDENT}.guardian": _("The name of somebody in the same household."),
		f"{HOUSEHOLD}.group_rep": _("The name of somebody in the same household."),
		"Grid Place.owner_resident": _("The name of a resident of the village."),
		"Grid Facility.place": _("The name of a place in the same grid."),
	}
	if target.key in own:
		return own[target.key]
	if target.fieldtype == SINCE:
		return _("Yes, or the day since when; empty for no.")
	if target.fieldtype == "Table MultiSelect":
		return _("Several are separated by a comma: {0}").format(listed(target.labels.values()))
	if target.fieldtype == "Date":
		return _("Year, month and day, as 1980-01-31.")
	return _("Choose from the list.") if _choices(target) else ""


def _places(doctype: str) -> dict[str, list[str]]:
	"""Return the names of the villages, areas and grids where the session user may enter rows of *doctype*, by target."""
	within = scope.ranges(frappe.session.user, doctype, "create")
	levels = frappe.get_all(
		"Grid Level", filters={"holds_households": 1}, pluck="name", order_by="position asc"
	)
	grids = frappe.get_all(
		"Grid",
		filters={"status": "Active", "grid_level": ["in", levels or [""]]},
		fields=["grid_name", "grid_path"],
		order_by="grid_path asc",
		limit_page_length=0,
	)
	grids = [grid for grid in grids if covers(within, grid.grid_path)]
	return {
		columns.GRID_VILLAGE: _names_at(rules.VILLAGE, grids),
		columns.GRID_AREA: _names_at(rules.AREA, grids),
		columns.GRID_NAME: list(dict.fromkeys(grid.grid_name for grid in grids)),
	}


def _names_at(position: int, grids: Iterable[frappe._dict]) -> list[str]:
	"""Return the names of the nodes at *position* above *grids*: whoever works in a grid knows in which village it lies."""
	paths = {path for grid in grids if (path := rules.ancestor_path(grid.grid_path, position))}
	paths -= {grid.grid_path for grid in grids}
	names = frappe.get_all(
		"Grid",
		filters={"grid_path": ["in", sorted(paths) or [""]]},
		pluck="grid_name",
		order_by="grid_path asc",
		limit_page_length=0,
	)
	return list(dict.fromkeys(names))


def _example(shown: Sequence[Target], places: Mapping[str, Sequence[str]]) -> list[list[Any]]:
	"""Return rows as they might be filled in, of people whom nobody knows."""
	family = {
		NUMBER: ("001", "001", "001"),
		columns.HEAD_NAME: (_("Li Xiuying"),) * 3,
		NAME: (_("Li Xiuying"), _("Wang Jianguo"), _("Wang Xiaoming")),
		RELATION: ("Head", "Spouse", "Grandchild"),
		f"{RESIDENT}.sex": ("Female", "Male", "Male"),
		BIRTH: ("1949-12-31", "1948-03-05", "2015-06-01"),
		ID_TYPE: ("Citizen Number", None, None),
		ID_NUMBER: (EXAMPLE_NUMBER, None, None),
		PHONE: ("13800000000", None, None),
		f"{RESIDENT}.guardian": (None, None, _("Li Xiuying")),
		f"{RESIDENT}.political_status": ("Party Member", "No Party", None),
		f"{RESIDENT}.education": ("Primary School", "Junior Middle School", "Primary School"),
		f"{HOUSEHOLD}.address": (_("No. 1, Group 1"),) * 3,
		f"{HOUSEHOLD}.residence_state": ("Residing",) * 3,
	}
	care = [target.key for target in shown if target.fieldtype == SINCE]
	family |= dict(zip(care, ((_("Yes"), None, None), (None, "2024-05-01", None)), strict=False))
	alone = not any(target.doctype == RESIDENT for target in shown)
	return [
		[_example_of(target, row, family, places) for target in shown] for row in range(1 if alone else 3)
	]


def _example_of(
	target: Target, row: int, family: Mapping[str, Sequence[Any]], places: Mapping[str, Sequence[str]]
) -> Any:
	if target.key in places:
		return next(iter(places[target.key]), None)
	if target.key in family:
		value = family[target.key][row]
		return target.labels.get(value, value)
	if row == 0 and target.df and target.df.reqd:
		return next(iter(target.labels.values()), None) or target.label
	return None
