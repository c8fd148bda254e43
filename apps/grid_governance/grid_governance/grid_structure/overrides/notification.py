"""Notification: nobody is told of a record that she may not read, and not everything at once.

Frappe sends to everyone who has a role, in every village, and to whatever address stands in a field. For records
that lie in a grid, "by role" here means those whose post gives that role over the record's grid, and every
recipient must be a user who may read the record. Whoever made the change is not told of it. What a notification
says is not told at once waits for the daily digest (`telling`).

A role may be held by over a thousand people, and to ask for each whether she may read the record takes a
millisecond or two. So the bell and the digest ask when they tell, in a background job; the request that made the
change only finds out who is meant.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import frappe
from frappe import _
from frappe.email.doctype.notification.notification import Notification
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import getdate

from grid_governance.grid_structure.telling import actions as telling
from grid_governance.grid_structure.telling import queries, rules
from grid_governance.grid_structure.telling.custom_fields import ACTS_NEXT, TIME
from grid_governance.scope.custom_fields import BY_POST, SITE_WIDE
from grid_governance.scope.registry import attachment, limiting_field

NO_PERSON = ("Slack",)
"""Channels that reach a group, of which nobody knows who reads it."""


class ChannelReachesEveryoneError(frappe.ValidationError):
	"""A record that lies in a grid must not be told where everyone reads it."""


class ScopedNotification(Notification):
	"""A notification whose recipients are readers of the record, told at once or with the daily digest.

	It is the same as its name, by which Frappe remembers what was told in a save (`telling.concerned`).
	"""

	def __eq__(self, other: object) -> bool:
		return self.name == (other.name if isinstance(other, Notification) else other)

	def __hash__(self) -> int:
		return hash(self.name)

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

	def create_system_notification(self, doc: Document, context: dict) -> None:
		"""Tell in the desk's bell; of an urgent matter by e-mail as well."""
		if not _is_limited(doc.doctype):
			super().create_system_notification(doc, context)
		elif not self._keep(doc, context):
			self._ring(doc, context)

	def send_an_email(self, doc: Document, context: dict) -> None:
		"""Tell by e-mail."""
		if not _is_limited(doc.doctype) or not self._keep(doc, context):
			super().send_an_email(doc, context)

	def send_sms(self, doc: Document, context: dict) -> None:
		"""Tell by text message."""
		if not _is_limited(doc.doctype) or not self._keep(doc, context):
			super().send_sms(doc, context)

	def get_list_of_recipients(self, doc: Document, context: dict) -> tuple[list[str], list[str], list[str]]:
		"""Return the addresses for to, cc and bcc."""
		if not _is_limited(doc.doctype):
			return super().get_list_of_recipients(doc, context)
		meant = self._meant(doc, context)
		readers = queries.readers(doc, {user.name for users in meant for user in users})
		to, cc, bcc = ([user.email for user in users if user.name in readers] for users in meant)
		return to, cc, bcc

	def get_receiver_list(self, doc: Document, context: dict) -> list[str]:
		"""Return the mobile numbers."""
		stock = super().get_receiver_list
		if not _is_limited(doc.doctype):
			return stock(doc, context)
		numbers: list[str] = []
		holders: set[str] = set()
		for found, meant in self._of_each_row(stock, doc, context):
			holders |= meant
			numbers += [each for each in found if each]
		known = _users_by("mobile_no", numbers)
		enabled = _enabled({*known.values(), *holders})
		readers = queries.readers(doc, enabled)
		own = [enabled[user].mobile_no for user in sorted(holders & readers) if enabled[user].mobile_no]
		return list(dict.fromkeys([*(each for each in numbers if known.get(each) in readers), *own]))

	def _ring(self, doc: Document, context: dict) -> None:
		"""Let the bell be rung, once the change that is told of is committed, for those who may then read *doc*."""
		meant = self._everybody_meant(doc, context)
		if not meant:
			return
		attached = self.get_attachment(doc)
		record = queries.opens(doc)
		# Until they are told: a job can be lost on its way to the worker.
		telling.keep(self.name, record, meant)
		telling.order(
			sorted(meant),
			notification=self.name,
			record=doc.as_dict(),
			log={
				"type": "Alert",
				"document_type": record[0],
				"document_name": record[1],
				"subject": frappe.render_template(self.subject, context),
				"from_user": None if doc.flags.by_clock else frappe.session.user,
				"email_content": frappe.render_template(self.message, context),
				"attached_file": frappe.as_json(attached[0]) if attached else None,
			},
			mail=self.name if queries.is_urgent(doc) else None,
			language=frappe.local.lang,
		)

	def _keep(self, doc: Document, context: dict) -> bool:
		"""Keep *doc* for the daily digest of the recipients, and say so; False when it is to be told at once.

		The digest tells each what her own list shows her then.
		"""
		told = self.get(TIME)
		if not rules.waits(told, told == rules.URGENT_AT_ONCE and queries.is_urgent(doc)):
			return False
		telling.keep(self.name, queries.opens(doc), self._everybody_meant(doc, context))
		return True

	def _everybody_meant(self, doc: Document, context: dict) -> set[str]:
		return {user.name for users in self._meant(doc, context) for user in users}

	def _meant(
		self, doc: Document, context: dict
	) -> tuple[list[frappe._dict], list[frappe._dict], list[frappe._dict]]:
		"""Return the users for to, cc and bcc: enabled ones with an address, whether they may read *doc* or not."""
		lists: tuple[list[str], list[str], list[str]] = ([], [], [])
		holders: set[str] = set()
		for found, meant in self._of_each_row(super().get_list_of_recipients, doc, context):
			holders |= meant
			for addresses, more in zip(lists, found, strict=True):
				addresses += [each.strip() for each in more if each]
		known = _users_by("email", set().union(*lists) - {frappe.session.user})
		enabled = _enabled({*known.values(), *holders})
		named = [dict.fromkeys(known[each] for each in some if known.get(each) in enabled) for some in lists]
		named[0] |= dict.fromkeys(sorted(user for user in holders & set(enabled) if enabled[user].email))
		to, cc, bcc = ([enabled[user] for user in users] for users in named)
		return to, cc, bcc

	def _of_each_row(
		self, stock: Callable[..., Any], doc: Document, context: dict
	) -> Iterator[tuple[Any, set[str]]]:
		"""Yield for each row, asked by itself, what Frappe finds without its roles, and the users its roles mean."""
		answers = (self._of_row(row, stock, doc, context) for row in self.recipients or [None])
		yield from filter(None, answers)

	def _of_row(
		self, row: Document | None, stock: Callable[..., Any], doc: Document, context: dict
	) -> tuple[Any, set[str]] | None:
		"""Return what `_of_each_row` yields; None for a row that is badly written, with a line in the Error Log."""
		try:
			with self._only(row):
				found = stock(doc, context)
			meant = _holders(row, doc, context) if row else set()
		except Exception:
			self.log_error(_("A recipient of the notification {0} is badly written.").format(self.name))
			return None
		return found, meant - {frappe.session.user}

	@contextmanager
	def _only(self, row: Document | None) -> Iterator[None]:
		"""Show Frappe one row, without its role: it would read every user who has it."""
		rows = self.recipients
		self.recipients = [frappe._dict(row.as_dict(), receiver_by_role=None)] if row else []
		try:
			yield
		finally:
			self.recipients = rows


