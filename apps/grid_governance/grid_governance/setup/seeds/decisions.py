"""What an administrator decides about one row of the ledger, with her own rights on the record behind it."""

from collections.abc import Callable

import frappe
from frappe import _

from grid_governance.setup.seeds import ledger, permissions, rules

_OF_A_RECORD: dict[str, Callable[[str], None]] = {
	"take": ledger.take_shipped,
	"merge": ledger.take_news,
	"keep": ledger.keep_own,
	"remove": ledger.remove_withdrawn,
	"release": ledger.release_withdrawn,
}
_OF_RULES: dict[str, Callable[[str], None]] = {
	"take": permissions.take_shipped,
	"merge": permissions.take_news,
	"keep": permissions.keep_own,
}


class NotOfferedError(frappe.ValidationError):
	"""The decision makes no sense for the state in which the record is now."""


def choices(key: str) -> list[str]:
	"""Return what may be decided about the row *key* of the ledger as things stand."""
	found = permissions.choices(_doctype(key)) if _of_rules(key) else ledger.choices(key)
	return [choice for choice in _OF_A_RECORD if choice in found]


def decide(key: str, choice: str) -> None:
	"""Carry out the decision *choice* about the row *key*. Raises NotOfferedError for one that is not offered."""
	if choice not in choices(key):
		frappe.throw(_("This is no longer to be decided. Load the page again."), NotOfferedError)
	if _of_rules(key):
		return _OF_RULES[choice](_doctype(key))
	_OF_A_RECORD[choice](key)


def look_again() -> None:
	"""Bring the rows of permission rules to what stands in the Role Permission Manager, which tells nobody."""
	permissions.sync(settle=False)


def _of_rules(key: str) -> bool:
	return key.startswith(rules.NO_FILE)


def _doctype(key: str) -> str:
	return key.removeprefix(rules.NO_FILE)
