"""What Frappe keeps in Redis of rows that a demo makes or removes by sets."""

from collections.abc import Callable

import frappe
from frappe.cache_manager import user_cache_keys


def forget(work: Callable[[], None]) -> None:
	"""Do *work*, which drops what is cached, now and once more when the transaction is committed."""
	work()
	frappe.db.after_commit.add(work)


def forget_users() -> None:
	"""Drop what is kept of all users: roles, rights, home pages; in one go, which is cheaper than one by one.

	A job that runs late may have asked for somebody who was gone, or not there yet, and kept that she has no role.
	"""
	for key in (*user_cache_keys, "users_for_mentions", "enabled_users"):
		frappe.cache.delete_key(key)
