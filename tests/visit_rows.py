"""Rows of visits for tests of what is read from them: written as the jobs leave them, in the moments that a test names."""

from datetime import date

import frappe
from frappe.utils import add_days

from grid_governance.grid_visits import must_visits
from tests.factories import make_care, make_household, make_resident

Moment = str | None


def insert(doctype: str, rows: list[dict[str, object]]) -> None:
	"""Write *rows*, all with the same columns."""
	if rows:
		now = frappe.utils.now()
		columns = ["creation", "modified", "owner", "modified_by", *rows[0]]
		values = [(now, now, "Administrator", "Administrator", *row.values()) for row in rows]
		frappe.db.bulk_insert(doctype, columns, values)


def place(grid: object) -> dict[str, str]:
	return {"grid": grid.name, "grid_path": grid.grid_path}


def make_homes(grid: object, *names: str, **fields: object) -> list[str]:
	"""Households in *grid*, each with a head of the name given; returns the households."""
	homes = []
	for name in names:
		home = make_household(grid.name, **fields).name
		make_resident(home, resident_name=name)
		homes.append(home)
	return homes


def make_round(grid: object, start: str, end: str, status: str = "Closed") -> str:
	"""A round in *grid* without households; returns its name."""
	name = frappe.generate_hash(length=10)
	values = {"name": name, **place(grid), "period_start": start, "period_end": end, "status": status}
	frappe.db.delete("Visit Round", {"grid": grid.name, "period_start": start})
	insert("Visit Round", [values])
	return name


def put_in_round(
	name: str,
	grid: object,
	homes: dict[str, tuple[Moment, Moment]],
	counted: int = 1,
) -> None:
	"""The *homes* of *grid* as rows of the round *name*: by household when it was visited and when last tried."""
	start = frappe.db.get_value("Visit Round", name, "period_start")
	frappe.db.delete("Round Household", {"household": ["in", list(homes)], "period_start": start})
	insert(
		"Round Household",
		[
			{
				"name": frappe.generate_hash(length=10),
				"round": name,
				"household": home,
				**place(grid),
				"period_start": start,
				"counted": counted,
				"visited_at": visited,
				"tried_at": tried,
				"tries": int(bool(tried)),
			}
			for home, (visited, tried) in homes.items()
		],
	)


def make_due(resident: str, *visits: tuple[str, Moment]) -> None:
	"""*resident* was to be visited until each day, and was at the moment beside it."""
	person = frappe.db.get_value("Resident", resident, ["household", "grid", "grid_path"], as_dict=True)
	frappe.db.delete("Must Visit", {"resident": resident})
	insert(
		"Must Visit",
		[
			{
				"name": frappe.generate_hash(length=10),
				"resident": resident,
				**person,
				"due_on": due,
				"interval_days": 7,
				"done_at": done,
			}
			for due, done in visits
		],
	)


def make_old_care(resident: str, category: str, since: date | str) -> None:
	"""Care that was entered on the day on which it began, however long ago."""
	care = make_care(resident, category, since=since)
	interval = frappe.db.get_value("Care Category", care.category, "visit_interval_days")
	care.db_set("next_visit_due", add_days(since, interval))
	must_visits.ensure(residents=[resident])


def make_notice(grid: object, title: str, state: str, sent_at: str) -> str:
	"""A notice of *grid* in the workflow state *state*; returns its name."""
	name = f"NT-{frappe.generate_hash(length=8)}"
	insert(
		"Notice",
		[
			{
				"name": name,
				**place(grid),
				"notice_title": title,
				"content": title,
				"deliver_to": "Household",
				"workflow_state": state,
				"sent_at": sent_at,
			}
		],
	)
	return name


def deliver(notice: str, grid: object, homes: dict[str, str]) -> None:
	"""Deliveries of *notice* to *homes* of *grid*, each in its state."""
	insert(
		"Notice Delivery",
		[
			{
				"name": frappe.generate_hash(length=10),
				"notice": notice,
				"household": home,
				"resident": "",
				**place(grid),
				"state": state,
			}
			for home, state in homes.items()
		],
	)
