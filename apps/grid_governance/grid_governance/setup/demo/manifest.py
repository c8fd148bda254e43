"""What a load made, remembered in the site's database until the demo is removed."""

import json
from dataclasses import asdict, dataclass, field

import frappe
from frappe.model.document import Document

OWNER = "__grid_demo"
"""Owner of the defaults that hold manifests; not a user's and not the site's, so that no boot reads them."""


@dataclass
class Manifest:
	"""Names of the rows that a load made by DocType, and what it changed of rows that were there before."""

	rows: dict[str, list[str]] = field(default_factory=dict)
	series: dict[str, list[int | None]] = field(default_factory=dict)
	"""Counter of a series before (None: there was none) and after the load."""
	villages: dict[str, list[int]] = field(default_factory=dict)
	"""`planned_households` and `is_group` of villages that were there before the load."""

	def add(self, doctype: str, *names: str) -> None:
		"""Remember that the rows *names* were made."""
		self.rows.setdefault(doctype, []).extend(names)


def stored(name: str) -> Manifest | None:
	"""Return the manifest of the demo *name*, None while it is not loaded."""
	value = frappe.db.get_value("DefaultValue", {"parent": OWNER, "defkey": name}, "defvalue")
	return Manifest(**json.loads(value)) if value else None


def store(name: str, manifest: Manifest) -> None:
	"""Remember *manifest* as that of the demo *name*."""
	frappe.get_doc(
		{
			"doctype": "DefaultValue",
			"parent": OWNER,
			"parenttype": OWNER,
			"parentfield": "system_defaults",
			"defkey": name,
			"defvalue": json.dumps(asdict(manifest)),
		}
	).db_insert()


def drop(name: str) -> None:
	"""Forget the manifest of the demo *name*."""
	frappe.db.delete("DefaultValue", {"parent": OWNER, "defkey": name})


def counters() -> dict[str, int]:
	"""Return all naming series with their counters."""
	return dict(frappe.db.sql("select name, current from tabSeries"))


def write(rows: list[Document], made: Manifest) -> None:
	"""Insert *rows*, all of one DocType and with their names set, in one statement, and remember them."""
	if not rows:
		return
	cells = [row.get_valid_dict(convert_dates_to_str=True) for row in rows]
	fields = [column for column in cells[0] if not column.startswith("_")]
	frappe.db.bulk_insert(rows[0].doctype, fields, [tuple(row[column] for column in fields) for row in cells])
	made.add(rows[0].doctype, *(row.name for row in rows))
