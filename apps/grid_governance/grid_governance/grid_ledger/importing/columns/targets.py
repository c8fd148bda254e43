"""What a column of a file can fill: the fields of the ledger that the importer may write, custom ones included."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import frappe
from frappe import _
from frappe.model.meta import Meta

from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.scope.registry import NAMED_BY_READERS
from grid_governance.spreadsheet import cells

PEOPLE = "Households and People"
FLAT = ("Grid Place", "Grid Facility", "Grid Organization")
KINDS = (PEOPLE, *FLAT)
"""What a file may hold: households with their people, or one of the other elements of a grid."""

GRID_VILLAGE, GRID_AREA, GRID_NAME, GRID_CODE = "Grid.village", "Grid.area", "Grid.name", "Grid.code"
HEAD_NAME, HEAD_NUMBER = "Household.head_name", "Household.head_number"
CARE_CATEGORIES = f"{CARE}.category"
"""Several care categories in one cell."""

SINCE = "Since"
"""The field type of a column for one care category: yes, or the day since when."""

TYPED = frozenset(
	(
		*("Data", "Small Text", "Text", "Long Text", "Select", "Autocomplete", "Phone", "Check"),
		*("Int", "Float", "Currency", "Percent", "Date", "Datetime", "Time", "Link", "Table MultiSelect"),
	)
)
"""Types of field that a cell can fill."""

ONLY = {IDENTITY: ("id_type", "id_number"), CONTACT: ("kind", "phone", "wechat", "of_whom")}
"""Shipped fields of a DocType that are filled, where not all are: dates of checks and remarks are nobody's to import."""

BY_NAME = frozenset(
	{"Household.group_rep", "Resident.guardian", "Grid Place.owner_resident", "Grid Facility.place"}
)
"""Links to records that a file calls by their names: a member of the same family; an owner or a place of the grid."""

SEVERAL = frozenset({f"{CONTACT}.phone"})
"""What several columns of a sheet may fill: 联系电话 and 手机号 beside each other are telephones of one person."""

CALLED = {
	("Resident.status_date", "Since"): "Status Since",
	("Resident Identity.id_number", "Number"): "ID Number",
	("Grid Place.place_name", "Name"): "Name of the Place",
	("Grid Facility.facility_name", "Name"): "Name of the Facility",
	("Grid Organization.org_name", "Name"): "Name of the Organization",
}
"""What a field with its shipped label is called in a sheet, where that says too little without the form around it."""


@dataclass(frozen=True, slots=True)
class Target:
	"""What a column can fill.

	`key` is DocType and fieldname ("Resident.resident_name"), or one that stands for more than a field:

	- `Grid.village`, `.area`, `.name`, `.code`: where the row belongs (domain B0.1);
	- `Household.head_name`, `.head_number`: the head of the household that the row belongs to;
	- `Resident Care.<name of a Care Category>`: yes, or the day since when; `fieldtype` is `SINCE`;
	- `Resident Care.category`: several categories; `fieldtype` is Table MultiSelect.

	`label` is in the reader's language and no other target of the kind has it. `words` has the normal form (`word`) of
	every text that stands for a value, with the value: the code of a Select, the name of a linked record; `labels` has
	those values as people read them. `df` is the field's own DocField; None for those without a field, and for `BY_NAME`,
	whose text (`fieldtype` Data) is the name of a record that is looked for among those of the row's family or grid. A
	column that the session user may not write (`may_write`) is shown and left out. `local` is the label in the language of
	the site, for whoever reads another one.
	"""

	key: str
	doctype: str
	fieldname: str
	label: str
	fieldtype: str
	words: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
	labels: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
	df: Any = field(default=None, repr=False, compare=False)
	may_write: bool = True
	local: str = ""


def word(value: object) -> str:
	"""Return *value* as words are compared: half-width, in small letters, without any space."""
	return cells.fold(value)


def of_kind(kind: str) -> dict[str, Target]:
	"""Return what the columns of a file of *kind* (one of `KINDS`) can fill, by key, in the order of a template.

	For the session user; the words are those of the forms. See `synonyms.targets`.
	"""
	if kind not in KINDS:
		raise ValueError(f"no kind of file: {kind!r}")
	doctypes = (HOUSEHOLD, RESIDENT, IDENTITY, CONTACT) if kind == PEOPLE else (kind,)
	found = list(_places())
	for doctype in doctypes:
		if doctype == RESIDENT:
			found += _heads()
		found += _fields(doctype)
	if kind == PEOPLE:
		found += _care()
	return {target.key: target for target in _told_apart(found)}


def _places() -> Iterator[Target]:
	labels = {
		GRID_VILLAGE: _("Village"),
		GRID_AREA: _("Grid Area"),
		GRID_NAME: _("Grid"),
		GRID_CODE: _("Grid Code"),
	}
	for key, label in labels.items():
		yield Target(key, "Grid", key.partition(".")[2], label, "Data")


