"""Which notifications a save can set off at all.

Frappe reads every notification on the change of a value anew, with its recipients, before it looks whether the value has
changed. Where a DocType has many of them, most of what a save reads is that.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from frappe.model.document import Document


@contextmanager
def only_concerned(doc: Document) -> Iterator[None]:
	"""Show Frappe, while it looks through the notifications of *doc*, only those whose value may have changed."""
	alerts = doc.flags.notifications
	if not alerts:  # as Frappe found them at the first event of the save: not looked for yet, or none
		yield
		return
	doc.flags.notifications = [alert for alert in alerts if not _stands(alert, doc)]
	try:
		yield
	finally:
		doc.flags.notifications = alerts


def _stands(alert: frappe._dict, doc: Document) -> bool:
	"""Say whether the value that *alert* (`name`, `event`) watches is the same as before; False where that is not sure."""
	before = doc.get_doc_before_save()
	if alert.event != "Value Change" or not before:
		return False
	watched = frappe.get_cached_value("Notification", alert.name, "value_changed")
	return bool(watched) and doc.get(watched) == before.get(watched)
