import frappe
from frappe.model.document import Document


class DigestEntry(Document):
	"""A record that somebody is to be told of with the next digest; nothing of what stands in it, only its name."""


def on_doctype_update() -> None:
	"""Indexes, each with the query it serves."""
	# What waits for one person, each record once for each notification.
	frappe.db.add_unique("Digest Entry", ["for_user", "notification", "document_type", "document_name"])
