from frappe.model.document import Document

from grid_governance import scope
from grid_governance.grid_ledger.actions import requests


class PersonalDataRequest(Document):
	"""A resident asks to see, correct or delete what is kept of her (PIPL Art. 44 to 49)."""

	def before_validate(self) -> None:
		requests.prepare(self)

	def validate(self) -> None:
		requests.check(self)


def on_doctype_update() -> None:
	"""Lists in scope, newest change first; what is open, by the day it is due."""
	scope.index_path("Personal Data Request", "modified")
