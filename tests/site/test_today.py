"""What is to be done at the doors today: why, in which order, for whom, and what it costs."""

from collections.abc import Iterator
from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_days, getdate, now_datetime

from grid_governance.grid_visits import (
	MUST_VISIT,
	ROUND,
	ROUND_HOUSEHOLD,
	VISIT,
	door,
	matters,
	rules,
	today,
)
from tests.factories import make_holder, make_household, make_resident, make_township, make_user, seeded
from tests.world import as_text, inside_savepoint, taken_back


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""Two grids with a round each; a member in the first, with five households in it."""
	with taken_back():
		town = make_township(1, 2)
		grid, other = (each.name for each in town.grids[0])
		homes = {
			no: make_household(grid, household_no=no, address="村东").name for no in ("10", "2", "9", "31")
		}
		homes["12"] = make_household(grid, household_no="12", residence_state="Away").name
		for no, household in homes.items():
			make_resident(household, resident_name=f"王国{no}")
		foreign = make_household(other, household_no="1").name
		make_resident(foreign, resident_name="张秘密")
		rounds = {name: open_round(name) for name in (grid, other)}
		yield frappe._dict(
			grid=grid,
			other=other,
			rounds=rounds,
			homes=homes,
			foreign=foreign,
			member=make_holder("Grid Member", grid),
			secretary=make_holder("Village Secretary", town.villages[0].name),
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def open_round(grid: str) -> str:
	"""The present round of *grid*, without households: a test puts in those that it needs."""
	frappe.db.delete(ROUND, {"grid": grid})
	start, end = rules.period("Monthly", getdate())
	return stored(ROUND, grid=grid, status="Open", period_start=start, period_end=end, ordinary_households=4)


def stored(doctype: str, **values: object) -> str:
	"""A row as a job writes it: past the controllers, with its path."""
	doc = frappe.get_doc(doctype=doctype, **values)
	doc.grid_path = frappe.db.get_value("Grid", doc.grid, "grid_path")
	doc.name = frappe.generate_hash(length=10)
	doc.db_insert()
	return doc.name


def in_round(world, no: str, **values: object) -> str:
	start, _end = rules.period("Monthly", getdate())
	frappe.db.delete(ROUND_HOUSEHOLD, {"household": world.homes[no], "period_start": start})
	return stored(
		ROUND_HOUSEHOLD,
		**{
			"round": world.rounds[world.grid],
			"household": world.homes[no],
			"grid": world.grid,
			"period_start": start,
			"counted": 1,
			**values,
		},
	)


def due(world, no: str, days: int, **values: object) -> str:
	resident = frappe.db.get_value("Resident", {"household": world.homes[no]})
	day = add_days(getdate(), days)
	return stored(
		MUST_VISIT,
		**{
			"resident": resident,
			"household": world.homes[no],
			"grid": world.grid,
			"due_on": day,
			**values,
		},
	)


def promised(world, no: str, days: int, **values: object) -> str:
	return stored(
		VISIT,
		**{
			"household": world.homes[no],
			"grid": world.grid,
			"visit_kind": "Ordinary",
			"outcome": "Met",
			"visited_at": now_datetime() - timedelta(days=20),
			"return_on": add_days(getdate(), days),
			"return_note": "送药",
			**values,
		},
	)


def delivered(world, no: str, hours: int = -1, state: str = "Sent", **notice: object) -> str:
	made = stored(
		"Notice",
		**{
			"grid": world.grid,
			"notice_title": "停水通知",
			"content": "停水",
			"workflow_state": seeded("workflow_state/notice-sent"),
			**notice,
		},
	)
	return stored(
		"Notice Delivery",
		notice=made,
		household=world.homes[no],
		resident="",
		grid=world.grid,
		state=state,
		doorstep_at=now_datetime() + timedelta(hours=hours),
	)


@pytest.fixture
def morning(world, as_user):
	"""`morning()`: what the member sees."""

	def look(user: str = "", grid: str = "") -> dict:
		with as_user(user or world.member):
			return today.today(grid)

	return look


def doors(answer: dict) -> list[str]:
	return [line["household_no"] for line in answer["lines"]]


def test_whoever_was_not_visited_stands_in_the_order_of_the_doors(world, morning):
	for no in ("10", "2", "31"):
		in_round(world, no)
	in_round(world, "9", visited_at=now_datetime())
	answer = morning()
	assert doors(answer) == ["2", "10", "31"]
	assert answer["counts"] == {"must": 0, "returns": 0, "notices": 0, "unvisited": 3, "later": 0}
	assert [line["sections"] for line in answer["lines"]] == [["unvisited"]] * 3


def test_what_was_only_tried_stands_at_the_end(world, morning):
	in_round(world, "2", tries=1, tried_at=now_datetime())
	in_round(world, "9")
	in_round(world, "10")
	in_round(world, "31", visited_at=now_datetime())
	answer = morning()
	assert doors(answer) == ["9", "10", "2"]
	assert [line["tries"] for line in answer["lines"]] == [0, 0, 1]


def test_what_came_later_stands_outside_the_figure(world, morning):
	for no in ("10", "9", "31"):
		in_round(world, no, visited_at=now_datetime())
	answer = morning()
	assert [(line["household_no"], line["sections"]) for line in answer["lines"]] == [("2", ["later"])]
	in_round(world, "2", counted=0)
	assert morning()["counts"]["later"] == 1


def test_one_household_is_one_line_with_all_its_reasons(world, morning):
	in_round(world, "2")
	due(world, "2", -3)
	promised(world, "2", 1)
	delivered(world, "2")
	(line,) = (line for line in morning()["lines"] if line["household_no"] == "2")
	assert line["sections"] == ["must", "returns", "notices", "unvisited"]
	assert line["late"]
	reasons = {reason["section"]: reason for reason in line["why"]}
	assert reasons["must"]["who"] == "王国2" and reasons["must"]["late"]
	assert (reasons["returns"]["words"], reasons["returns"]["late"]) == ("送药", False)
	assert reasons["notices"]["words"] == "停水通知"


@pytest.mark.parametrize(
	("put", "shown"),
	[
		(lambda w: due(w, "12", 7), True),
		(lambda w: due(w, "12", 8), False),
		(lambda w: due(w, "12", -1, done_at=now_datetime()), False),
		(lambda w: promised(w, "12", 1), True),
		(lambda w: promised(w, "12", 2), False),
		(lambda w: promised(w, "12", -2, returned_on=getdate()), False),
		(lambda w: delivered(w, "12"), True),
		(lambda w: delivered(w, "12", hours=1), False),
		(lambda w: delivered(w, "12", state="Told"), False),
		(lambda w: delivered(w, "12", state="Confirmed"), False),
		(lambda w: delivered(w, "12", expires_on=add_days(getdate(), -1)), False),
		(lambda w: delivered(w, "12", expires_on=getdate()), True),
		(
			lambda w: delivered(w, "12", workflow_state=seeded("workflow_state/notice-withdrawn")),
			False,
		),
		(lambda w: in_round(w, "12", counted=0), False),
		(lambda w: in_round(w, "12"), True),
	],
)
def test_a_reason_holds_from_its_day_until_it_is_done(world, morning, put, shown):
	put(world)
	assert ("12" in doors(morning())) is shown


def test_a_promise_waits_at_the_door_of_a_household_that_has_moved(world, morning, as_user):
	"""What was said in the other grid is read by whoever reads the visit."""
	promised(world, "12", 0, grid=world.other)
	promised(world, "9", 0)
	(away,) = (line for line in morning()["lines"] if line["household_no"] == "12")
	assert [(why["section"], why["on"], why["words"]) for why in away["why"]] == [("returns", getdate(), "")]
	home = frappe.get_doc("Household", world.homes["12"])
	with as_user(world.member):
		(row,) = matters.open_matters(home)
		assert (row["doctype"], row["title"]) == ("Household", "Promised to come again")
		(told,) = door.start(home.name)["returns"]
		assert (told["return_on"], told["return_note"]) == (getdate(), None)
	answer = morning(world.secretary, world.grid)
	promises = [line for line in answer["lines"] if "returns" in line["sections"]]
	assert {line["household_no"]: line["why"][0]["words"] for line in promises} == {"12": "送药", "9": "送药"}
	frappe.db.set_value("Household", world.homes["9"], "grid", world.other)
	assert "9" not in doors(morning())


def test_promises_are_found_by_their_households(world, morning, count_queries, explain):
	promised(world, "2", 0)
	with count_queries() as seen:
		morning()
	(query,) = (query for query in seen.queries if "`return_note`" in query)
	(row,) = (row for row in explain(query) if row["table"] == "tabHousehold Visit")
	assert "household_returned_on_return_on_index" in row["possible_keys"], row


def test_a_dissolved_household_is_left_out(world, morning):
	due(world, "2", 0)
	promised(world, "2", 0)
	frappe.db.set_value("Household", world.homes["2"], "status", "Dissolved")
	assert "2" not in doors(morning())


def test_the_round_is_told_with_its_figures(world, morning):
	frappe.db.set_value(ROUND, world.rounds[world.grid], "ordinary_visited", 3)
	_start, end = rules.period("Monthly", getdate())
	assert morning()["round"] == {"until": end, "households": 4, "visited": 3}
	frappe.db.set_value(ROUND, world.rounds[world.grid], "period_end", add_days(getdate(), -1))
	answer = morning()
	assert answer["round"] is None and answer["lines"] == []


def test_people_are_found_by_their_names_and_letters(world, morning):
	in_round(world, "2")
	line = morning()["lines"][0]
	assert {"2", "王国2", "村东"} <= set(line["search"].split())
	assert any(word.startswith("wangguo") for word in line["search"].split())


def test_nothing_of_another_grid_is_shown(world, morning):
	stored(
		MUST_VISIT,
		resident=frappe.db.get_value("Resident", {"household": world.foreign}),
		household=world.foreign,
		grid=world.other,
		due_on=getdate(),
	)
	assert world.foreign in {line["household"] for line in morning(world.secretary)["lines"]}
	for grid in ("", world.other):
		answer = morning(grid=grid)
		assert "张秘密" not in as_text(answer)
		assert [each["name"] for each in answer["grids"]] == [world.grid]


def test_who_has_many_grids_sees_them_one_by_one(world, morning, monkeypatch):
	monkeypatch.setattr(today, "MOST_GRIDS", 1)
	answer = morning(world.secretary)
	assert [each["name"] for each in answer["grids"]] == [world.grid, world.other]
	assert answer["grid"] == world.grid
	answer = morning(world.secretary, world.other)
	assert answer["grid"] == world.other
	assert [line["household"] for line in answer["lines"]] == [world.foreign]


def test_whoever_enters_no_visits_is_refused(world, as_user):
	for user in (make_user(), "Guest"):
		with as_user(user):
			for call in (today.today, lambda: today.find("王")):
				with pytest.raises(frappe.PermissionError):
					call()


@pytest.mark.parametrize("text", ["王国9", "wangguo", "wg", "9"])
def test_a_household_is_found_where_nothing_is_to_be_done(world, as_user, text):
	with as_user(world.member):
		found = today.find(text)
	assert world.homes["9"] in {line["household"] for line in found}
	assert all(line["why"] == [] for line in found)


def test_a_search_ends_where_the_posts_do(world, as_user):
	with as_user(world.member):
		assert today.find("张秘密") == [] and today.find(" ") == []
	with as_user(world.secretary):
		(line,) = today.find("张秘密")
	assert (line["household"], line["who"]) == (world.foreign, ["张秘密"])


def test_it_costs_as_much_for_many_households_as_for_few(world, morning, count_queries):
	in_round(world, "2")
	due(world, "2", 0)
	morning()
	with count_queries() as few:
		morning()
	for number in range(40, 70):
		household = make_household(world.grid, household_no=str(number)).name
		make_resident(household)
		world.homes[str(number)] = household
		in_round(world, str(number))
		due(world, str(number), 1)
		promised(world, str(number), 0)
		delivered(world, str(number))
	morning()
	with count_queries() as many:
		answer = morning()
	for number in range(40, 70):
		del world.homes[str(number)]
	assert answer["counts"]["notices"] == 30
	assert many.count == few.count, many.queries
	of_posts = ("tabRole", "tabGrid Post Assignment")  # remembered between requests
	own = [query for query in few.queries if not any(f"FROM `{table}`" in query for table in of_posts)]
	assert len(own) <= 10, own


def test_the_page_of_a_household_tells_what_is_open(world, as_user):
	due(world, "2", -1)
	due(world, "9", 3)
	promised(world, "2", 1)
	promised(world, "2", 0, returned_on=getdate())
	with as_user(world.member):
		rows = matters.open_matters(frappe.get_doc("Household", world.homes["2"]))
	assert [(row["doctype"], row["title"]) for row in rows] == [
		(MUST_VISIT, "Visit 王国2 in person"),
		(VISIT, "送药"),
	]
	with as_user(make_user()):
		assert matters.open_matters(frappe.get_doc("Household", world.homes["2"])) == []
