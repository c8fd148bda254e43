"""Whether a DocType that an administrator links to Grid is limited by grid: her answer, and the question."""

from typing import Any

import frappe
from frappe import _
from frappe.custom.doctype.property_setter.property_setter import make_property_setter

from grid_governance.scope.registry import (
	GRID_DOCTYPES,
	LIMIT,
	UNLIMITED,
	limiting_field,
	links_to_grid,
)


class NoLinkToGridError(frappe.ValidationError):
	"""A DocType without a Link to Grid cannot be limited by grid."""


@frappe.whitelist()
def limit_question(doctype: str) -> dict[str, Any]:
	"""Say what is to be asked about *doctype* on its form.

	`applies`: it links to Grid and is not one of the shipped ones; `limited`: the Link field that limits it
	now, or None; `answered`: an administrator has said so.
	"""
	frappe.only_for("System Manager")
	meta = frappe.get_meta(doctype)
	own = meta.custom or any(meta.get_field(field).get("is_custom_field") for field in links_to_grid(meta))
	return {
		"applies": bool(own and links_to_grid(meta) and doctype not in GRID_DOCTYPES),
		"limited": limiting_field(doctype),
		"answered": bool(meta.get(LIMIT)),
	}


@frappe.whitelist(methods=["POST"])
def answer_limit_question(doctype: str, limited: int) -> None:
	"""Keep an administrator's answer with the customisations of *doctype*; it counts from then on.

	Raises NoLinkToGridError when *doctype* has no Link field to Grid.
	"""
	frappe.only_for("System Manager")
	links = links_to_grid(frappe.get_meta(doctype))
	if not links or doctype in GRID_DOCTYPES:
		frappe.throw(
			_("{0} has no Link field to Grid of its own. Add one first.").format(_(doctype)),
			NoLinkToGridError,
		)
	make_property_setter(
		doctype,
		None,
		LIMIT,
		links[0] if limited else UNLIMITED,
		"Data",
		for_doctype=True,
		validate_fields_for_doctype=False,
	)