def _heads() -> Iterator[Target]:
	yield Target(HEAD_NAME, HOUSEHOLD, "head_name", _("Name of the Head"), "Data")
	# Who may not enter numbers does not ask by them either: a number that fits would tell whose it is.
	may_write = bool(frappe.has_permission(IDENTITY, "create"))
	yield Target(
		HEAD_NUMBER, HOUSEHOLD, "head_number", _("ID Number of the Head"), "Password", may_write=may_write
	)


def _fields(doctype: str) -> Iterator[Target]:
	meta = frappe.get_meta(doctype)
	may_create = bool(frappe.has_permission(doctype, "create"))
	levels = set(meta.get_permlevel_access("write"))
	for df in meta.fields:
		key = f"{doctype}.{df.fieldname}"
		if not _is_filled(meta, df, key):
			continue
		label = _(CALLED.get((key, df.label), df.label or df.fieldname))
		may_write = may_create and (not df.permlevel or df.permlevel in levels)
		if key in BY_NAME:
			yield Target(key, doctype, df.fieldname, label, "Data", may_write=may_write)
			continue
		labels = _labels(df)
		if labels is not None:
			words = _words(labels)
			yield Target(key, doctype, df.fieldname, label, df.fieldtype, words, labels, df, may_write)


def _is_filled(meta: Meta, df: Any, key: str) -> bool:
	"""Say whether a file may fill the field *df*: entered by people, of a type that fits into a cell."""
	if df.hidden or df.read_only or df.get("is_virtual") or (df.fetch_from and not df.fetch_if_empty):
		return False
	if not df.get("is_custom_field") and df.fieldname not in ONLY.get(meta.name, (df.fieldname,)):
		return False
	if df.fieldtype == "Link" and key not in BY_NAME:
		# Where a row belongs and whom it is about is found by the importer itself.
		return df.options != "Grid" and df.options not in NAMED_BY_READERS
	return df.fieldtype in TYPED or key == f"{IDENTITY}.id_number"


def _labels(df: Any) -> dict[str, str] | None:
	"""Return what can be chosen in the field *df*, by code; None for a catalogue that the session user may not read."""
	if df.fieldtype == "Select":
		return {option: _(option) for option in (df.options or "").split("\n") if option}
	if df.fieldtype == "Link":
		return _catalogue(df.options)
	if df.fieldtype == "Table MultiSelect":
		linked = next((each for each in frappe.get_meta(df.options).fields if each.fieldtype == "Link"), None)
		return _catalogue(linked.options) if linked else None
	return {}


def _catalogue(doctype: str) -> dict[str, str] | None:
	"""Return the titles of the records of *doctype* that the session user may choose; a shared title with the name."""
	if not (frappe.has_permission(doctype, "select") or frappe.has_permission(doctype, "read")):
		return None
	title = frappe.get_meta(doctype).get_title_field()
	rows = frappe.get_list(doctype, fields=list({"name", title}), order_by="name asc", limit_page_length=0)
	titles = {row.name: _(row[title] or row.name) for row in rows}
	shared = Counter(titles.values())
	return {name: said if shared[said] == 1 else f"{said} {name}" for name, said in titles.items()}


def _words(labels: Mapping[str, str]) -> dict[str, str]:
	"""Return the codes of *labels* by what stands for them: the label, the code itself."""
	return {word(code): code for code in labels} | {word(label): code for code, label in labels.items()}


def _care() -> Iterator[Target]:
	may_create = bool(frappe.has_permission(CARE, "create"))
	may_see = bool(frappe.has_permission(IDENTITY, "create"))
	if not frappe.has_permission("Care Category", "read"):
		return
	categories = frappe.get_list(
		"Care Category", fields=["name", "is_sensitive"], order_by="name asc", limit_page_length=0
	)
	for row in categories:
		# A sensitive category is entered by those who may enter numbers (domain B0.6).
		may_write = may_create and (may_see or not row.is_sensitive)
		yield Target(f"{CARE}.{row.name}", CARE, row.name, _(row.name), SINCE, may_write=may_write)
	labels = {row.name: _(row.name) for row in categories if may_see or not row.is_sensitive}
	yield Target(
		*(
			CARE_CATEGORIES,
			CARE,
			"category",
			_("Care Categories"),
			"Table MultiSelect",
			_words(labels),
			labels,
		),
		may_write=may_create,
	)


def _told_apart(found: list[Target]) -> Iterator[Target]:
	"""Give those that share a label the name of their DocType in front of it."""
	shared = Counter(word(target.label) for target in found)
	for target in found:
		if shared[word(target.label)] > 1:
			target = replace(target, label=f"{_(target.doctype)} {target.label}")
		yield target
