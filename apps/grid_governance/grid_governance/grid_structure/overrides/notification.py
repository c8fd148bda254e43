"""Notification: nobody is told of a record that she may not read.

Frappe sends to everyone who has a role, in every village, and to whatever address stands in a field. For records
that lie in a grid, "by role" here means those whose post gives that role over the record's grid, and every
recipient must be a user who may read the record.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import frappe
from frappe import _
from frappe.email.doctype.notification.notification import Notification
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import getdate

from grid_governance.scope.custom_fields import BY_POST, SITE_WIDE
from grid_governance.scope.registry import attachment, limiting_field

NO_PERSON = ("Slack",)
"""Channels that reach a group, of which nobody knows who reads it."""


class ChannelReachesEveryoneError(frappe.ValidationError):
	"""A record that lies in a grid must not be told where everyone reads it."""


class ScopedNotification(Notification):
	"""A notification whose recipients are readers of the record."""

	def validate(self) -> None:
		"""Refuse a channel that cannot be limited to the record's readers."""
		super().validate()
		if self.channel in NO_PERSON and _is_limited(self.document_type):
			frappe.throw(
				_(
					"{0} lies in a grid, and {1} reaches people who may not read it. Choose another channel."
				).format(_(self.document_type), _(self.channel)),
				ChannelReachesEveryoneError,
			)

	def get_list_of_recipients(self, doc: Document, context: dict) -> tuple[list[str], list[str], list[str]]:
		"""Return the addresses for to, cc and bcc."""
		if not _is_limited(doc.doctype):
			return super().get_list_of_recipients(doc, context)
		with self._roles_apart() as roles:
			found = super().get_list_of_recipients(doc, context)
		lists = [[each.strip() for each in some] for some in found]
		users = _readers(doc, self._holders(roles, doc, context))
		named = set().union(*lists)
		known = _users_by("email", named)
		allowed = _readers(doc, known.values())
		to, cc, bcc = ([each for each in some if known.get(each) in allowed] for some in lists)
		emails = [user.email for user in _details(users) if user.email]
		return list(dict.fromkeys([*to, *emails])), cc, bcc

	def get_receiver_list(self, doc: Document, context: dict) -> list[str]:
		"""Return the mobile numbers."""
		if not _is_limited(doc.doctype):
			return super().get_receiver_list(doc, context)
		with self._roles_apart() as roles:
			numbers = [each for each in super().get_receiver_list(doc, context) if each]
		known = _users_by("mobile_no", numbers)
		allowed = _readers(doc, known.values())
		users = _readers(doc, self._holders(roles, doc, context))
		own = [user.mobile_no for user in _details(users) if user.mobile_no]
		return list(dict.fromkeys([*(each for each in numbers if known.get(each) in allowed), *own]))

	@contextmanager
	def _roles_apart(self) -> Iterator[list]:
		"""Hide the roles of the recipients from Frappe, which would read every user of a role."""
		rows = self.recipients
		self.recipients = [frappe._dict(row.as_dict(), receiver_by_role=None) for row in rows]
		try:
			yield [row for row in rows if row.receiver_by_role]
		finally:
			self.recipients = rows

	@staticmethod
	def _holders(rows: list, doc: Document, context: dict) -> set[str]:
		"""Return the users of the roles in *rows* at the record's place, but for who made the change."""
		roles = {
			row.receiver_by_role
			for row in rows
			if not row.condition or frappe.safe_eval(row.condition, None, context)
		}
		return set().union(*(_holders_of(role, doc) for role in roles)) - {doc.modified_by}


def _is_limited(doctype: str) -> bool:
	return bool(limiting_field(doctype) or attachment(doctype))


def _holders_of(role: str, doc: Document) -> set[str]:
	"""Return the users whose post gives *role* over the grid of *doc*; of a role without posts, all."""
	marks = frappe.get_cached_value("Role", role, [BY_POST, SITE_WIDE]) or (0, 0)
	path = _path(doc)
	if not marks[0] or marks[1] or not path:
		return set(
			frappe.get_all(
				"Has Role",
				filters={"role": role, "parenttype": "User"},
				pluck="parent",
				order_by="parent asc",
				limit_page_length=0,
			)
		)
	post, today = DocType("Grid Post Assignment"), getdate()
	above = [path[:end] for end in range(4, len(path) + 1, 4)]
	rows = (
		frappe.qb.from_(post)
		.select(post.user)
		.distinct()
		.where((post.role == role) & post.grid_path.isin(above) & post.user.isnotnull())
		.where((post.from_date <= today) & (post.to_date.isnull() | (post.to_date >= today)))
		.run()
	)
	return {user for (user,) in rows if user}


def _path(doc: Document) -> str | None:
	"""Return the place of a record in the tree, None for one that hangs on another."""
	if doc.get("grid_path"):
		return doc.grid_path
	grid = doc.get(limiting_field(doc.doctype) or "")
	return frappe.db.get_value("Grid", grid, "grid_path") if grid else None


def _readers(doc: Document, users: Iterable[str]) -> set[str]:
	"""Return those of *users* who are enabled and may read *doc*."""
	enabled = {user.name for user in _details(set(users))}
	return {user for user in enabled if frappe.has_permission(doc.doctype, "read", doc=doc, user=user)}


def _details(users: Iterable[str]) -> list[frappe._dict]:
	return frappe.get_all(
		"User",
		filters={"name": ("in", sorted(users) or [""]), "enabled": 1},
		fields=["name", "email", "mobile_no"],
		order_by="name asc",
		limit_page_length=0,
	)


def _users_by(field: str, values: Iterable[str]) -> dict[str, str]:
	"""Return the user to whom each of *values* belongs, where one does."""
	wanted = sorted({value for value in values if value})
	if not wanted:
		return {}
	rows = frappe.get_all(
		"User",
		filters={field: ("in", wanted)},
		fields=["name", field],
		order_by="name asc",
		limit_page_length=0,
	)
	return {row[field]: row.name for row in rows}
