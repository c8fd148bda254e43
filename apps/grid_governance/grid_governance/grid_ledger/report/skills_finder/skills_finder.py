"""Skills Finder (民情档案): who can do what, to be asked when it is needed (domain g19, g20).

The people who live here or are away, and those who serve the grids, with the skills entered for them. Filters: `grid`
(everything below it), `skill`, `skill_group`, `text` (in name, occupation, employer or the note on the skill), `near` (a
household that the reader may see: rows then carry the distance to it as the crow flies, where both households have a
point, the nearest first). A phone stands in a row only where the reader may read contacts, in a file only where she may
export them; that of who serves is her work phone, published on the notice board. Nothing is found, sorted or
narrowed by a phone.
"""

import re
from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.utils import getdate
from pypika.terms import Criterion

from grid_governance import reporting, scope
from grid_governance.grid_ledger import CONTACT, HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.queries import sizes
from grid_governance.grid_ledger.rules import ages
from grid_governance.grid_ledger.rules.places import distance
from grid_governance.grid_structure.queries import GridNames
from grid_governance.reporting import Question

SHOWS_PERSONS = RESIDENT

WORKER = "Grid Worker"

SEARCHED = {RESIDENT: ("resident_name", "occupation", "employer"), WORKER: ("worker_name", "employer")}
"""The fields in which a text is looked for, beside the notes on the skills."""

SHOWN_MAX = 1000
"""How many people are shown; the summary tells of all."""

SKILLS_SHOWN = 12
"""How many skills the chart has room for."""


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, what is shown, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(filters, RESIDENT)
	asked = frappe._dict(filters or {})
	point = point_of(asked.near) if asked.near else None
	held = skills_of(question, asked)
	people = people_of(sorted(held))
	if frappe.has_permission(WORKER, "report"):
		serving = skills_of(question.about(WORKER), asked)
		people = sorted(
			people + workers_of(sorted(serving)), key=lambda row: (row.grid_path, row.resident_name)
		)
		held |= serving
	if point:
		people.sort(key=lambda row: _far(row, point))
	shown = people[:SHOWN_MAX]
	phones = phones_of([row.name for row in shown])
	note = _(
		"People who live here or are away and those who serve the grids, with the skills entered for them."
	)
	if len(people) > len(shown):
		note += " " + _("The first {0} of {1} are shown.").format(len(shown), len(people))
	return (
		columns(phones is not None, point is not None),
		data(shown, held, phones or {}, point),
		note,
		chart(held),
		[{"label": _("People with a Skill"), "value": len(people), "datatype": "Int"}] if people else None,
		True,
	)


def point_of(household: str) -> tuple[float, float]:
	"""Return the point of *household*. Raises PermissionError for one the reader may not see."""
	doc = frappe.get_doc(HOUSEHOLD, household)
	doc.check_permission("read")
	if not (doc.latitude and doc.longitude):
		frappe.throw(
			_(
				"The household {0} has no point on the map yet. Enter it there, or leave the filter empty."
			).format(doc.title)
		)
	return doc.latitude, doc.longitude


def skills_of(question: Question, asked: frappe._dict) -> dict[str, list[tuple[str, str]]]:
	"""Return (skill, note) of each who is found, by her name: all of her skills, not only the one asked for.

	Found are residents, or those who serve: what the *question* is about.
	"""
	person, row, skill = DocType(question.doctype), DocType("Resident Skill"), DocType("Skill")
	query = (
		frappe.qb.from_(row)
		.join(person)
		.on(person.name == row.parent)
		.join(skill)
		.on(skill.name == row.skill)
		.where((row.parenttype == question.doctype) & (row.parentfield == "skills"))
		.where(question.where(person))
		.where(sizes.member(person) if question.doctype == RESIDENT else person.active == 1)
	)
	found = query.select(row.parent).distinct()
	for field, column in (("skill", row.skill), ("skill_group", skill.skill_group)):
		if asked.get(field):
			found = found.where(column == asked.get(field))
	if text := (asked.text or "").strip():
		like = "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"
		words = (*(person[field] for field in SEARCHED[question.doctype]), row.note)
		found = found.where(Criterion.any(word.like(like) for word in words))
	rows = (
		query.select(row.parent, row.skill, row.note)
		.where(person.name.isin(found))
		.orderby(person.grid_path)
		.orderby(row.parent)
		.orderby(row.idx)
		.run()
	)
	held: dict[str, list[tuple[str, str]]] = {}
	for parent, name, note in rows:
		held.setdefault(parent, []).append((name, note or ""))
	return held


def people_of(names: list[str]) -> list[frappe._dict]:
	"""Return the residents *names* with what their households are called and where these stand, in the order of the tree."""
	if not names:
		return []
	resident, household = DocType(RESIDENT), DocType(HOUSEHOLD)
	return (
		frappe.qb.from_(resident)
		.left_join(household)
		.on(household.name == resident.household)
		.select(resident.name, resident.resident_name, resident.sex, resident.birth_date, resident.status)
		.select(resident.occupation, resident.employer, resident.grid_path, resident.household)
		.select(household.title, household.latitude, household.longitude)
		.where(scope.criterion(RESIDENT, ptype="report"))
		.where(resident.name.isin(names))
		.orderby(resident.grid_path)
		.orderby(resident.resident_name)
		.run(as_dict=True)
	)


