import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.grid_issues import clocks


class CategoryLevelError(frappe.ValidationError):
	"""A category lies below something that is not a group of the first level."""


class IssueCategory(Document):
	"""What an issue is about; two levels: groups, and the categories in them."""

	def validate(self) -> None:
		self.check_group()
		clocks.check_urgency(self, "default_urgency")

	def check_group(self) -> None:
		"""Groups stand at the top, categories in a group."""
		if not self.parent_category:
			return
		if self.is_group or not frappe.get_cached_value("Issue Category", self.parent_category, "is_group"):
			frappe.throw(
				_("{0} cannot lie in {1}: categories lie in a group, and groups in none.").format(
					self.category_name, self.parent_category
				),
				CategoryLevelError,
			)
