"""Recipients whom the office alone may know: a delivery to somebody in sensitive care stands in no member's list of the day.

So once its time for the door has come, those who may see such deliveries there are told how many are left to them, with the
way to their list. Where nobody may, the nearest office above is told the number, and no name.
"""

import json
from collections import Counter
from datetime import datetime
from urllib.parse import urlencode

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from frappe.utils import escape_html, get_url, now_datetime

from grid_governance.grid_ledger import IDENTITY
from grid_governance.grid_structure.rules import SEGMENT, VILLAGE
from grid_governance.grid_visits import DELIVERY, NOTICE, posts
from grid_governance.grid_visits.notices import LEFT, bell, stages


def tell(now: datetime | None = None) -> int:
	"""Tell of the notices that go to the doors at *now* (default: now) whom their office is to tell; return how many those are.

	Hourly, in one transaction: what is told and that it was told stand together. Each notice once.
	"""
	return sum(_tell_of(frappe.get_doc(NOTICE, name), now or now_datetime()) for name in _due())


def _due() -> list[str]:
	return frappe.get_all(
		NOTICE,
		filters={
			"workflow_state": ["in", stages.going() or [""]],
			"is_sensitive": 1,
			"reserved_told_at": ["is", "not set"],
		},
		pluck="name",
		order_by="name asc",
		limit_page_length=0,
	)


def _tell_of(doc: Document, now: datetime) -> int:
	"""Tell of the notice *doc*; return 1, and 0 where nobody is left, or nobody there to be told."""
	told = [_tell_village(doc, village, number) for village, number in _left(doc.name, now).items()]
	if not any(told):
		return 0
	doc.db_set("reserved_told_at", now, update_modified=False)
	return 1


def _left(notice: str, now: datetime) -> Counter[str]:
	"""How many in each village (by its path) are left to the office."""
	row = DocType(DELIVERY)
	found = (
		frappe.qb.from_(row)
		.select(row.grid_path, Count("*"))
		.where((row.notice == notice) & row.state.isin(LEFT) & (row.is_sensitive == 1))
		.where(row.doorstep_at <= now)
		.groupby(row.grid_path)
		.run()
	)
	villages: Counter[str] = Counter()
	for path, number in found:
		villages[path[: SEGMENT * VILLAGE]] += number
	return villages


def _tell_village(doc: Document, village: str, number: int) -> bool:
	"""Tell those who may see the deliveries in *village*, or the office above; say whether there is anybody."""
	title = escape_html(doc.notice_title)
	users = _users(village, DELIVERY, IDENTITY, right="read")
	if users:
		subject = _("{0} people are left to you to tell: {1}").format(number, title)
		link = f'<a href="{escape_html(_list_of(doc.name))}">{escape_html(_("Whom to Tell"))}</a>'
		said = _("Their care is sensitive. They stand in no grid member's list of the day.")
	else:
		users, link = _users(village, NOTICE, right="write"), ""
		subject = _("{0} people in {1} have not been told: {2}").format(number, _called(village), title)
		said = _("Their care is sensitive, and nobody there holds a post that may see who they are.")
	if users:
		log = {"type": "Alert", "from_user": doc.approved_by or doc.owner, "subject": subject}
		bell.tell_staff(sorted(users), {**log, "email_content": f"<p>{escape_html(said)}</p><p>{link}</p>"})
	return bool(users)


def _users(village: str, *doctypes: str, right: str) -> set[str]:
	"""Those nearest above *village* whose role has *right* on all of *doctypes*."""
	roles = [
		{rule.role for rule in frappe.get_meta(doctype).permissions if rule.get(right) and not rule.permlevel}
		for doctype in doctypes
	]
	return {user for _role, user in posts.nearest(set.intersection(*roles), village)}


def _called(village: str) -> str:
	name = frappe.db.get_value("Grid", {"grid_path": village}, "grid_name")
	return escape_html(name or "")


def _list_of(notice: str) -> str:
	"""The list of the deliveries that have not reached anybody and are the office's."""
	states = json.dumps(["in", LEFT])
	query = urlencode({"notice": notice, "is_sensitive": 1, "state": states})
	return get_url(f"/app/notice-delivery/view/list?{query}")
