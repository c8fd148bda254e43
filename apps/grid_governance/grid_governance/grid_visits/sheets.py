"""What is printed of a visit: one sheet that the household and whoever came can sign."""

import frappe
from frappe.model.document import Document

from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_structure.rules import paths_above
from grid_governance.grid_visits import VISIT


def visit_slip(visit: str) -> frappe._dict:
	"""Return what the slip of *visit* shows whoever prints it. Raises PermissionError for one she may not read.

	`visit` (the document), `place` (names from the township down to its grid), `household` (title, address), `by` (name of
	the worker, or of the user), `met` and `companions` (names; a companion with whom she or he belongs to), `topics`, `did`.
	People who are out of the reader's scope by now are left out.
	"""
	doc = frappe.get_doc(VISIT, visit)
	doc.check_permission("read")
	home = frappe.get_list(
		HOUSEHOLD,
		filters={"name": doc.household},
		fields=["title", "address"],
		order_by="name asc",
		limit_page_length=1,
	)
	return frappe._dict(
		visit=doc,
		place=frappe.get_all(
			"Grid",
			filters={"grid_path": ["in", [*paths_above(doc.grid_path), doc.grid_path]]},
			pluck="grid_name",
			order_by="grid_path asc",
		),
		household=home[0] if home else frappe._dict(),
		by=_called(doc.worker) or frappe.db.get_value("User", doc.owner, "full_name") or "",
		met=_names_of([row.resident for row in doc.residents_met]),
		companions=_companions(doc),
		topics=[row.topic for row in doc.topics],
		did=[row.summary for row in doc.effects],
	)


def _called(worker: str | None) -> str | None:
	return frappe.db.get_value("Grid Worker", worker, "worker_name") if worker else None


def _names_of(residents: list[str]) -> list[str]:
	if not residents:
		return []
	return frappe.get_list(
		RESIDENT,
		filters={"name": ["in", residents]},
		pluck="resident_name",
		order_by="creation asc",
		limit_page_length=0,
	)


def _companions(doc: Document) -> list[str]:
	workers = [row.worker for row in doc.companions if row.worker]
	called = dict(
		frappe.get_all(
			"Grid Worker",
			filters={"name": ["in", workers or [""]]},
			fields=["name", "worker_name"],
			order_by="name asc",
			as_list=True,
		)
	)
	said = [(called.get(row.worker) or row.companion_name or "", row.belongs_to) for row in doc.companions]
	return [f"{name} ({unit})" if unit else name for name, unit in said]
