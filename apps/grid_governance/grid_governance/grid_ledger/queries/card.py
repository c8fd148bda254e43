"""What the printed card of a household shows: one sheet that hangs in a folder, never a number of papers."""

import frappe

from grid_governance.grid_ledger import HOUSEHOLD
from grid_governance.grid_ledger.queries import page
from grid_governance.grid_ledger.rules import households
from grid_governance.grid_structure.rules import paths_above


def household_card(household: str) -> frappe._dict:
	"""Return what the card of *household* shows whoever prints it. Raises PermissionError for one she may not read.

	`household` (the document without the fields that the reader's permission level hides), `place` (names from the
	township down to its grid), `head` (name), `members` (who is not gone, as the page shows them: care and phones only
	for who may read them) and `responsible` (post, worker_name, phone).
	"""
	doc = frappe.get_doc(HOUSEHOLD, household)
	doc.check_permission("read")
	people = [row for row in page.members(doc.name) if row.status not in households.GONE]
	for row in people:
		row.pop("identity", None)  # whatever becomes of the template: a card bears no number
	card = frappe._dict(
		place=frappe.get_all(
			"Grid",
			filters={"grid_path": ["in", [*paths_above(doc.grid_path), doc.grid_path]]},
			pluck="grid_name",
			order_by="grid_path asc",
		),
		head=next((row.resident_name for row in people if row.relation_to_head == households.HEAD), ""),
		members=people,
		responsible=page.responsible(doc),
	)
	doc.apply_fieldlevel_read_permissions()
	card.household = doc
	return card
