"""What the sheets are filled with, inside the reader's scope."""

from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.utils import getdate

from grid_governance import scope
from grid_governance.grid_structure import rules
from grid_governance.grid_structure.queries import grid_at
from grid_governance.grid_structure.workbook import sheets


@frappe.whitelist(methods=["POST"])
def download(grid: str, kind: str = "template") -> None:
	"""Send the empty template or, with *kind* "export", everything below *grid* as an Excel file.

	An export names people with their work phones, so it needs the right to export workers there; it is
	written into the Access Log.
	"""
	node = frappe.get_doc("Grid", grid)
	node.check_permission("read")
	villages, posts = choices(grid)
	title = _("Grids and People") if kind == "export" else _("Grids and People (Template)")
	if kind == "export":
		if not scope.covers(node.grid_path, frappe.session.user, "Grid Worker", "export"):
			raise frappe.PermissionError
		frappe.has_permission("Grid Worker", "export", throw=True)
		content = sheets.export(rows(node.grid_path), villages, posts)
		frappe.get_doc(
			doctype="Access Log",
			export_from="Grid Worker",
			reference_document=grid,
			file_type="XLSX",
			method="Export",
			user=frappe.session.user,
		).insert(ignore_permissions=True)  # nobody writes the log; the export was permitted above
	else:
		content = sheets.template(villages, posts)
	frappe.local.response.update(
		{
			"filename": f"{node.grid_name}-{title}.xlsx",
			"filecontent": content,
			"type": "binary",
		}
	)


def choices(grid: str) -> tuple[list[str], list[str]]:
	"""Return the villages at or below *grid* and all posts, for the drop-downs."""
	path = frappe.db.get_value("Grid", grid, "grid_path")
	within = scope.rules.subtree(path)
	found = frappe.get_all(
		"Grid",
		filters=[["grid_path", ">=", within.lo], ["grid_path", "<", within.hi], ["status", "=", "Active"]],
		fields=["grid_name", "grid_path"],
		order_by="grid_path asc",
		limit_page_length=0,
	)
	villages = [row.grid_name for row in found if rules.position(row.grid_path) == rules.VILLAGE]
	return villages, _posts()


def _posts() -> list[str]:
	"""Return all posts, those of the upper levels first and leads before others."""
	post, level = DocType("Grid Post"), DocType("Grid Level")
	return (
		frappe.qb.from_(post)
		.left_join(level)
		.on(level.name == post.applies_to_level)
		.select(post.name)
		.orderby(level.position.isnull())
		.orderby(level.position)
		.orderby(post.is_lead, order=frappe.qb.desc)
		.orderby(post.name)
		.run(pluck=True)
	)


def rows(path: str) -> list[dict[str, Any]]:
	"""Return a row for each post held today below *path* and one for each grid where nobody holds one.

	Values by the keys of the sheet's columns.
	"""
	grid, held, worker = DocType("Grid"), DocType("Grid Post Assignment"), DocType("Grid Worker")
	today = getdate()
	within = scope.rules.subtree(path)
	found = (
		frappe.qb.from_(grid)
		.left_join(held)
		.on(
			(held.grid == grid.name)
			& (held.from_date <= today)
			& (held.to_date.isnull() | (held.to_date >= today))
		)
		.left_join(worker)
		.on(worker.name == held.worker)
		.select(grid.grid_path, grid.grid_name, grid.grid_code, grid.planned_households)
		.select(held.post, held.from_date, held.to_date)
		.select(worker.worker_name, worker.phone, worker.sex, worker.is_party_member, worker.employer)
		.where((grid.grid_path >= within.lo) & (grid.grid_path < within.hi) & (grid.status == "Active"))
		.where(scope.criterion("Grid", ptype="read"))
		.orderby(grid.grid_path, held.post, worker.worker_name)
		.run(as_dict=True)
	)
	titles = {row.grid_path: row.grid_name for row in found}
	village_above = rules.ancestor_path(path, rules.VILLAGE)
	if village_above and village_above not in titles:
		titles[village_above] = grid_at(village_above).grid_name
	return [
		{
			"village": titles.get(rules.ancestor_path(row.grid_path, rules.VILLAGE) or "", ""),
			"area": titles.get(rules.ancestor_path(row.grid_path, rules.AREA) or "", ""),
			"grid": row.grid_name if rules.position(row.grid_path) >= rules.GRID else "",
			"grid_code": row.grid_code if rules.position(row.grid_path) >= rules.GRID else "",
			"households": row.planned_households or None,
			"post": row.post,
			"name": row.worker_name,
			"phone": row.phone,
			"sex": _(row.sex) if row.sex else None,
			"party_member": (_("Yes") if row.is_party_member else _("No")) if row.worker_name else None,
			"employer": row.employer,
			"from_date": row.from_date,
			"to_date": row.to_date,
		}
		for row in found
	]
