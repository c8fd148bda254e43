"""What is to be done at the doors today: household by household, in the order in which one passes them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import frappe
from frappe.query_builder import DocType
from frappe.utils import getdate, now_datetime
from pypika.terms import Criterion, ExistsCriterion

from grid_governance import scope
from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.queries import find as ledger
from grid_governance.grid_ledger.rules.households import GONE
from grid_governance.grid_visits import (
	DELIVERY,
	MUST_VISIT,
	NOTICE,
	ROUND,
	ROUND_HOUSEHOLD,
	VISIT,
	promises,
	rules,
)
from grid_governance.grid_visits.notices import LEFT, stages

MUST, RETURNS, NOTICES, UNVISITED, LATER = "must", "returns", "notices", "unvisited", "later"
SECTIONS = (MUST, RETURNS, NOTICES, UNVISITED, LATER)
"""Why somebody goes to a door: a person is due; it was promised; something is to be told; the household was not visited
in the round; the same for one that came after the round's figure was frozen."""

SOON = timedelta(days=7)
"""So long before a must-visit is due it stands in the list."""

MOST_GRIDS = 3
"""The households of so many grids are shown together; who has more sees them one by one."""

FOUND = 20
"""Households that a search gives."""

Reason = dict[str, Any]


@frappe.whitelist()
def today(grid: str = "") -> dict[str, Any]:
	"""Return what the session's user has to do at the doors of *grid*, or of her grids when she has few.

	`grids`: name and grid_name of all with households in which she may enter visits, `grid`: the one shown, "" for all of them;
	`round`: `until` (date), `households`, `visited` of the present round, None where none is open; `counts`: households by
	section of `SECTIONS`; `lines`: one for each household with a reason, see `_line`, as one passes the doors, those that
	were only tried and are not urgent at the end. Raises PermissionError for who may not enter visits anywhere.
	"""
	frappe.new_doc(VISIT).check_permission("create")
	grids = _grids()
	chosen = [each for each in grids if each.name == grid]
	shown = chosen or (grids if len(grids) <= MOST_GRIDS else grids[:1])
	names = [each.name for each in shown]
	lines = _lines(names, {each.name: each.grid_name for each in shown}) if names else []
	return {
		"grids": [{"name": each.name, "grid_name": each.grid_name} for each in grids],
		"grid": names[0] if len(names) == 1 and len(grids) > 1 else "",
		"round": _round(names) if names else None,
		"counts": {section: sum(section in line["sections"] for line in lines) for section in SECTIONS},
		"lines": lines,
	}


@frappe.whitelist(methods=["POST"])
def find(text: str) -> list[dict[str, Any]]:
	"""Return the households that *text* means, whether or not anything is to be done there, at most `FOUND`.

	*text*: a name, pinyin, initials, a house number, an address. Lines as in `today`, without reasons; `who`: the people
	by whom they were found. Raises PermissionError for who may not enter visits anywhere.
	"""
	frappe.new_doc(VISIT).check_permission("create")
	if not text.strip():
		return []
	who: dict[str, list[str]] = defaultdict(list)
	for person in ledger.people(text, limit=FOUND):
		who[person.household].append(person.resident_name)
	homes = [name for name, *_words in ledger.homes(HOUSEHOLD, text, page_len=FOUND)]
	names = list(dict.fromkeys([*homes, *who]))[:FOUND]
	rows = frappe.get_list(
		HOUSEHOLD,
		filters={"name": ["in", names or [""]], "status": "Active"},
		fields=["name", "title", "address", "household_no", "grid"],
		order_by="grid_path asc, household_no asc",
		limit_page_length=FOUND,
	)
	called = dict(
		frappe.get_all(
			"Grid",
			filters={"name": ["in", sorted({row.grid for row in rows}) or [""]]},
			fields=["name", "grid_name"],
			order_by="name asc",
			as_list=True,
		)
	)
	return [{**_line(row, called, []), "who": who.get(row.name, [])} for row in rows]


