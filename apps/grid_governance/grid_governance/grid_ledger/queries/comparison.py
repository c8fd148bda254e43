"""Two rows that may be one person, side by side: in what they differ, what hangs on each, whether they can be merged."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.actions import merging
from grid_governance.grid_ledger.queries import hanging, likeness


@frappe.whitelist()
def compare(resident: str, other: str) -> dict[str, Any]:
	"""Return what the reader needs to judge whether *resident* and *other* are one person.

	`people`: for each of the two name, title, household, grid, `modified` and `problem`, why the other cannot be merged
	into it (None when it can). `fields`: fieldname, label, `shown` (the text of each), `differs`, `suggested` (0 or 1, for
	the two in their order). `hangs`: label and, for each, lines of text. `number`: None for who may not read both
	identities, else `masked` of each and `verdict` (a reason, None when they are different or one is missing). `stays`: the
	one proposed to stay. `reason`: why they look alike. `judged`: who said when that they are different people.
	Raises PermissionError for a resident she may not read.
	"""
	docs = [frappe.get_doc(RESIDENT, name) for name in (resident, other)]
	for doc in docs:
		doc.check_permission("read")
	stays = _proposed(docs)
	problems = [merging.problem(docs[0], docs[1]), merging.problem(docs[1], docs[0])]
	return {
		"people": [_person(doc, wrong and wrong.message) for doc, wrong in zip(docs, problems, strict=True)],
		"fields": _fields(docs, stays),
		"hangs": hanging.hanging(docs),
		"number": hanging.numbers(docs),
		"stays": docs[stays].name,
		"reason": likeness.reason_for(docs[0].name, docs[1].name),
		"judged": _judged(*docs),
		"may_judge": all(doc.has_permission("write") for doc in docs),
	}


def _judged(doc: Document, other: Document) -> frappe._dict | None:
	verdict = likeness.verdict_on(doc.name, other.name)
	return verdict and verdict | {"judged_by_name": frappe.utils.get_fullname(verdict.judged_by)}


def _proposed(docs: list[Document]) -> int:
	"""Who should stay: the head of more people, else whoever is known better, else the one entered first."""
	fields = hanging.choosable(frappe.get_meta(RESIDENT))

	def weight(at: int) -> tuple[int, int, float]:
		doc = docs[at]
		heads = frappe.db.get_value(HOUSEHOLD, {"head": doc.name}, "member_count") or 0
		filled = sum(bool(doc.get(df.fieldname)) for df in fields)
		return heads, filled, -frappe.utils.get_datetime(doc.creation).timestamp()

	return max((0, 1), key=weight)


def _person(doc: Document, problem: str | None) -> dict[str, Any]:
	return {
		"name": doc.name,
		"title": doc.resident_name,
		"household": frappe.db.get_value(HOUSEHOLD, doc.household, "title"),
		"grid": frappe.db.get_value("Grid", doc.grid, "grid_name"),
		"relation": _(doc.relation_to_head),
		"modified": str(doc.modified),
		"problem": problem,
	}


def _fields(docs: list[Document], stays: int) -> list[dict[str, Any]]:
	rows = []
	for df in hanging.choosable(frappe.get_meta(RESIDENT)):
		values = [doc.get(df.fieldname) for doc in docs]
		texts = [_with_following(doc, df) for doc in docs]
		if not any(texts):
			continue
		differs = values[0] != values[1]
		rows.append(
			{
				"fieldname": df.fieldname,
				"label": _(df.label),
				"shown": texts,
				"differs": differs,
				"suggested": stays if texts[stays] else 1 - stays,
			}
		)
	return rows


def _with_following(doc: Document, df: "frappe.model.meta.DocField") -> str:
	fields = [df, *(doc.meta.get_field(name) for name in hanging.FOLLOWS.get(df.fieldname, ()))]
	return _("; ").join(
		text for each in fields if each and (text := hanging.shown(each, doc.get(each.fieldname)))
	)
