"""Patch: level columns that were made virtual become stored ones (see `scope.schema`)."""

import frappe
from frappe.modules import load_doctype_module

from grid_governance.scope.registry import GRID_DOCTYPES


def execute() -> None:
	"""Let every DocType that lies in a grid declare its columns and indexes again."""
	for doctype in GRID_DOCTYPES:
		if frappe.db.table_exists(doctype):
			load_doctype_module(doctype).on_doctype_update()
