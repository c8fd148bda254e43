"""Households: what one has to hold, and what becomes of it: moved, split, merged, another head, dissolved."""

from datetime import date

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt, getdate, now_datetime

from grid_governance.grid_ledger import HOUSEHOLD, OF_RESIDENT, RESIDENT
from grid_governance.grid_ledger.actions import residents
from grid_governance.grid_ledger.rules import households
from grid_governance.grid_structure.rules import SEGMENT, VILLAGE

CHANGE = "Household Change"
MOVE, SPLIT, MERGE, HEAD, DISSOLVE = "Move", "Split", "Merge", "Head", "Dissolve"


class LevelError(frappe.ValidationError):
	"""A household was put on a node of a level that holds none."""


class NumberTakenError(frappe.ValidationError):
	"""Two households of a village have one number."""


class MemberError(frappe.ValidationError):
	"""Somebody who is named is no member of the household."""


class MergeError(frappe.ValidationError):
	"""A household cannot be merged into another: it is the same one, or one of them is dissolved."""


class PointError(frappe.ValidationError):
	"""The point of a household is none on the earth."""


def check(doc: Document) -> None:
	"""Refuse a household on a node above the leaves, a number the village has given, a foreign head or member."""
	doc.household_no = (doc.household_no or "").strip() or None
	_check_grid(doc)
	_check_number(doc)
	_check_point(doc)
	for field in ("head", "group_rep"):
		named = doc.get(field)
		if named and frappe.db.get_value(RESIDENT, named, "household") != doc.name:
			frappe.throw(
				_("{0} is no member of this household. Choose one of its members.").format(
					frappe.db.get_value(RESIDENT, named, "resident_name") or named
				),
				MemberError,
			)
	if not doc.is_new() and doc.has_value_changed("head") and not doc.flags.by_household:
		frappe.throw(_("Change the head with the button, so that the relations follow."), residents.HeadError)


def _check_grid(doc: Document) -> None:
	if not doc.has_value_changed("grid"):
		return
	level, grid_name = frappe.db.get_value("Grid", doc.grid, ["grid_level", "grid_name"])
	if problem := level_problem(level, grid_name):
		frappe.throw(problem, LevelError)


def level_problem(level: str, grid_name: str) -> str:
	"""Return why no households are put on a grid of this *level*, empty where they are."""
	if frappe.get_cached_value("Grid Level", level, "holds_households"):
		return ""
	return _("No households are put on {0} itself. Choose the grid in which this one lies.").format(grid_name)


def _check_number(doc: Document) -> None:
	if not doc.household_no or not (doc.has_value_changed("household_no") or doc.has_value_changed("grid")):
		return
	village = village_of(doc.grid_path)
	taken = frappe.db.exists(
		HOUSEHOLD,
		{"household_no": doc.household_no, "grid_path": ["like", f"{village}%"], "name": ["!=", doc.name]},
	)
	if taken:
		frappe.throw(number_taken(doc.household_no), NumberTakenError)


def number_taken(number: str) -> str:
	"""Return in words that the village has given *number* to another household."""
	return _("The village has given the number {0} to another household.").format(number)


def _check_point(doc: Document) -> None:
	"""Refuse a point that is none (degrees, WGS-84). Frappe keeps an empty number as 0; no grid lies on the equator."""
	if problem := point_problem(doc.latitude, doc.longitude):
		frappe.throw(problem, PointError)


def point_problem(latitude: float | str | None, longitude: float | str | None) -> str:
	"""Return what is wrong with a point, empty for nothing and for none."""
	latitude, longitude = abs(flt(latitude)), abs(flt(longitude))
	if not (latitude or longitude) or (0 < latitude <= 90 and 0 < longitude <= 180):
		return ""
	return _("The place on the map could not be understood. Take it anew, or write down where it is.")


def village_of(path: str) -> str:
	"""Return the path of the village that *path* lies in; what hangs higher numbers its own households."""
	return path[: SEGMENT * VILLAGE]


