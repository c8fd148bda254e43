import frappe
from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_structure import actions


class GridWorker(Document):
	"""A person who can hold posts, with or without a user account."""

	def onload(self) -> None:
		self.set_onload("may_link_account", actions.may_link(frappe.session.user))
		self.set_onload("may_reset_password", not actions.why_no_reset(self, frappe.session.user))

	def validate(self) -> None:
		actions.check_link(self)
		actions.check_number(self)

	def on_update(self) -> None:
		if self.has_value_changed("user") and not self.flags.in_insert:
			actions.change_user(self)
		actions.change_number(self)


def on_doctype_update() -> None:
	"""Lists in scope, newest change first; the workers that one grid keeps."""
	scope.index_path("Grid Worker", "modified")
	frappe.db.add_index("Grid Worker", ["grid", "modified"])
