"""What is read to tell people: what a record means to its room, what waits for whom, what she may read of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import frappe
from frappe.model.document import Document
from frappe.model.workflow import get_workflow_name
from frappe.query_builder import DocType
from frappe.utils import add_days

from grid_governance.grid_structure.telling import HOOK, Source, rules

ENTRY = "Digest Entry"
SETTINGS = "Governance Settings"


class Row(NamedTuple):
	"""What is told of a record: what its row in a list shows, and no more. *state* and *due* may be empty."""

	doctype: str
	name: str
	title: str
	state: str
	due: datetime | None


class Person(NamedTuple):
	"""Somebody to be told: *mail* is her address where she has a mailbox and wants mail, else empty."""

	user: str
	mail: str
	language: str


class Waiting(NamedTuple):
	"""What may wait for somebody: names by (notification, DocType), and states by the source they may be due in."""

	entries: dict[tuple[str, str], list[str]]
	states: dict[str, set[str]]


def acting_roles(doc: Document) -> set[str]:
	"""Return the roles whose holders act next on *doc*, by its room; none for a DocType of no room."""
	return _asked("acting_roles", doc) or set()


def standing_in(doc: Document) -> list[set[str]]:
	"""Return the roles that are told instead where nobody acts next on *doc*, by its room: see `Matters`."""
	return [roles for roles in _asked("standing_in", doc) or () if roles]


def is_urgent(doc: Document) -> bool:
	"""Say whether *doc* is told at once by an administrator's mark."""
	return bool(_asked("is_urgent", doc))


def opens(doc: Document) -> tuple[str, str]:
	"""Return DocType and name of the record that a message about *doc* opens: its own, if its room says nothing."""
	return _asked("opens", doc) or (doc.doctype, doc.name)


def sources() -> list[Source]:
	"""Return what is looked through for rows that are due or late."""
	return [source for module in _rooms() for source in module.sources()]


def digest_time() -> timedelta:
	"""Return from what time of the day the digest is told."""
	return frappe.db.get_single_value(SETTINGS, "digest_time") or timedelta()


def row(doc: Document) -> Row:
	"""Return what is told of *doc*."""
	fields = columns(doc.doctype)
	return _row(doc.doctype, frappe._dict({key: doc.get(field) for key, field in fields.items()}))


def columns(doctype: str) -> dict[str, str]:
	"""Return the fields of `Row` that *doctype* has, each with its field's name."""
	meta = frappe.get_meta(doctype)
	due = next((source.due for source in sources() if source.doctype == doctype), None)
	fields = {
		"name": "name",
		"title": meta.get_title_field(),
		"state": "workflow_state" if get_workflow_name(doctype) else None,
		"due": due,
	}
	return {key: field for key, field in fields.items() if field}


def readers(doc: Document, users: Iterable[str]) -> set[str]:
	"""Return those of *users* who may read *doc*. Asks Frappe for each by herself, a millisecond or two."""
	return {user for user in users if frappe.has_permission(doc.doctype, "read", doc=doc, user=user)}


def people(users: Collection[str]) -> list[Person]:
	"""Return those of *users* who are enabled and want to be told, by name."""
	user, wish = DocType("User"), DocType("Notification Settings")
	rows = (
		frappe.qb.from_(user)
		.left_join(wish)
		.on(wish.name == user.name)
		.select(user.name, user.email, user.language, wish.enable_email_notifications)
		.where(user.name.isin(list(users) or [""]) & (user.enabled == 1))
		.where(wish.enabled.isnull() | (wish.enabled == 1))
		.orderby(user.name)
		.run()
	)
	# As Frappe takes it: who has never opened her settings wants mail.
	return [
		Person(name, email if wants in (None, 1) and rules.has_mailbox(email) else "", language or "")
		for name, email, language, wants in rows
	]


def waiting(day: date, until: datetime) -> dict[str, Waiting]:
	"""Return by user what may wait for her: entries made up to *until*, and states in which rows are due by *day*.

	A handful of queries, however many people, grids and rows there are. What she may read of it is asked later.
	"""
	found: dict[str, Waiting] = defaultdict(lambda: Waiting(defaultdict(list), defaultdict(set)))
	for each in frappe.get_all(
		ENTRY,
		filters={"creation": ["<=", until]},
		fields=["for_user", "notification", "document_type", "document_name"],
		order_by="creation asc",
		limit_page_length=0,
	):
		found[each.for_user].entries[each.notification, each.document_type].append(each.document_name)
	looked_through = sources()
	posts = _posts({role for source in looked_through for roles in source.acting.values() for role in roles})
	for source in looked_through:
		places = rules.places_of(_due_places(source, day), source.acting)
		for user, role, path, department in posts:
			place = department if source.department else path
			if place and bool(department) == bool(source.department) and (place, role) in places:
				states = {state for state, roles in source.acting.items() if role in roles}
				found[user].states[source.doctype] |= states
	return dict(found)


def due(user: str, source: Source, states: Collection[str], day: date) -> list[Row]:
	"""Return the rows of *source* in *states* that are due by the end of *day* and that *user* reads in her list."""
	filters = {source.due: ["<", add_days(day, 1)], source.state: ["in", sorted(states)]}
	return _listed(user, source.doctype, filters, f"{source.due} asc")


def readable(user: str, doctype: str, names: Collection[str]) -> list[Row]:
	"""Return those of the records *names* that *user* reads in her list."""
	return _listed(user, doctype, {"name": ["in", sorted(set(names))]}, "creation desc")


def _listed(user: str, doctype: str, filters: dict[str, Any], order_by: str) -> list[Row]:
	"""Return the rows of the list of *doctype* as *user* sees it; none where she may see no list at all."""
	fields = columns(doctype)
	try:
		rows = frappe.get_list(
			doctype,
			user=user,
			filters=filters,
			fields=[f"{field} as {key}" for key, field in fields.items()],
			order_by=order_by,
			limit_page_length=0,
		)
	except frappe.PermissionError:
		return []
	return [_row(doctype, each) for each in rows]


def _row(doctype: str, values: frappe._dict) -> Row:
	return Row(doctype, values.name, values.title or values.name, values.state or "", values.due)


def _due_places(source: Source, day: date) -> list[tuple[str, str, str | None]]:
	"""Return (grid path, state, department or None) of the rows of *source* that are due by the end of *day*."""
	table = DocType(source.doctype)
	state = table[source.state]
	fields = [table.grid_path, state]
	if source.department:
		fields.append(table[source.department])
	rows = (
		frappe.qb.from_(table)
		.select(*fields)
		.distinct()
		.where((table[source.due] < add_days(day, 1)) & state.isin(sorted(source.acting) or [""]))
		.run()
	)
	return [(each[0], each[1], each[2] if source.department else None) for each in rows]


def _posts(roles: Collection[str]) -> list[tuple[str, str, str, str | None]]:
	"""Return (user, role, grid path, department or None) of the posts held today that give one of *roles*."""
	post, today = DocType("Grid Post Assignment"), frappe.utils.getdate()
	return (
		frappe.qb.from_(post)
		.select(post.user, post.role, post.grid_path, post.department)
		.distinct()
		.where(post.role.isin(sorted(roles) or [""]) & post.user.isnotnull())
		.where((post.from_date <= today) & (post.to_date.isnull() | (post.to_date >= today)))
		.run()
	)


def _rooms() -> list[Any]:
	return [frappe.get_module(path) for path in frappe.get_hooks(HOOK)]


def _asked(question: str, doc: Document) -> Any:
	answers = (getattr(module, question)(doc) for module in _rooms() if hasattr(module, question))
	return next((answer for answer in answers if answer is not None), None)
