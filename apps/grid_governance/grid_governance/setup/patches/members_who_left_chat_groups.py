"""Households stayed in the chat group of their grid when the member who was there for them had died or gone elsewhere."""

import frappe
from frappe.query_builder import DocType

from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.rules import households


def execute() -> None:
	home, person = DocType(HOUSEHOLD), DocType(RESIDENT)
	(
		frappe.qb.update(home)
		.join(person)
		.on(person.name == home.group_rep)
		.set(home.group_rep, None)
		.set(home.in_wechat_group, 0)
		.where((person.household != home.name) | person.status.isin(households.GONE))
		.run()
	)
