import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.grid_structure import actions
from grid_governance.scope.custom_fields import BY_POST


class PostRoleError(frappe.ValidationError):
	"""A post gives a role that must not be given by a post."""


class PostInUseError(frappe.ValidationError):
	"""A post is to work for a department, or no longer, while people hold it."""


class GridPost(Document):
	"""A post that people hold in a grid, and the role it gives them there."""

	def validate(self) -> None:
		self.check_role()
		self.check_works_for_department()

	def on_update(self) -> None:
		if self.has_value_changed("role") and not self.flags.in_insert:
			actions.change_role(self)

	def check_role(self) -> None:
		"""A post holds in one subtree: it gives only roles that are marked as given by posts."""
		if not frappe.db.get_value("Role", self.role, BY_POST):
			frappe.throw(
				_(
					"Post {0} cannot give the role {1}. Mark the role as given by posts, or choose another."
				).format(self.post_name, _(self.role)),
				PostRoleError,
			)

	def check_works_for_department(self) -> None:
		"""Where the rights of a post hold does not change under those who hold it."""
		if self.is_new() or not self.has_value_changed("works_for_department"):
			return
		if frappe.db.exists("Grid Post Assignment", {"post": self.name}):
			frappe.throw(
				_(
					"People hold or have held the post {0}. Make another post for those who work for a department."
				).format(self.post_name),
				PostInUseError,
			)