def _is_limited(doctype: str) -> bool:
	return bool(limiting_field(doctype) or attachment(doctype))


def _holders(row: Document, doc: Document, context: dict) -> set[str]:
	"""Return the users of the roles that *row* means at the record's place."""
	if row.condition and not frappe.safe_eval(row.condition, None, context):
		return set()
	roles = queries.acting_roles(doc) if row.get(ACTS_NEXT) else set()
	named = {row.receiver_by_role} - {None, ""}
	found = _holders_of({*roles, *named}, doc) if roles or named else set()
	if roles and not (_holders_of(roles, doc) if named else found):
		found |= _standing_in(doc)
	return found


def _standing_in(doc: Document) -> set[str]:
	"""Return who is told where nobody acts next: those nearest above the record's grid who act after that, or see it."""
	path = _path(doc)
	if not path:
		return set()
	holders = ((_posts_held(path, roles, doc), path) for roles in queries.standing_in(doc))
	return next(filter(None, (rules.nearest(*each) for each in holders)), set())


def _holders_of(roles: set[str], doc: Document) -> set[str]:
	"""Return the users whose post gives one of *roles* over the grid of *doc*; of roles without posts, all.

	A post in a department counts where the record is given to that department, if it says to which.
	"""
	path = _path(doc)
	marks = {role: frappe.get_cached_value("Role", role, [BY_POST, SITE_WIDE]) or (0, 0) for role in roles}
	by_post = {role for role, (post, site_wide) in marks.items() if path and post and not site_wide}
	found: set[str] = set()
	if others := roles - by_post:
		found |= set(
			frappe.get_all(
				"Has Role",
				filters={"role": ["in", sorted(others)], "parenttype": "User"},
				pluck="parent",
				order_by="parent asc",
				limit_page_length=0,
			)
		)
	if by_post:
		found |= _holders_at(path, by_post, doc)
	return found


def _holders_at(path: str, roles: set[str], doc: Document) -> set[str]:
	return {user for user, _place in _posts_held(path, roles, doc)}


def _posts_held(path: str, roles: set[str], doc: Document) -> list[tuple[str, str]]:
	"""Return (user, grid path) of the posts at or above *path* that give one of *roles* today, of enabled accounts."""
	post, user, today = DocType("Grid Post Assignment"), DocType("User"), getdate()
	holding = (
		frappe.qb.from_(post)
		.join(user)
		.on(user.name == post.user)
		.select(post.user, post.grid_path)
		.distinct()
		.where(post.role.isin(sorted(roles)) & post.grid_path.isin(rules.above(path)) & (user.enabled == 1))
		.where((post.from_date <= today) & (post.to_date.isnull() | (post.to_date >= today)))
	)
	if doc.meta.has_field("department"):
		holding = holding.where(post.department.isnull() | (post.department.isin(["", doc.department or ""])))
	return holding.run()


def _path(doc: Document) -> str | None:
	"""Return the place of a record in the tree, None for one that hangs on another."""
	if doc.get("grid_path"):
		return doc.grid_path
	grid = doc.get(limiting_field(doc.doctype) or "")
	return frappe.db.get_value("Grid", grid, "grid_path") if grid else None


def _enabled(users: Iterable[str]) -> dict[str, frappe._dict]:
	"""Return by name those of *users* who are enabled and did not make the change themselves.

	Each with `name`, `email` and `mobile_no`.
	"""
	others = sorted(set(users) - {frappe.session.user})
	if not others:
		return {}
	enabled = frappe.get_all(
		"User",
		filters={"name": ("in", others), "enabled": 1},
		fields=["name", "email", "mobile_no"],
		order_by="name asc",
		limit_page_length=0,
	)
	return {user.name: user for user in enabled}


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