def _grids() -> list[frappe._dict]:
	"""The grids in which the session's user may enter visits and households lie, by place."""
	ranges = scope.ranges(frappe.session.user, VISIT, "create")
	if not ranges:
		return []
	grid, home = DocType("Grid"), DocType(HOUSEHOLD)
	lies_there = frappe.qb.from_(home).select(home.name).where(home.grid == grid.name)
	return (
		frappe.qb.from_(grid)
		.select(grid.name, grid.grid_name)
		.where((grid.status == "Active") & ExistsCriterion(lies_there))
		.where(Criterion.any((grid.grid_path >= lo) & (grid.grid_path < hi) for lo, hi in ranges))
		.orderby(grid.grid_path)
		.run(as_dict=True)
	)


def _round(grids: list[str]) -> dict[str, Any] | None:
	"""The present round of *grids* together."""
	rounds, day = DocType(ROUND), getdate()
	rows = (
		frappe.qb.from_(rounds)
		.select(rounds.period_end, rounds.ordinary_households, rounds.ordinary_visited)
		.where(rounds.grid.isin(grids) & (rounds.period_start <= day) & (rounds.period_end >= day))
		.where(scope.criterion(ROUND))
		.run(as_dict=True)
	)
	if not rows:
		return None
	return {
		"until": min(row.period_end for row in rows),
		"households": sum(row.ordinary_households for row in rows),
		"visited": sum(row.ordinary_visited for row in rows),
	}


def _lines(grids: list[str], called: dict[str, str]) -> list[dict[str, Any]]:
	"""The lines of *grids*, which are *called* so: as many statements for many households as for few."""
	rows = _households(grids)
	reasons: dict[str, list[Reason]] = defaultdict(list)
	urgent = (*_must(grids), *_promised(grids), *_to_tell(grids))
	for household, reason in (*urgent, *_unvisited(rows)):
		reasons[household].append(reason)
	rows = sorted(
		(row for row in rows if row.name in reasons), key=lambda row: _place(row, reasons[row.name])
	)
	people = _people([row.name for row in rows])
	return [_line(row, called, reasons[row.name], people.get(row.name, [])) for row in rows]


def _line(
	row: frappe._dict, called: dict[str, str], reasons: list[Reason], people: list[frappe._dict] | None = None
) -> dict[str, Any]:
	"""A household in a list: `household`, `title`, `address`, `household_no`, `grid_name`; `why`: the reasons, each with
	`section`, `who` (a person's name or ""), `words` (what was promised, or is to be told), `on` (date or None) and `late`;
	`sections`; `late`: whether one of them is; `tries`: how often nobody was at home in the round; `search`: what it is
	found by, small, apart by blanks."""
	names = {person.name: person.resident_name for person in people or ()}
	why = [{**reason, "who": names.get(reason["who"], "")} for reason in reasons]
	return {
		"household": row.name,
		"title": row.title,
		"address": row.address,
		"household_no": row.household_no,
		"grid_name": called.get(row.grid, ""),
		"why": why,
		"sections": [section for section in SECTIONS if any(each["section"] == section for each in why)],
		"late": any(reason["late"] for reason in why),
		"tries": row.tries or 0,
		"search": _search(row, people or ()),
	}


def _reason(section: str, on: date | None = None, who: str = "", words: str = "") -> Reason:
	return {
		"section": section,
		"who": who,
		"words": words,
		"on": on,
		"late": bool(on and section in (MUST, RETURNS) and on < getdate()),
	}


def _households(grids: list[str]) -> list[frappe._dict]:
	"""The households of *grids*, each with its row of the present round, where there is a round."""
	home, rounds, in_round = DocType(HOUSEHOLD), DocType(ROUND), DocType(ROUND_HOUSEHOLD)
	day = getdate()
	return (
		frappe.qb.from_(home)
		.left_join(rounds)
		.on((rounds.grid == home.grid) & (rounds.period_start <= day) & (rounds.period_end >= day))
		.left_join(in_round)
		.on((in_round.household == home.name) & (in_round.period_start == rounds.period_start))
		.select(
			home.name,
			*(home[field] for field in ("title", "address", "household_no", "grid", "grid_path")),
			home.residence_state,
			rounds.name.as_("round"),
			*(in_round[field] for field in ("counted", "visited_at", "tries", "tried_at")),
		)
		.where(home.grid.isin(grids) & (home.status == "Active"))
		.where(scope.criterion(HOUSEHOLD))
		.run(as_dict=True)
	)


