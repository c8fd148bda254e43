"""Frappe refuses every new user once sixty were made within an hour. Those made in a batch do not count."""

from collections.abc import Callable
from typing import Any

import frappe
from frappe.utils import add_to_date, now_datetime

from grid_governance.grid_structure.actions.batches import MAIL_DOMAIN
from grid_governance.scope.doors.patches import replace

STOCK = "frappe.core.doctype.user.user.throttle_user_creation"
USUAL_LIMIT = 60
"""Users an hour where the site's config has no `throttle_user_limit`; Frappe's own number."""

_installed: list[bool] = []


def install(*args: Any, **kwargs: Any) -> None:
	"""Put our count in the place of Frappe's, once per process; called before each request and each job."""
	if not _installed:
		replace(STOCK, count_by_hand)
		_installed.append(True)


def count_by_hand(stock: Callable[[], None]) -> None:
	"""Let Frappe refuse another user only when that many were made one by one."""
	made = frappe.db.count(
		"User",
		{
			"creation": [">=", add_to_date(now_datetime(), hours=-1)],
			"name": ["not like", f"%@{MAIL_DOMAIN}"],
		},
	)
	if made > frappe.conf.get("throttle_user_limit", USUAL_LIMIT):
		stock()
