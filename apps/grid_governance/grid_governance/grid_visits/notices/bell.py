"""The bell of the grid staff rings for a notice that goes to their households.

The bell bears the notice's text and the address of its public page, not the record: a notice of the township lies above
those who carry it to the doors.
"""

from typing import Any

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import make_notification_logs
from frappe.query_builder import DocType
from frappe.utils import escape_html, getdate, now_datetime
from pypika.functions import Concat
from pypika.terms import ExistsCriterion

from grid_governance.grid_structure.rules import AFTER_DIGITS
from grid_governance.grid_visits import DELIVERY, NOTICE, wechat
from grid_governance.grid_visits.notices import expiry

CHUNK = 200
"""People whom one job tells."""


def order(notice: str) -> None:
	"""Have `ring` done by a job once this transaction is committed."""
	frappe.enqueue(
		ring, enqueue_after_commit=True, job_id=f"notice_bell|{notice}", deduplicate=True, notice=notice
	)


def ring(notice: str) -> None:
	"""Tell in the bell those who hold a post where *notice* is delivered, at its grid or below: a background job.

	Once, however often it is ordered; a job that is killed has ordered nothing.
	"""
	doc = frappe.get_doc(NOTICE, notice, for_update=True)
	if doc.bell_rung_at or expiry.is_over(doc):
		return
	users = [user for user in staff(doc) if user not in (doc.owner, doc.approved_by)]
	link = escape_html(wechat.address(doc.public_code))
	log = {
		"type": "Alert",
		"from_user": doc.approved_by or doc.owner,
		"subject": _("New notice: {0}").format(escape_html(doc.notice_title)),
		"email_content": f"<p>{escape_html(doc.content or '')}</p>"
		f'<p><a href="{link}">{escape_html(_("Open the page of the notice"))}</a></p>',
	}
	for start in range(0, len(users), CHUNK):
		frappe.enqueue(tell_staff, enqueue_after_commit=True, users=users[start : start + CHUNK], log=log)
	doc.db_set("bell_rung_at", now_datetime(), update_modified=False)


def tell_staff(users: list[str], log: dict[str, Any]) -> None:
	"""Write *log* into the bell of those of *users* who have it on: a background job."""
	addresses = frappe.get_all(
		"User",
		filters={"name": ["in", users], "enabled": 1},
		pluck="email",
		order_by="name asc",
		limit_page_length=0,
	)
	make_notification_logs(frappe._dict(log), addresses)


def staff(doc: frappe._dict) -> list[str]:
	"""Return the users whose post of today, at the grid of the notice *doc* or below, reads deliveries of it.

	Not for one to somebody in sensitive care: of small grids, who hears the bell would tell where she lives. See `reserved`.
	"""
	post, delivery = DocType("Grid Post Assignment"), DocType(DELIVERY)
	roles = {rule.role for rule in frappe.get_meta(DELIVERY).permissions if rule.read and not rule.permlevel}
	today = getdate()
	here = (
		frappe.qb.from_(delivery)
		.select(delivery.name)
		.where((delivery.notice == doc.name) & (delivery.is_sensitive == 0))
		.where(delivery.grid_path >= post.grid_path)
		.where(delivery.grid_path < Concat(post.grid_path, AFTER_DIGITS))
	)
	return (
		frappe.qb.from_(post)
		.select(post.user)
		.distinct()
		.where(post.role.isin(sorted(roles)) & post.user.isnotnull() & (post.from_date <= today))
		.where(post.to_date.isnull() | (post.to_date >= today))
		.where((post.department == "") | post.department.isnull())
		.where((post.grid_path >= doc.grid_path) & (post.grid_path < doc.grid_path + AFTER_DIGITS))
		.where(ExistsCriterion(here))
		.orderby(post.user)
		.run(pluck=True)
	)
