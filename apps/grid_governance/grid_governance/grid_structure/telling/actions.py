"""What telling writes: entries that wait for the digest, mail of urgent matters."""

from collections.abc import Iterable

import frappe
from frappe import _
from frappe.email.doctype.email_account.email_account import EmailAccount
from frappe.model.document import Document
from frappe.utils import now_datetime

from grid_governance.grid_structure.telling import messages, queries


def keep(notification: str, record: tuple[str, str], users: Iterable[str]) -> None:
	"""Keep *record* (DocType, name) for the next digest of *users*; one statement, once for each of them."""
	at, by = now_datetime(), frappe.session.user
	columns = ["name", "creation", "modified", "modified_by", "owner"]
	columns += ["for_user", "notification", "document_type", "document_name"]
	rows = [
		(frappe.generate_hash(length=10), at, at, by, by, user, notification, *record)
		for user in sorted(users)
	]
	if rows:
		frappe.db.bulk_insert(queries.ENTRY, columns, rows, ignore_duplicates=True)


def mail_urgent(notification: str, doc: Document, addresses: Iterable[str]) -> None:
	"""Tell of an urgent matter by e-mail too, where the site sends mail, to those of *addresses* who want it."""
	if not sends_mail():
		return
	users = frappe.get_all(
		"User", filters={"email": ["in", sorted(addresses)]}, pluck="name", order_by="name asc"
	)
	mails = [person.mail for person in queries.people(users) if person.mail]
	if mails:
		row = queries.row(doc)
		mail(mails, _("Urgent: {0}").format(row.title), [messages.Part(notification, 1, "", (row,))], doc)


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
