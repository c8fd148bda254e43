"""What came of a visit had one word with requests that were refused, and one Chinese. It has its own now.

Where an administrator has changed the options on the screen, hers are kept, with the new word in the place of the old.
"""

import frappe
from frappe.query_builder import DocType

from grid_governance.grid_visits import VISIT, rules

FIELD = "outcome"


def execute() -> None:
	visit = DocType(VISIT)
	for old, new in rules.OLD_NAMES.items():
		frappe.qb.update(visit).set(visit.outcome, new).where(visit.outcome == old).run()
	hers = {"doc_type": VISIT, "field_name": FIELD, "property": "options"}
	for name, value in frappe.get_all(
		"Property Setter", filters=hers, fields=["name", "value"], order_by="name asc", as_list=True
	):
		options = [rules.OLD_NAMES.get(each, each) for each in (value or "").split("\n")]
		added = [each for each in (*rules.OLD_NAMES.values(), rules.TAKEN_BACK) if each not in options]
		frappe.db.set_value("Property Setter", name, "value", "\n".join([*options, *added]))
	frappe.clear_cache(doctype=VISIT)
