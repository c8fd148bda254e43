import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils.nestedset import NestedSet

from grid_governance import scope
from grid_governance.grid_structure import actions, queries, rules


class LevelOrderError(frappe.ValidationError):
	"""A node does not stand below its parent's level, or stands below a leaf."""


class VillageMissingError(frappe.ValidationError):
	"""A grid below the village level belongs to no village."""


class DivisionCodeError(frappe.ValidationError):
	"""A division code is missing, malformed or not one of the parent's."""


class LevelFixedError(frappe.ValidationError):
	"""The level of a node changes while others lie below it."""


class Grid(NestedSet):
	"""A node of the one tree: county, township, village, area, grid or micro grid."""

	nsm_parent_field = "parent_grid"

	def before_insert(self) -> None:
		parent = self.parent_node()
		self.check(parent)
		actions.place(self, parent)

	def validate(self) -> None:
		self.warn_of_size()
		if self.is_new():
			return
		parent = self.parent_node()
		self.check(parent)
		self.keep_level()
		if self.has_value_changed("parent_grid") or self.has_value_changed("grid_level"):
			actions.place(self, parent)

	def on_update(self) -> None:
		super().on_update()
		before = self.get_doc_before_save()
		if before and before.grid_path != self.grid_path:
			actions.restamp(before.grid_path, self.grid_path)

	def parent_node(self) -> Document | None:
		"""Return the node this one belongs to, None for a root."""
		return frappe.get_doc("Grid", self.parent_grid) if self.parent_grid else None

	def check(self, parent: Document | None) -> None:
		"""Refuse a node that does not fit below *parent* (None: a root)."""
		self.check_level(parent)
		self.check_division_code(parent)

	def check_level(self, parent: Document | None) -> None:
		"""Levels only go down, leaves have nothing below, and every grid lies in exactly one village."""
		at = queries.level(self.grid_level).position
		if parent and (
			queries.level(parent.grid_level).is_leaf or at <= queries.level(parent.grid_level).position
		):
			frappe.throw(
				_(
					"{0} is a {1} and cannot lie below {2}, which is a {3}. Choose another parent or level."
				).format(self.grid_name, self.grid_level, parent.grid_name, parent.grid_level),
				LevelOrderError,
			)
		if not rules.sits_in_village(rules.child_path(parent.grid_path if parent else "", at, 1)):
			frappe.throw(
				_(
					"{0} is a {1} and must lie in a village. Choose a village or a grid in one as its parent."
				).format(self.grid_name, self.grid_level),
				VillageMissingError,
			)

	def check_division_code(self, parent: Document | None) -> None:
		"""A county, township or village has its statistical code, which begins with its parent's."""
		at = queries.level(self.grid_level).position
		if at > rules.VILLAGE:
			self.division_code = None
			return
		if not rules.is_division_code(self.division_code or "", at):
			frappe.throw(
				_("{0}: the division code of a {1} has {2} digits; {3} was given.").format(
					self.grid_name, self.grid_level, rules.DIVISION_CODE_LENGTH[at], self.division_code or "–"
				),
				DivisionCodeError,
			)
		if parent and not self.division_code.startswith(parent.division_code):
			frappe.throw(
				_("{0}: the division code {1} does not begin with {2}, the code of {3}.").format(
					self.grid_name, self.division_code, parent.division_code, parent.grid_name
				),
				DivisionCodeError,
			)

	def warn_of_size(self) -> None:
		"""A grid outside the sizes of its level is said to be so and saved; the report lists it."""
		if not self.planned_households or not self.has_value_changed("planned_households"):
			return
		sizes = queries.SizeRules().at(self.grid_path or "", self.grid_level)
		bounds = (sizes["households_min"], sizes["households_max"])
		if rules.size_verdict(self.planned_households, *bounds) != rules.WITHIN:
			frappe.msgprint(
				_(
					"{0} has {1} households; a {2} here is meant to have {3} to {4}. It is saved all the same."
				).format(
					self.grid_name,
					self.planned_households,
					self.grid_level,
					*(bound or "–" for bound in bounds),
				),
				indicator="orange",
				alert=True,
			)

	def keep_level(self) -> None:
		"""What lies below a node has its level in its path, so the level stays while something does."""
		if self.has_value_changed("grid_level") and frappe.db.exists("Grid", {"parent_grid": self.name}):
			frappe.throw(
				_("{0} has grids below it, so its level cannot change. Move them first.").format(
					self.grid_name
				),
				LevelFixedError,
			)


def on_doctype_update() -> None:
	"""Lists in scope; paths are unique and in order (tree, roll-up, renumbering)."""
	scope.index_path("Grid", "modified")
	frappe.db.add_unique("Grid", ["grid_path"], constraint_name="unique_grid_path")