def spread(doc: Document) -> None:
	"""Carry a household's move to its people and to what hangs on them, and note it."""
	before = doc.get_doc_before_save()
	residents.entitle({doc.name})
	if not before or before.grid == doc.grid:
		return
	place = {"grid": doc.grid, "grid_path": doc.grid_path}
	frappe.db.set_value(RESIDENT, {"household": doc.name}, place, update_modified=False)
	people = frappe.get_all(RESIDENT, {"household": doc.name}, pluck="name", order_by="name asc")
	for doctype in OF_RESIDENT:
		hanging = {"resident": ["in", people or [""]]}
		frappe.db.set_value(doctype, hanging, place, update_modified=False)
	note(MOVE, doc, from_grid=before.grid, reason=doc.flags.reason)


@frappe.whitelist(methods=["POST"])
def change_head(household: str, head: str, relations: str | dict[str, str], reason: str = "") -> None:
	"""Make *head*, a member, the head of *household*; *relations* (a dict, or its JSON) gives the others' relation
	to the new head.

	Raises PermissionError, MemberError for somebody who is no member, HeadError when a relation is missing or names
	a second head.
	"""
	doc, relations = _own(household), _given(relations)
	members = _members(doc.name)
	after = {name: relations.get(name, "") for name in members} | {head: households.HEAD}
	_check_members(doc, {head, *relations}, members)
	_check_relations(after)
	_set_relations(doc, members, after, head)
	note(HEAD, doc, members=_changed(members, after), reason=reason)


def hand_over(household: str, leaver: str, head: str, relations: dict[str, str], reason: str = "") -> None:
	"""Make *head* the head of *household*, which *leaver*, who was it, leaves; *relations* gives the others' relation.

	The leaver's row keeps saying that she was its head. Raises what `change_head` raises.
	"""
	doc = _own(household)
	members = _members(doc.name)
	members.pop(leaver, None)
	after = {name: relations.get(name, "") for name in members} | {head: households.HEAD}
	_check_members(doc, {head, *relations}, members)
	_check_relations(after)
	_set_relations(doc, members, after, head)
	note(HEAD, doc, members=_changed(members, after), reason=reason)


@frappe.whitelist(methods=["POST"])
def split(
	household: str,
	members: str | list[str],
	head: str,
	relations: str | dict[str, str],
	household_no: str = "",
	reason: str = "",
) -> str:
	"""Let *members* of *household* found one of their own under *head* in the same grid; return its name.

	The old head stays where she is. *relations* gives the others' relation to the new head. Raises PermissionError,
	MemberError, HeadError, NumberTakenError.
	"""
	doc, relations, members = _own(household), _given(relations), list(frappe.parse_json(members) or ())
	standing = _members(doc.name)
	_check_members(doc, {head, *members, *relations}, standing)
	if doc.head in members:
		frappe.throw(
			_("The head stays. Change the head first, or choose other members."), residents.HeadError
		)
	if head not in members:
		frappe.throw(_("The new head has to be one of those who leave."), MemberError)
	after = {name: relations.get(name, "") for name in members} | {head: households.HEAD}
	_check_relations(after)
	copied = {
		field: doc.get(field)
		for field in ("grid", "address", "house_type", "residence_state", "latitude", "longitude")
	}
	new = frappe.get_doc({"doctype": HOUSEHOLD, "household_no": household_no, **copied}).insert()
	_put(new, members)
	residents.leave_group(doc.name, members)
	_set_relations(new, {name: standing[name] for name in members}, after, head)
	residents.recount({doc.name, new.name})
	note(
		SPLIT,
		doc,
		other=new.name,
		members=_changed({name: standing[name] for name in members}, after),
		reason=reason,
	)
	return new.name


@frappe.whitelist(methods=["POST"])
def merge(household: str, into: str, relations: str | dict[str, str], reason: str = "") -> None:
	"""Let all members of *household* join *into*, whose head stays; *household* is dissolved and stays as history.

	*relations* gives their relation to that head. Raises PermissionError for either outside the scope, MergeError,
	MemberError, HeadError.
	"""
	doc, other, relations = _own(household), _own(into), _given(relations)
	if doc.name == other.name:
		frappe.throw(_("A household cannot be merged into itself."), MergeError)
	standing = _members(doc.name)
	_check_members(doc, set(relations), standing)
	after = {name: relations.get(name, "") for name in standing}
	_check_relations({other.head or "": households.HEAD, **after})
	_put(other, list(standing))
	residents.leave_group(doc.name, list(standing))
	_set_relations(other, standing, after, other.head)
	_end(doc, merged_into=other.name)
	residents.recount({doc.name, other.name})
	note(MERGE, doc, other=other.name, members=_changed(standing, after), reason=reason)


