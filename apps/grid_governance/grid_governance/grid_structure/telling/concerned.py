"""Which notifications a save can set off at all.

Frappe reads every notification on the change of a value anew, with its recipients, before it looks whether the value has
changed. Where a DocType has many of them, most of what a save reads is that.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from frappe.model.document import Document

NOTIFICATION = "Notification"
CHANGE = "on_change"


@contextmanager
def only_concerned(doc: Document, method: str) -> Iterator[None]:
	"""Show Frappe, while it looks through the notifications of *doc* at a change, only those whose value has changed, and
	these as they are kept in the cache: it takes a notification for a name, too, and does not read it then."""
	alerts = doc.flags.notifications
	if method != CHANGE or not alerts:  # Frappe looks for them at the first event of a save
		yield
		return
	doc.flags.notifications = [_known(alert) for alert in alerts if not _stands(alert, doc)]
	try:
		yield
	finally:
		doc.flags.notifications = alerts


def _known(alert: frappe._dict) -> frappe._dict:
	return frappe._dict(alert, name=frappe.get_cached_doc(NOTIFICATION, alert.name))


def _stands(alert: frappe._dict, doc: Document) -> bool:
	"""Say whether the value that *alert* (`name`, `event`) watches is the same as before; False where that is not sure."""
	before = doc.get_doc_before_save()
	if alert.event != "Value Change" or not before:
		return False
	watched = frappe.get_cached_value(NOTIFICATION, alert.name, "value_changed")
	return bool(watched) and doc.get(watched) == before.get(watched)
