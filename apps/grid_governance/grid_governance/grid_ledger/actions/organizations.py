"""Organisations of a grid."""

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.grid_ledger.rules import numbers


class CreditCodeError(frappe.ValidationError):
	"""A unified social credit code is not what GB 32100 says."""


def check(doc: Document) -> None:
	"""Bring the code to how it is stored, and refuse one that is none."""
	if not (doc.uscc or "").strip():
		doc.uscc = None
		return
	try:
		doc.uscc = numbers.organisation(doc.uscc)
	except numbers.NumberProblem as problem:
		said = {
			numbers.LENGTH: _("A social credit code has 18 characters."),
			numbers.CHARACTERS: _("A social credit code has digits and capitals, without I, O, S, V and Z."),
			numbers.CHECK: _(
				"The last character of the code does not fit the others: one of them is mistyped."
			),
		}
		frappe.throw(said[problem.kind], CreditCodeError)