@frappe.whitelist(methods=["POST"])
def move(household: str, grid: str, reason: str = "") -> None:
	"""Let *household* with its people lie in *grid* from now on. Its issues stay where they happened.

	Raises PermissionError for a household or a grid outside the scope, LevelError for a node that holds no households,
	NumberTakenError where the other village has given its number.
	"""
	doc = _own(household)
	doc.grid = grid
	doc.flags.reason = reason
	doc.save()


@frappe.whitelist(methods=["POST"])
def dissolve(household: str, reason: str) -> None:
	"""End *household*, in which nobody lives any more. Raises PermissionError, MergeError while somebody does."""
	doc = _own(household)
	if _members(doc.name):
		frappe.throw(_("Somebody still belongs to this household. Enter where they went first."), MergeError)
	_end(doc)
	note(DISSOLVE, doc, reason=reason)


def note(
	kind: str,
	doc: Document,
	other: str | None = None,
	from_grid: str | None = None,
	members: list[dict[str, str]] | None = None,
	reason: str = "",
	on: date | None = None,
) -> None:
	"""Write a line of the history of the household *doc*, which nobody changes afterwards; *on*: when it happened."""
	line = frappe.get_doc(
		{
			"doctype": CHANGE,
			"kind": kind,
			"household": doc.name,
			"other_household": other,
			"from_grid": from_grid,
			"grid": doc.grid,
			"happened_on": on or getdate(),
			"changed_by": frappe.session.user,
			"at": now_datetime(),
			"reason": (reason or "").strip(),
			"members": members or [],
		}
	)
	line.flags.by_room = True
	line.insert(
		ignore_permissions=True
	)  # who may change the household leaves a trace, though she writes no log


def _own(name: str) -> Document:
	doc = frappe.get_doc(HOUSEHOLD, name)
	doc.check_permission("write")
	if doc.status == "Dissolved":
		frappe.throw(_("This household is dissolved and stays as it was."), MergeError)
	return doc


def _given(relations: str | dict[str, str]) -> dict[str, str]:
	"""Relations by resident: the desk sends them as JSON."""
	return dict(frappe.parse_json(relations) or {})


def _members(household: str) -> dict[str, str]:
	"""The relation of each member who is not gone, by name."""
	rows = frappe.get_all(
		RESIDENT,
		filters={
			"household": household,
			"status": ["not in", households.GONE],
			"merged_into": ["is", "not set"],
		},
		fields=["name", "relation_to_head"],
		order_by="name asc",
	)
	return {row.name: row.relation_to_head for row in rows}


def _check_members(doc: Document, named: set[str], members: dict[str, str]) -> None:
	if strangers := sorted(named - set(members)):
		frappe.throw(
			_("{0} of the chosen people do not belong to the household {1}. Load the page again.").format(
				len(strangers), doc.title
			),
			MemberError,
		)


def _check_relations(after: dict[str, str]) -> None:
	known = [relation for relation in after.values() if relation in households.RELATIONS]
	if len(known) < len(after) or households.head_problem(after):
		frappe.throw(_("Enter for everybody the relation to the head, who is one."), residents.HeadError)


def _put(household: Document, members: list[str]) -> None:
	place = {"household": household.name, "grid": household.grid, "grid_path": household.grid_path}
	frappe.db.set_value(RESIDENT, {"name": ["in", members]}, place, update_modified=False)
	residents.place_what_hangs(members, place)


def _set_relations(doc: Document, before: dict[str, str], after: dict[str, str], head: str | None) -> None:
	for name, relation in after.items():
		if before.get(name) != relation:
			frappe.db.set_value(RESIDENT, name, "relation_to_head", relation)
	if doc.head != head:
		frappe.db.set_value(HOUSEHOLD, doc.name, "head", head)
	residents.entitle({doc.name})


def _end(doc: Document, merged_into: str | None = None) -> None:
	values = {"status": "Dissolved", "head": None, "merged_into": merged_into, "household_no": None}
	frappe.db.set_value(HOUSEHOLD, doc.name, values)


def _changed(before: dict[str, str], after: dict[str, str]) -> list[dict[str, str]]:
	return [
		{"resident": name, "relation_before": relation, "relation_after": after.get(name, relation)}
		for name, relation in before.items()
	]
