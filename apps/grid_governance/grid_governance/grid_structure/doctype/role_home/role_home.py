import frappe
from frappe.model.document import Document

from grid_governance.grid_structure.actions import desk


class RoleHome(Document):
	"""Which workspace opens for whoever has a role, and which modules it hides."""

	def on_update(self) -> None:
		if self.has_value_changed("module_profile"):
			self.bring_up_accounts()

	def after_delete(self) -> None:
		self.bring_up_accounts()

	def bring_up_accounts(self) -> None:
		"""Let the accounts with the role follow in the background."""
		frappe.enqueue(
			desk.give_module_profiles,
			queue="long",
			enqueue_after_commit=True,
			role=self.role,
			was=self.profiles(),
		)

	def profiles(self) -> list[str]:
		"""Return the profiles that this record has named, before and now."""
		before = self.get_doc_before_save()
		return [doc.module_profile for doc in (before, self) if doc and doc.module_profile]
