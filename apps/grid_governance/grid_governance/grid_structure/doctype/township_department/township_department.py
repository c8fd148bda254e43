import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_structure import rules


class DepartmentTownshipError(frappe.ValidationError):
	"""A department is kept by a grid that is no township."""


class TownshipDepartment(Document):
	"""A department of one township; every township has its own of the same name."""

	def validate(self) -> None:
		self.department_name = self.department_name.strip()
		self.check_township()
		self.check_name()

	def check_township(self) -> None:
		"""Departments are a township's."""
		path = frappe.db.get_value("Grid", self.grid, "grid_path")
		if rules.position(path) != rules.TOWNSHIP:
			frappe.throw(
				_("{0} is no township. A department belongs to a township.").format(self.grid),
				DepartmentTownshipError,
			)

	def check_name(self) -> None:
		"""One department of a name in a township; the unique index catches whoever is quicker."""
		same = {"department_name": self.department_name, "grid": self.grid, "name": ["!=", self.name]}
		if frappe.db.exists("Township Department", same):
			frappe.throw(
				_("This township already has a department {0}.").format(self.department_name),
				frappe.UniqueValidationError,
			)


def on_doctype_update() -> None:
	"""Lists in scope; a department's name is unique in its township."""
	scope.index_path("Township Department", "modified")
	frappe.db.add_unique(
		"Township Department", ["grid", "department_name"], constraint_name="unique_department_in_township"
	)
