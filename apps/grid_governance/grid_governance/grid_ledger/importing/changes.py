"""What a row says otherwise than the ledger, field by field, as its reader sees it. An empty cell changes nothing."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import reduce
from math import isclose
from typing import Any

import frappe
from frappe import _

from grid_governance.grid_ledger.importing.columns import Target
from grid_governance.grid_ledger.importing.shapes import Change, Values


def listed(texts: Iterable[str]) -> str:
	"""Return *texts* one after the other, with the comma of the reader's language between them."""
	found = list(texts)
	return reduce(_("{0}, {1}").format, found) if found else ""


class Differences:
	"""Compares with *targets*, by key: their labels and types say how a value is shown."""

	def __init__(self, targets: Mapping[str, Target]) -> None:
		self._targets = targets

	def of(
		self, doctype: str, name: str, stands: Mapping[str, Any], said: Values
	) -> tuple[Values, list[Change]]:
		"""Return the values of *said* that *stands*, the row *name* of *doctype*, has otherwise, and the changes they are.

		Of a table of links (skills) those that are missing are added to those that stand.
		"""
		values: Values = {}
		changes: list[Change] = []
		for fieldname, new in said.items():
			old = stands.get(fieldname)
			if isinstance(new, list):
				missing = [each for each in new if each not in (old or ())]
				if not missing:
					continue
				new = [*(old or ()), *missing]
			elif _same(old, new):
				continue
			values[fieldname] = new
			changes.append(self.change(doctype, name, fieldname, old, new))
		return values, changes

	def change(self, doctype: str, name: str, fieldname: str, old: Any, new: Any) -> Change:
		"""Return that *fieldname* of the row *name* becomes *new*, in words."""
		key = f"{doctype}.{fieldname}"
		return Change(doctype, name, fieldname, self.label(key), self._shown(key, old), self._shown(key, new))

	def label(self, key: str) -> str:
		"""Return what the target *key* is called."""
		if target := self._targets.get(key):
			return target.label
		doctype, _dot, fieldname = key.partition(".")
		return _(frappe.get_meta(doctype).get_label(fieldname))

	def _shown(self, key: str, value: Any) -> str:
		if value is None or value == "":
			return ""
		target = self._targets.get(key)
		if target and target.fieldtype == "Check":
			return _("Yes") if value else _("No")
		labels = target.labels if target else {}
		if isinstance(value, list):
			return listed(labels.get(each, each) for each in value)
		if isinstance(value, date):
			return frappe.format(value, "Date")
		if not target and isinstance(value, str):
			return _(value)  # what follows from another cell: the sex from the number
		return str(labels.get(value, value))


def _same(old: Any, new: Any) -> bool:
	if isinstance(new, float):
		return isclose(float(old or 0), new, rel_tol=1e-9, abs_tol=1e-9)
	if isinstance(new, int):
		return int(old or 0) == new
	return (old or "") == new if isinstance(new, str) else old == new
