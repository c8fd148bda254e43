"""What every save of an issue goes through, and its end. Its steps are in `steps`."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import flt, get_datetime, now_datetime

from grid_governance import photos
from grid_governance.grid_issues import REFERRAL, clocks, corrections, markers, offered, queries, rules, steps
from grid_governance.scope.doors import texts


class FoundInFutureError(frappe.ValidationError):
	"""An issue is said to have been found in the future."""


class CategoryError(frappe.ValidationError):
	"""An issue is to be put into a group, or into a category that is no longer used."""


class PointError(frappe.ValidationError):
	"""The place of an issue on the map is no point on the earth."""


class IssueHandledError(frappe.ValidationError):
	"""An issue that has left its first state is to be deleted."""


def prepare(doc: Document) -> None:
	"""Fill what a client may leave out, and put back what only a step sets."""
	stored = doc.get_doc_before_save()
	for fieldname in corrections.COMPUTED:
		doc.set(fieldname, stored.get(fieldname) if stored else None)
	if doc.flags.step_words:
		doc.update(doc.flags.pop("step_words"))
		texts.make_plain(doc)  # what is said at a step comes after the texts were made plain
	if not stored:
		doc.reporter_worker = queries.worker_of(frappe.session.user)
		doc.workflow_state = doc.workflow_state or markers.first_state()
	found_at = get_datetime(doc.found_at) if doc.found_at else None
	if found_at and (not stored or found_at != stored.found_at):
		# To the minute, as the form shows it; a form that shows less than is stored calls itself changed.
		doc.found_at = found_at.replace(second=0, microsecond=0)
	if not doc.urgency:
		doc.urgency = (
			frappe.get_cached_value("Issue Category", doc.category, "default_urgency")
			or clocks.default_urgency()
		)


def check(doc: Document) -> None:
	"""Refuse what an issue must not be, whatever step is taken."""
	stored = doc.get_doc_before_save()
	_check_found_at(doc)
	_check_point(doc)
	if doc.category and doc.has_value_changed("category"):
		_check_category(doc)
	clocks.check_urgency(doc, "urgency")
	for fieldname in corrections.PHOTOS:
		photos.check(doc, fieldname)
	if doc.duplicate_of and doc.has_value_changed("duplicate_of"):
		steps.check_duplicate(doc)
	if stored:
		corrections.check_editable(doc, stored)


def restamp_log(doc: Document) -> None:
	"""Let the log, the referrals and the requests lie where their issue lies now; one statement each."""
	stored = doc.get_doc_before_save()
	if not stored or stored.grid_path == doc.grid_path:
		return
	for doctype in ("Issue Log", REFERRAL, "Issue Extension"):
		row = DocType(doctype)
		(
			frappe.qb.update(row)
			.set(row.grid, doc.grid)
			.set(row.grid_path, doc.grid_path)
			.where(row.issue == doc.name)
			.run()
		)


def forget(doc: Document) -> None:
	"""Before an issue is deleted: refuse once it has been handled, else take its log away with it."""
	if offered.handled(doc.name):
		frappe.throw(
			_("{0} has been handled and stays on record. Close it through the workflow instead.").format(
				doc.name
			),
			IssueHandledError,
		)
	frappe.db.delete("Issue Log", {"issue": doc.name})
	frappe.db.delete("Clock Failure", {"name": doc.name})


def _check_found_at(doc: Document) -> None:
	if doc.found_at and rules.lies_ahead(get_datetime(doc.found_at), now_datetime()):
		frappe.throw(
			_("Found At lies in the future. Enter when the matter was really found."), FoundInFutureError
		)


def _check_point(doc: Document) -> None:
	"""Refuse a point that is none (degrees, WGS-84). Frappe keeps an empty number as 0; no grid lies on the equator."""
	if not (doc.latitude or doc.longitude):
		return
	latitude, longitude = flt(doc.latitude), flt(doc.longitude)
	if not (0 < abs(latitude) <= 90 and 0 < abs(longitude) <= 180):
		frappe.throw(
			_("The place on the map could not be understood. Take it anew, or write down where it is."),
			PointError,
		)


def _check_category(doc: Document) -> None:
	category = frappe.get_cached_doc("Issue Category", doc.category)
	if category.is_group:
		frappe.throw(
			_("{0} is a group. Choose one of the categories in it.").format(category.category_name),
			CategoryError,
		)
	if not category.active:
		frappe.throw(
			_("The category {0} is no longer used. Choose another one.").format(category.category_name),
			CategoryError,
		)