def workers_of(names: list[str]) -> list[frappe._dict]:
	"""Return those who serve, *names*, as rows of `people_of`, with their work `phone` and what they are as `status`."""
	if not names:
		return []
	worker = DocType(WORKER)
	rows = (
		frappe.qb.from_(worker)
		.select(worker.name, worker.worker_name.as_("resident_name"), worker.sex, worker.employer)
		.select(worker.phone, worker.grid_path)
		.where(scope.criterion(WORKER, ptype="report"))
		.where(worker.name.isin(names))
		.run(as_dict=True)
	)
	return [row.update({"status": WORKER, "opens": WORKER}) for row in rows]


def phones_of(names: list[str]) -> dict[str, str] | None:
	"""Return the phone to call first of each of *names* whose contacts the reader may read; None for one who reads none.

	What is taken out of the house holds the phones of those whose contacts she may export (`scope.criterion` knows).
	"""
	if not frappe.has_permission(CONTACT, "read"):
		return None
	contact = DocType(CONTACT)
	rows = (
		frappe.qb.from_(contact)
		.select(contact.resident, contact.phone)
		.where(scope.criterion(CONTACT))
		.where(contact.resident.isin(names or [""]))
		.where(contact.phone.isnotnull() & (contact.phone != ""))
		.orderby(contact.is_main)
		.orderby(contact.creation, order=frappe.qb.desc)  # of several the last one read stays
		.run()
	)
	return dict(rows)


def _far(row: frappe._dict, point: tuple[float, float]) -> float:
	there = row.latitude and row.longitude
	return distance(point, (row.latitude, row.longitude)) if there else float("inf")


def columns(with_phone: bool, with_distance: bool) -> list[dict[str, Any]]:
	"""Return the columns; the distance in kilometres."""
	text = {"fieldtype": "Data", "align": "left"}
	made = [
		text | {"fieldname": "resident_name", "label": _("Name"), "width": 100} | reporting.opening(RESIDENT),
		text | {"fieldname": "skills", "label": _("Skills"), "width": 150},
		{"fieldname": "age", "label": _("Age"), "fieldtype": "Int", "width": 60},
		text | {"fieldname": "sex", "label": _("Sex"), "width": 60},
		text | {"fieldname": "work", "label": _("Occupation and Employer"), "width": 150},
		text | {"fieldname": "village", "label": _("Village"), "width": 110},
		text | {"fieldname": "in_grid", "label": _("Grid"), "width": 160},
		text
		| {"fieldname": "title", "label": _("Household"), "width": 130}
		| reporting.opening(HOUSEHOLD, "household"),
		text | {"fieldname": "status", "label": _("Status"), "width": 80},
	]
	if with_phone:
		made.append(text | {"fieldname": "phone", "label": _("Phone"), "width": 120})
	if with_distance:
		made.append(
			{"fieldname": "distance", "label": _("Distance (km)"), "fieldtype": "Float", "precision": 1}
			| {"width": 90, "is_rate": 1}
		)
	return made


def data(
	people: list[frappe._dict],
	held: dict[str, list[tuple[str, str]]],
	phones: dict[str, str],
	point: tuple[float, float] | None,
) -> list[dict[str, Any]]:
	"""Return a row for each of *people*; of a household without a point the distance is None."""
	names, today = GridNames(row.grid_path for row in people), getdate()
	rows = []
	for row in people:
		far = _far(row, point) if point else None
		rows.append(
			{
				"name": row.name,
				"opens": row.opens,
				"resident_name": row.resident_name,
				"skills": "、".join(
					f"{_(skill)}（{note}）" if note else _(skill) for skill, note in held[row.name]
				),
				"age": ages.age(getdate(row.birth_date), today) if row.birth_date else None,
				"sex": _(row.sex) if row.sex else "",
				"work": " · ".join(part for part in (row.occupation, row.employer) if part),
				"village": names.village(row.grid_path),
				"in_grid": names.grid(row.grid_path),
				"grid_path": row.grid_path,
				"household": row.household,
				"title": row.title,
				"status": _(row.status),
				"phone": row.phone if row.opens == WORKER else phones.get(row.name),
				"distance": None if far in (None, float("inf")) else round(far, 1),
			}
		)
	return rows


def chart(held: dict[str, list[tuple[str, str]]]) -> dict[str, Any] | None:
	"""Return how many have each of the skills that most have."""
	counts: dict[str, int] = {}
	for skills in held.values():
		for skill in {skill for skill, _note in skills}:
			counts[skill] = counts.get(skill, 0) + 1
	most = sorted(counts, key=lambda skill: (-counts[skill], skill))[:SKILLS_SHOWN]
	if not most:
		return None
	values = [counts[skill] for skill in most]
	labels = [_(skill) for skill in most]
	return {
		"data": {"labels": labels, "datasets": [{"name": _("People with a Skill"), "values": values}]},
		"type": "bar",
		"colors": ["#2E8B57"],
		"height": 220,
	}