def _unvisited(rows: Iterable[frappe._dict]) -> Iterator[tuple[str, Reason]]:
	"""The households of *rows* that nobody has visited in the round; those outside its figure apart."""
	for row in rows:
		if row.round and not row.visited_at and (row.counted or row.residence_state in rules.ORDINARY):
			section = UNVISITED if row.counted else LATER
			yield row.name, _reason(section, row.tried_at and getdate(row.tried_at))


def _must(grids: list[str]) -> list[tuple[str, Reason]]:
	"""Who is to be visited within the next days, or should have been."""
	must = DocType(MUST_VISIT)
	rows = (
		frappe.qb.from_(must)
		.select(must.household, must.resident, must.due_on)
		.where(must.grid.isin(grids) & must.done_at.isnull() & (must.due_on <= getdate() + SOON))
		.where(scope.criterion(MUST_VISIT))
		.orderby(must.due_on)
		.run(as_dict=True)
	)
	return [(row.household, _reason(MUST, row.due_on, who=row.resident)) for row in rows]


def _promised(grids: list[str]) -> list[tuple[str, Reason]]:
	"""Where somebody promised to come again until tomorrow."""
	here = DocType(HOUSEHOLD).grid.isin(grids)
	rows = promises.waiting(here, until=getdate() + timedelta(days=1))
	return [(row.household, _reason(RETURNS, row.return_on, words=row.return_note or "")) for row in rows]


def _to_tell(grids: list[str]) -> list[tuple[str, Reason]]:
	"""Which notices are to be told at the door, since nothing else has reached whom they are for."""
	delivery, notice, node = DocType(DELIVERY), DocType(NOTICE), DocType("Grid")
	here = frappe.qb.from_(node).select(node.grid_path).where(node.name.isin(grids))
	rows = (
		frappe.qb.from_(delivery)
		.join(notice)
		.on(notice.name == delivery.notice)
		.select(delivery.household, delivery.resident, notice.notice_title)
		.where(delivery.grid_path.isin(here) & delivery.state.isin(LEFT))
		.where(delivery.doorstep_at <= now_datetime())
		.where(notice.workflow_state.isin(stages.going() or [""]))
		.where(notice.expires_on.isnull() | (notice.expires_on >= getdate()))
		.where(scope.criterion(DELIVERY))
		.orderby(delivery.doorstep_at)
		.run(as_dict=True)
	)
	return [(row.household, _reason(NOTICES, who=row.resident or "", words=row.notice_title)) for row in rows]


def _people(households: list[str]) -> dict[str, list[frappe._dict]]:
	"""Who lives in *households*, of those whom the reader may see."""
	if not households:
		return {}
	resident = DocType(RESIDENT)
	rows = (
		frappe.qb.from_(resident)
		.select(
			*(resident[field] for field in ("name", "household", "resident_name", "pinyin", "initials")),
		)
		.where(resident.household.isin(households) & resident.status.notin(GONE))
		.where(resident.merged_into.isnull() | (resident.merged_into == ""))
		.where(scope.criterion(RESIDENT))
		.run(as_dict=True)
	)
	found: dict[str, list[frappe._dict]] = defaultdict(list)
	for row in rows:
		found[row.household].append(row)
	return found


def _search(row: frappe._dict, people: Iterable[frappe._dict]) -> str:
	words = [row.household_no, row.title, row.address]
	for person in people:
		words += [person.resident_name, person.pinyin, person.initials]
	return " ".join(dict.fromkeys(word.replace(" ", "").lower() for word in words if word))


def _place(row: frappe._dict, reasons: list[Reason]) -> tuple[Any, ...]:
	"""Where a household stands in a list: by grid and number of the door, 9 before 10; what was only tried, at the end."""
	tried = bool(row.tries) and all(reason["section"] in (UNVISITED, LATER) for reason in reasons)
	parts = re.split(r"(\d+)", row.household_no or "")
	number = [(int(part) if part.isdecimal() else 0, part) for part in parts]
	return tried, row.grid_path, not row.household_no, number, row.title or "", row.name
