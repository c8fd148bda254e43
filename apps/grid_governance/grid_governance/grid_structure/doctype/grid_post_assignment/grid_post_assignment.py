import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from grid_governance import scope
from grid_governance.grid_structure import actions, queries, rules


class PeriodError(frappe.ValidationError):
	"""A post ends before it begins."""


class PostLevelError(frappe.ValidationError):
	"""A post is given at a level it does not exist at."""


class PostTakenError(frappe.ValidationError):
	"""A post is given to more people at once than one grid has room for."""


class PostDepartmentError(frappe.ValidationError):
	"""A post that works for a department is given without one, or with one of another township."""


class GridPostAssignment(Document):
	"""A post held by a worker in a grid for a time; gives the worker's user the post's role there."""

	def validate(self) -> None:
		self.check_period()
		self.check_level()
		self.check_room()
		self.check_department()
		self.user = frappe.db.get_value("Grid Worker", self.worker, "user")
		self.role = frappe.db.get_value("Grid Post", self.post, "role")

	def on_update(self) -> None:
		before = self.get_doc_before_save()
		for user in sorted({self.user, before.user if before else None} - {None, ""}):
			actions.sync_account(user)

	def after_delete(self) -> None:
		actions.sync_account(self.user)

	def check_period(self) -> None:
		"""The last day is not before the first."""
		if self.to_date and getdate(self.to_date) < getdate(self.from_date):
			frappe.throw(
				_("The post ends on {0}, before it begins on {1}.").format(self.to_date, self.from_date),
				PeriodError,
			)

	def check_level(self) -> None:
		"""A post of one level is given at that level only."""
		level = frappe.get_cached_value("Grid Post", self.post, "applies_to_level")
		of_grid = frappe.db.get_value("Grid", self.grid, "grid_level")
		if level and level != of_grid:
			frappe.throw(
				_("{0} is a post of the level {1}; {2} is a {3}. Choose a grid of that level.").format(
					self.post, level, self.grid, of_grid
				),
				PostLevelError,
			)

	def check_department(self) -> None:
		"""A post that works for a department is held in the township that keeps it; others have none.

		So nobody who appoints people in a village can open a department of the township to them.
		"""
		self.works_for_department = frappe.get_cached_value("Grid Post", self.post, "works_for_department")
		if not self.works_for_department:
			self.department = None
			return
		if not self.department:
			frappe.throw(
				_("{0} works for a department. Choose the department.").format(self.post), PostDepartmentError
			)
		kept = frappe.db.get_value(
			"Township Department", self.department, ["department_name", "grid", "active"], as_dict=True
		)
		if kept.grid != self.grid:
			frappe.throw(
				_("{0} is not a department of {1}. Choose the township that keeps the department.").format(
					kept.department_name, self.grid
				),
				PostDepartmentError,
			)
		if not kept.active and self.has_value_changed("department"):
			frappe.throw(
				_("{0} is not active any more. Choose another department.").format(kept.department_name),
				PostDepartmentError,
			)

	def check_room(self) -> None:
		"""No more people hold a post in one grid on any day than the post allows."""
		most = frappe.get_cached_value("Grid Post", self.post, "max_per_grid")
		if not most:
			return
		mine = (getdate(self.from_date), getdate(self.to_date) if self.to_date else None)
		others = [
			other
			for other in queries.holders(self.post, self.grid)
			if other.name != self.name and rules.periods_overlap(*mine, other.from_date, other.to_date)
		]
		if len(others) >= most:
			frappe.throw(
				_(
					"{0} in {1} is held by {2} in this period; there is room for {3}. End that post first."
				).format(self.post, self.grid, ", ".join(other.worker_name for other in others), most),
				PostTakenError,
			)


def on_doctype_update() -> None:
	"""Lists in scope; the posts of one user (every request asks for them); the holders of a post in a grid."""
	scope.index_path("Grid Post Assignment", "modified")
	frappe.db.add_index("Grid Post Assignment", ["user", "grid_path"])
	frappe.db.add_index("Grid Post Assignment", ["grid", "post"])
