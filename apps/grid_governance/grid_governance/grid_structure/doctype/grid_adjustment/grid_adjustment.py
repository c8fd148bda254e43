import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from grid_governance import scope
from grid_governance.grid_structure import actions


class AdjustmentIncompleteError(frappe.ValidationError):
	"""An adjustment does not say what it needs to say."""


class AdjustmentFinalError(frappe.ValidationError):
	"""A change of the tree that was made is to be undone by cancelling its record."""


NEEDED = {"Rename": "new_name", "Reassign": "new_parent", "Merge": "sources", "Split": "parts"}
"""The field that an adjustment of a kind cannot do without."""


class GridAdjustment(Document):
	"""A change of the grid tree: decided, made in one transaction when submitted, and kept as its history."""

	def validate(self) -> None:
		self.check_complete()
		self.check_date()

	def before_submit(self) -> None:
		self.outcome = actions.adjust(self)
		scope.stamp(self)  # a move has given the grid another path

	def before_cancel(self) -> None:
		frappe.throw(
			_(
				"{0} has been carried out and stays on record. Make another adjustment to change the tree back."
			).format(self.name),
			AdjustmentFinalError,
		)

	def check_complete(self) -> None:
		"""Each kind has the field it needs."""
		field = NEEDED.get(self.kind)
		if field and not self.get(field):
			frappe.throw(
				_("{0}: fill in {1}.").format(_(self.kind), _(self.meta.get_label(field))),
				AdjustmentIncompleteError,
			)

	def check_date(self) -> None:
		"""The tree is changed when this is submitted, so not before the day it takes effect."""
		if getdate(self.effective_on) > getdate():
			frappe.throw(
				_("The change takes effect on {0}. Submit it on that day or later.").format(
					self.effective_on
				),
				AdjustmentIncompleteError,
			)


def on_doctype_update() -> None:
	"""Lists in scope; the history of one grid."""
	scope.index_path("Grid Adjustment", "modified")
	frappe.db.add_index("Grid Adjustment", ["grid", "effective_on"])
