"""What the printed sheets of an issue show. Each reads what its reader may read, whoever calls it."""

import base64
import mimetypes

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance import photos
from grid_governance.grid_issues import ISSUE, REFERRAL, clocks, log, markers, pauses, rules
from grid_governance.grid_structure.rules import paths_above
from grid_governance.scope.doors.core import hidden_fields


def issue_handling_form(issue: str) -> frappe._dict:
	"""Return what the handling form of *issue* shows. Needs read permission on the issue.

	`issue` (the document without the fields that the reader's permission level hides), `place` (names from the
	township down to its grid), `urgency`, `category`, `group`, `reporter` (name of the worker, or of the user), `pauses` (for how
	long its clock stood still, in words), `photos` (each
	with its `label` and `data`, its address with the picture in it, so that a sheet is whole by itself) and `steps`: the whole log with what departments did and what was said of more time, the first step first, each with `at`, `who`,
	`done`, `to_state` and `words` (opinion, and what was corrected).
	"""
	doc = _readable(ISSUE, issue)
	category = frappe.get_cached_doc("Issue Category", doc.category) if doc.category else frappe._dict()
	return frappe._dict(
		issue=doc,
		place=_place(doc.grid_path) if doc.grid_path else [],
		urgency=clocks.name_of(doc.urgency),
		category=category.category_name or "",
		group=frappe.get_cached_value("Issue Category", category.parent_category, "category_name")
		if category.parent_category
		else "",
		reporter=_reporter(doc),
		photos=_photos(doc),
		steps=_steps(issue),
		pauses=pauses.words(doc),
	)


def issue_referral_form(referral: str) -> frappe._dict:
	"""Return what the sheet shows by which an issue is handed to a department, with the slip that comes back.

	Needs read permission on *referral* and on its issue. What `issue_handling_form` returns, and `referral` (the
	document as its reader sees it), `department`, `lead` (name of the department in the lead), `others` (names of
	those taking part) and `asked`: who asked, when and with what `words`, empty when the log does not say.
	"""
	doc = _readable(REFERRAL, referral)
	form = issue_handling_form(doc.issue)
	orders = [
		step for step in form.steps if step.action and markers.step(step.action).needs == rules.DEPARTMENTS
	]
	together = frappe.get_all(
		REFERRAL,
		filters={"issue": doc.issue, "round": doc.round},
		fields=["department.department_name as name", "lead"],
		order_by=f"`tab{REFERRAL}`.creation asc",
		limit_page_length=0,
	)
	form.update(
		referral=doc,
		department=frappe.db.get_value("Township Department", doc.department, "department_name") or "",
		lead="、".join(row.name or "" for row in together if row.lead),
		others=[row.name or "" for row in together if not row.lead],
		asked=orders[doc.round - 1] if len(orders) >= doc.round > 0 else frappe._dict(),
	)
	return form


def _readable(doctype: str, name: str) -> Document:
	doc = frappe.get_doc(doctype, name)
	doc.check_permission("read")
	doc.apply_fieldlevel_read_permissions()
	return doc


def _photos(doc: Document) -> list[frappe._dict]:
	"""Return the photos that are attached to *doc* itself; an address alone opens no other file.

	One whose file is gone from the disk is left out: the words of a sheet are printed without it.
	"""
	found = []
	for fieldname in photos.fields(doc):
		place = {
			"file_url": doc.get(fieldname),
			"attached_to_doctype": doc.doctype,
			"attached_to_name": doc.name,
		}
		name = doc.get(fieldname) and frappe.db.get_value("File", place)
		if not name:
			continue
		try:
			content = base64.b64encode(frappe.get_doc("File", name).get_content()).decode()
		except FileNotFoundError:
			continue
		kind = mimetypes.guess_type(doc.get(fieldname))[0] or "image/jpeg"
		label = _(doc.meta.get_label(fieldname))
		found.append(frappe._dict(label=label, data=f"data:{kind};base64,{content}"))
	return found


def _place(path: str) -> list[str]:
	wanted = [*paths_above(path), path]
	return frappe.get_all(
		"Grid", filters={"grid_path": ["in", wanted]}, pluck="grid_name", order_by="grid_path asc"
	)


def _reporter(doc: Document) -> str:
	if "reporter_worker" in hidden_fields(ISSUE):
		return ""
	if doc.reporter_worker:
		return frappe.db.get_value("Grid Worker", doc.reporter_worker, "worker_name") or ""
	return frappe.db.get_value("User", doc.owner, "full_name") or ""


def _steps(issue: str) -> list[frappe._dict]:
	steps = log.lines(issue)
	for step in steps:
		name = _("By the Clock") if step.by_clock else step.worker_name or step.full_name
		who = (name, step.department)
		step.who = "\n".join(filter(None, who))
		step.words = "\n".join(filter(None, (step.opinion, step.changed)))
		step.done = step.action or _without_action(step)
	return steps


def _without_action(step: frappe._dict) -> str:
	if not step.from_state:
		return _("Reporting")
	if step.changed:
		return _("Corrected")
	return _("Reminder") if step.by_clock else _("Note")
