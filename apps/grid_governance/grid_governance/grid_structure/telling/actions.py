"""What telling writes: entries that wait for the digest, mail of urgent matters."""

from collections.abc import Collection, Iterable
from typing import Any

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import make_notification_logs
from frappe.email.doctype.email_account.email_account import EmailAccount
from frappe.model.document import Document
from frappe.translate import print_language
from frappe.utils import now_datetime

from grid_governance.grid_structure.telling import messages, queries

CHUNK = 200
"""People whom one job tells: a job of a thousand may take longer than Frappe lets a job run."""


def keep(notification: str, record: tuple[str, str], users: Iterable[str]) -> None:
	"""Keep *record* (DocType, name) for the next digest of *users*; one statement, once for each of them."""
	told = sorted(users)
	if not told:
		return
	frappe.db.sql(
		"""insert ignore into `tabDigest Entry`
			(name, creation, modified, modified_by, owner, for_user, notification, document_type, document_name)
		select left(md5(concat(uuid(), name)), 10), %(at)s, %(at)s, %(by)s, %(by)s, name, %(notification)s,
			%(doctype)s, %(docname)s
		from `tabUser` where name in %(users)s""",
		{
			"at": now_datetime(),
			"by": frappe.session.user,
			"notification": notification,
			"doctype": record[0],
			"docname": record[1],
			"users": told,
		},
	)


def forget(notification: str, record: tuple[str, str], users: Collection[str]) -> None:
	"""Take away what was kept of *record* (DocType, name) for the next digest of *users*."""
	told = {"notification": notification, "document_type": record[0], "document_name": record[1]}
	frappe.db.delete(queries.ENTRY, {**told, "for_user": ["in", list(users)]})


def order(users: list[str], **told: Any) -> None:
	"""Let `ring` tell *users* once the change is committed, a chunk of them in each job; *told* as `ring` has it."""
	for start in range(0, len(users), CHUNK):
		frappe.enqueue(ring, enqueue_after_commit=True, users=users[start : start + CHUNK], **told)


def ring(
	record: dict[str, Any],
	users: list[str],
	log: dict[str, Any],
	mail: str | None,
	language: str,
	notification: str | None = None,
) -> None:
	"""Tell those of *users* who may read *record* in the desk's bell: a background job.

	*record* holds all fields of the document as it was when it changed, with its DocType and name; *log* those of a
	Notification Log. *mail* is the notification that tells of an urgent matter by e-mail too, in *language*; None
	for none. Who has switched the bell off, or may not read the record as it lies now, is not told. What was kept for
	*users* of this *notification*, so that they would be told tomorrow if this job were lost, goes with it.
	"""
	if notification:
		forget(notification, (log["document_type"], log["document_name"]), users)
	doc = frappe.get_doc(record)
	readers = sorted(queries.readers(doc, users))
	addresses = frappe.get_all(
		"User",
		filters={"name": ["in", readers], "enabled": 1},
		pluck="email",
		order_by="name asc",
		limit_page_length=0,
	)
	if not addresses:
		return
	make_notification_logs(frappe._dict(log), addresses)
	if mail:
		# In a job of its own: where mail cannot be sent, the bell rings all the same.
		frappe.enqueue(
			mail_urgent,
			enqueue_after_commit=True,
			notification=mail,
			record=record,
			addresses=addresses,
			language=language,
		)


def mail_urgent(notification: str, record: dict[str, Any], addresses: list[str], language: str) -> None:
	"""Tell of an urgent matter by e-mail too, where the site sends mail, to those of *addresses* who want it."""
	if not sends_mail():
		return
	users = frappe.get_all(
		"User", filters={"email": ["in", sorted(addresses)]}, pluck="name", order_by="name asc"
	)
	mails = [person.mail for person in queries.people(users) if person.mail]
	if mails:
		doc = frappe.get_doc(record)
		row = queries.row(doc)
		with print_language(language):
			part = messages.Part(notification, 1, "", (row,))
			mail(mails, _("Urgent: {0}").format(row.title), [part], doc)


def mail(
	addresses: list[str], subject: str, parts: list[messages.Part], reference: Document | None = None
) -> None:
	"""Put a mail with *parts* into Frappe's queue, for each address by itself."""
	frappe.sendmail(
		recipients=addresses,
		subject=subject,
		template="daily_digest",
		args={"parts": messages.shown(parts)},
		reference_doctype=reference.doctype if reference else None,
		reference_name=reference.name if reference else None,
	)


def sends_mail() -> bool:
	"""Say whether this site has an account that mail goes out from."""
	return bool(EmailAccount.find_outgoing())
