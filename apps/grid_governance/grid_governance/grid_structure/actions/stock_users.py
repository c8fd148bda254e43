"""What Frappe does with users by itself and what does not fit people who have accounts by their posts."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import add_to_date, now_datetime

from grid_governance.grid_structure.actions.batches import MAIL_DOMAIN
from grid_governance.scope.doors.patches import MissingDoorError, replace

USUAL_LIMIT = 60
"""Users an hour where the site's config has no `throttle_user_limit`; Frappe's own number."""

SYSTEM_MANAGER = "System Manager"

_installed: list[bool] = []


def install(*args: Any, **kwargs: Any) -> None:
	"""Put our functions in the place of Frappe's, once per process; called before each request and each job."""
	if _installed:
		return
	for path, ours in OURS.items():
		with suppress(MissingDoorError):
			replace(path, ours)
	_installed.append(True)


def count_by_hand(stock: Callable[[], None]) -> None:
	"""Let Frappe refuse another user only when that many were made one by one.

	It refuses every new user once sixty were made within an hour, also by a batch.
	"""
	made = frappe.db.count(
		"User",
		{
			"creation": [">=", add_to_date(now_datetime(), hours=-1)],
			"name": ["not like", f"%@{MAIL_DOMAIN}"],
		},
	)
	if made > frappe.conf.get("throttle_user_limit", USUAL_LIMIT):
		stock()


def make_system_manager(stock: Callable[[Document], None], user: Document) -> None:
	"""Make nobody a system manager but Administrator.

	On a site without one Frappe makes the next user that is saved a system manager: here the first grid member
	who chooses a password.
	"""
	if user.name == "Administrator":
		stock(user)


def keep_system_manager(stock: Callable[[Document], None], user: Document) -> None:
	"""Let Frappe ask for another system manager only when one is locked or deleted, not with everybody else."""
	if frappe.db.exists("Has Role", {"parent": user.name, "parenttype": "User", "role": SYSTEM_MANAGER}):
		stock(user)


OURS = {
	"frappe.core.doctype.user.user.throttle_user_creation": count_by_hand,
	"frappe.core.doctype.user.user.User.add_system_manager_role": make_system_manager,
	"frappe.core.doctype.user.user.User.a_system_manager_should_exist": keep_system_manager,
}
