"""Handing a post over: one ends, the successor's begins the next day, in one step."""

from datetime import date

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_days, formatdate, getdate

from grid_governance.grid_structure import queries

ASSIGNMENT = "Grid Post Assignment"


class HandOverError(frappe.ValidationError):
	"""A post cannot be handed over to this person, or on this day."""


@frappe.whitelist(methods=["POST"])
def hand_over(assignment: str, successor: str, last_day: date, note: str = "") -> str:
	"""End the post *assignment* on *last_day*; the worker *successor* holds it from the day after.

	Same post, same grid, open end. Needs the right to write this post and to create the new one. *note*
	stays with both as a comment. Returns the name of the new Grid Post Assignment.
	"""
	post = frappe.get_doc(ASSIGNMENT, assignment)
	post.check_permission("write")
	person = frappe.get_doc("Grid Worker", successor)
	person.check_permission("read")
	last_day = getdate(last_day)
	_check(post, person, last_day)
	post.to_date = last_day
	post.save()
	new = frappe.new_doc(ASSIGNMENT)
	new.update(
		{
			"worker": person.name,
			"worker_name": person.worker_name,
			"post": post.post,
			"grid": post.grid,
			"department": post.department,
			"from_date": add_days(last_day, 1),
			"is_primary": int(not any(held.is_primary for held in queries.posts_of(person.name))),
			"responsibility_note": post.responsibility_note,
		}
	)
	new.insert()
	told = [_("Handed over to {0} on {1}.").format(person.worker_name, formatdate(new.from_date))]
	taken = [_("Taken over from {0} on {1}.").format(post.worker_name, formatdate(new.from_date))]
	for doc, words in ((post, told), (new, taken)):
		doc.add_comment("Info", " ".join([*words, frappe.utils.escape_html(note or "")]).strip())
	return new.name


def _check(post: Document, person: Document, last_day: date) -> None:
	if person.name == post.worker:
		frappe.throw(
			_("{0} holds this post already. Choose a successor.").format(person.worker_name), HandOverError
		)
	if not person.active:
		frappe.throw(
			_("{0} is not active any more. Choose another successor.").format(person.worker_name),
			HandOverError,
		)
	if last_day < getdate(post.from_date) or (post.to_date and last_day > getdate(post.to_date)):
		frappe.throw(
			_("The post is held from {0} to {1}; the last day lies outside.").format(
				formatdate(post.from_date), formatdate(post.to_date) if post.to_date else "…"
			),
			HandOverError,
		)
