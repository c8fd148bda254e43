"""A visit entered by mistake is taken back: everything is as before it, and that it was there can be read."""

import json

import frappe
import pytest
from frappe.utils import add_days, add_to_date, get_datetime, getdate, now_datetime

from grid_governance.grid_visits import actions, door, rounds, rules, taking_back
from grid_governance.grid_visits.notices import sending
from tests.factories import (
	make_care,
	make_category,
	make_holder,
	make_household,
	make_notice,
	make_resident,
	make_township,
	make_user,
	seeded,
)
from tests.world import inside_savepoint, taken_back

WHY = "按错了，家里没人"
NEVER_PUT_BACK = {"modified", "modified_by", "visit_due_before"}
"""What says when a row was written last, not what it says."""


@pytest.fixture(scope="module")
def world(site):
	"""A village of two grids; in the first two households, a member, a leader and a secretary; in one an elder in care."""
	with taken_back():
		make_user()
		town = make_township(1, 2)
		town.village, town.grid, town.other = town.villages[0], *(grid.name for grid in town.grids[0])
		town.home, town.neighbour = (make_household(town.grid).name for _home in range(2))
		town.head = make_resident(town.home, resident_name="王国军").name
		town.elder = make_resident(town.home, "Parent", resident_name="王老太").name
		make_care(town.elder, "elder-alone", since=add_days(getdate(), -40))
		make_care(town.elder, "elder", since=add_days(getdate(), -40))
		town.member = make_holder("Grid Member", town.grid)
		town.second = make_holder("Grid Member", town.grid)
		town.secretary = make_holder("Village Secretary", town.village.name)
		rounds.open_in(town.village.grid_path, getdate())
		yield town


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture
def visit(world, as_user):
	"""`visit(outcome, by=…, at=…, household=…, effects=…, **values)`: one that has been entered."""

	def enter(
		outcome: str = "Met",
		by: str = "",
		at: object = None,
		household: str = "",
		met: tuple[str, ...] | None = None,
		**values: object,
	) -> frappe.model.document.Document:
		met = (world.head, world.elder) if met is None and outcome == "Met" and not household else met or ()
		waited = (now_datetime() - get_datetime(at)).total_seconds() if at else 0
		with as_user(by or world.member):
			answer = door.save(
				frappe.generate_hash(length=32),
				household or world.home,
				outcome,
				json.dumps({**values, "residents_met": met}, default=str),
				waited,
			)
		return frappe.get_doc("Household Visit", answer["name"])

	return enter


@pytest.fixture
def back(world, as_user):
	def take(visit: frappe.model.document.Document, by: str = "", why: str = WHY) -> dict:
		with as_user(by or world.member):
			return taking_back.take_back(visit.name, why)

	return take


def standing(world: frappe._dict) -> dict[str, list[dict]]:
	"""All that visits move, as it stands: households, rounds and their rows, must-visits, care, notices, deliveries."""
	below = {"grid_path": ["like", f"{world.village.grid_path}%"]}
	tables = (
		"Household",
		"Visit Round",
		"Round Household",
		"Must Visit",
		"Resident Care",
		"Notice",
		"Notice Delivery",
	)
	return {
		doctype: [
			{field: value for field, value in row.items() if field not in NEVER_PUT_BACK}
			for row in frappe.get_all(
				doctype, filters=below, fields=["*"], order_by="name asc", limit_page_length=0
			)
		]
		for doctype in tables
	}


@pytest.mark.parametrize("outcome", ["Met", "Nobody Home", "Would Not Talk", "By Phone"])
def test_everything_is_as_before(world, visit, back, outcome):
	before = standing(world)
	made = visit(outcome)
	assert standing(world) != before
	back(made)
	assert standing(world) == before


def test_it_says_what_it_had_said_and_why_it_counts_no_more(world, visit, back):
	made = visit(return_on=add_days(getdate(), 7), return_note="带体检表")
	answer = back(made)
	made.reload()
	assert (made.outcome, made.outcome_before, made.taken_back_why) == (rules.TAKEN_BACK, "Met", WHY)
	assert made.taken_back_at and made.return_on is None
	assert [row.resident for row in made.residents_met] == [world.head, world.elder]
	assert made.taken_back_did.split("\n") == answer["did"]
	assert len(answer["did"]) == 3, "the round, the elder, what was promised"
	assert answer["stays"] == []


class TestCoverage:
	def test_the_visit_that_is_left_counts(self, world, visit, back):
		wrong = visit(met=())
		right = visit("Would Not Talk", by=world.second)
		back(wrong)
		row = frappe.get_doc("Round Household", {"household": world.home})
		assert (row.visit, row.visited_at) == (right.name, right.visited_at)
		held = frappe.get_doc("Visit Round", row.round)
		assert held.ordinary_visited == 1

	def test_one_that_counted_for_nothing_takes_nothing_away(self, world, visit, back):
		first = visit(met=())
		wrong = visit(met=(), by=world.second)
		before = standing(world)
		back(wrong, by=world.second)
		assert standing(world)["Round Household"] == before["Round Household"]
		assert frappe.db.get_value("Round Household", {"household": world.home}, "visit") == first.name
		assert standing(world)["Visit Round"] == before["Visit Round"]

	def test_other_tries_stay(self, world, visit, back):
		earlier = add_to_date(now_datetime(), minutes=-30)
		if earlier.day != now_datetime().day:
			earlier = now_datetime()
		first = visit("Nobody Home", at=earlier)
		back(visit("Nobody Home"))
		row = frappe.get_doc("Round Household", {"household": world.home})
		assert (row.tries, row.tried_at) == (1, first.visited_at)

	def test_the_household_was_last_visited_when_it_was(self, world, visit, back):
		long_ago = add_days(getdate(), -90)
		frappe.db.set_value("Household", world.home, "last_visit_on", long_ago)
		back(visit(met=()))
		assert frappe.db.get_value("Household", world.home, "last_visit_on") == long_ago

	@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)])
	def test_in_whatever_order_visits_are_taken_back(self, world, visit, back, order):
		"""The day from before them is in none of the visits that are left."""
		long_ago = add_days(getdate(), -90)
		frappe.db.set_value("Household", world.home, "last_visit_on", long_ago)
		made = [visit(at=add_days(now_datetime(), -days), met=()) for days in (2, 1, 0)]
		for left, at in enumerate(order, start=1):
			back(made[at])
			days = [getdate(made[other].visited_at) for other in order[left:]]
			assert frappe.db.get_value("Household", world.home, "last_visit_on") == max(
				days, default=long_ago
			)


class TestMustVisits:
	def rows(self, world):
		return frappe.get_all(
			"Must Visit",
			filters={"resident": world.elder},
			fields=["visit", "done_at", "due_on", "round"],
			order_by="creation asc",
		)

	def test_a_later_visit_has_served_instead(self, world, visit, back):
		(first,) = self.rows(world)
		wrong = visit(at=add_to_date(now_datetime(), minutes=-10))
		right = visit(by=world.second)
		assert len(self.rows(world)) == 3
		back(wrong)
		closed, opened = self.rows(world)
		assert (closed.visit, closed.due_on, closed.round) == (right.name, first.due_on, first.round)
		assert opened.done_at is None
		assert opened.due_on == add_days(
			getdate(), frappe.db.get_value("Must Visit", {"visit": right.name}, "interval_days")
		)

	def test_the_round_has_seen_her_once_all_the_same(self, world, visit, back):
		held = frappe.db.get_value("Visit Round", {"grid": world.grid, "status": "Open"})
		wrong = visit(at=add_to_date(now_datetime(), minutes=-10))
		visit(by=world.second)
		seen = frappe.db.get_value("Visit Round", held, "must_done")
		back(wrong)
		assert frappe.db.get_value("Visit Round", held, "must_done") == seen

	def test_a_visit_that_arrived_later_and_was_earlier_serves_now(self, world, visit, back):
		wrong = visit()
		earlier = visit(by=world.second, at=add_to_date(now_datetime(), minutes=-20))
		assert not frappe.db.exists("Must Visit", {"visit": earlier.name})
		back(wrong)
		assert frappe.db.get_value("Must Visit", {"visit": earlier.name}, "resident") == world.elder

	def test_both_taken_back_leave_nothing(self, world, visit, back):
		(before,) = self.rows(world)
		wrong, too = visit(at=add_to_date(now_datetime(), minutes=-10)), visit(by=world.second)
		back(too, by=world.second)
		back(wrong)
		assert self.rows(world) == [before]

	def test_care_that_ended_meanwhile_asks_for_nobody(self, world, visit, back):
		made = visit()
		for care in frappe.get_all("Resident Care", {"resident": world.elder}, pluck="name"):
			doc = frappe.get_doc("Resident Care", care)
			doc.until = getdate()
			doc.save()
		back(made)
		assert self.rows(world) == []


class TestPromises:
	def test_what_it_kept_is_open_again(self, world, visit, back):
		promised = visit("By Phone", at=add_to_date(now_datetime(), hours=-1), return_on=getdate())
		made = visit(by=world.second)
		assert frappe.db.get_value("Household Visit", promised.name, "returned_on") == getdate()
		back(made, by=world.second)
		assert frappe.db.get_value("Household Visit", promised.name, "returned_on") is None

	def test_another_visit_has_kept_it(self, world, visit, back):
		promised = visit("By Phone", at=add_to_date(now_datetime(), hours=-1), return_on=getdate())
		made = visit(by=world.second)
		visit(by=world.member)
		back(made, by=world.second)
		assert frappe.db.get_value("Household Visit", promised.name, "returned_on") == getdate()


class TestNotices:
	@pytest.fixture
	def notice(self, world, monkeypatch):
		"""A notice on its way to both households."""
		from grid_governance.grid_visits.notices import channels

		monkeypatch.setattr(frappe.db, "commit", lambda: None)
		monkeypatch.setattr(channels, "send", lambda notice: None)
		notice = make_notice(world.grid, "notice-send")
		sending.fan_out(notice.name)
		return notice

	def told(self, world, notice) -> list[dict]:
		row = {"notice": notice.name, "household": world.home}
		return [{"kind": "notice", "delivery": frappe.db.get_value("Notice Delivery", row)}]

	def test_what_was_told_was_not(self, world, visit, back, notice):
		before = standing(world)
		made = visit(effects=self.told(world, notice))
		assert frappe.db.get_value("Notice", notice.name, "told") == 1
		answer = back(made)
		assert standing(world) == before
		assert answer["stays"] == []

	def test_one_that_had_reached_everybody_goes_on(self, world, visit, back, notice):
		visit(household=world.neighbour)
		other = {"notice": notice.name, "household": world.neighbour}
		frappe.db.set_value("Notice Delivery", other, "state", "Told")
		frappe.db.set_value("Notice", notice.name, "told", 1)
		before = standing(world)["Notice"]
		made = visit(effects=self.told(world, notice))
		reached = seeded("workflow_state/notice-reached")
		assert frappe.db.get_value("Notice", notice.name, "workflow_state") == reached
		back(made)
		assert standing(world)["Notice"] == before

	def test_a_matter_that_was_raised_stays_and_is_named(self, world, visit, back):
		made = visit(effects=[{"kind": "issue", "category": make_category(), "title": "路灯不亮"}])
		(effect,) = made.effects
		answer = back(made)
		assert answer["stays"] == [effect.summary]
		assert frappe.db.exists("Grid Issue", effect.reference_name)


class TestWho:
	@pytest.mark.parametrize("who", ["second", "secretary"])
	def test_nobody_else(self, world, visit, back, who):
		made = visit()
		with pytest.raises(actions.VisitSettledError):
			back(made, by=world[who])

	def test_only_once(self, visit, back):
		made = visit()
		back(made)
		with pytest.raises(taking_back.TakenBackAlreadyError):
			back(made)

	@pytest.mark.parametrize("why", ["", "  "])
	def test_not_without_a_reason(self, visit, back, why):
		with pytest.raises(taking_back.ReasonMissingError):
			back(visit(), why=why)

	def test_not_later_than_the_setting_says(self, world, visit, back):
		made = visit()
		frappe.db.set_single_value("Governance Settings", "take_back_hours", 3)
		entered = add_to_date(now_datetime(), hours=-3, minutes=-1)
		frappe.db.set_value("Household Visit", made.name, "entered_at", entered)
		with pytest.raises(actions.VisitSettledError):
			back(made)
		frappe.db.set_single_value("Governance Settings", "take_back_hours", 4)
		back(made)

	def test_a_township_has_its_own_time(self, world, visit, back):
		made = visit()
		frappe.db.set_value(
			"Household Visit", made.name, "entered_at", add_to_date(now_datetime(), hours=-30)
		)
		frappe.get_doc(doctype="Township Profile", grid=world.root.name, take_back_hours=48).insert()
		back(made)

	def test_nobody_where_it_is_switched_off(self, visit, back):
		frappe.db.set_single_value("Governance Settings", "take_back_hours", 0)
		with pytest.raises(actions.VisitSettledError):
			back(visit())

	def test_whose_post_is_over_takes_nothing_back(self, world, visit, back):
		made = visit()
		post = frappe.get_doc("Grid Post Assignment", {"user": world.member})
		post.to_date = add_days(getdate(), -1)
		post.save()
		with pytest.raises(frappe.PermissionError):
			back(made)

	def test_it_is_not_corrected_any_more(self, world, visit, back, as_user):
		made = visit()
		back(made)
		made.reload()
		made.note = "又改"
		with as_user(world.member), pytest.raises(actions.VisitSettledError):
			made.save()

	def test_none_is_entered_as_taken_back(self, visit):
		with pytest.raises(actions.OutcomeError):
			visit(rules.TAKEN_BACK)

	def test_the_form_offers_it_to_its_author(self, world, visit, as_user):
		made = visit()
		for user, offered in ((world.member, True), (world.second, False)):
			with as_user(user):
				assert taking_back.is_open(frappe.get_doc("Household Visit", made.name)) is offered

	def test_the_door_does_not_offer_it_and_knows_the_old_word(self, world, visit, as_user):
		with as_user(world.member):
			assert door.start(world.home)["outcomes"] == list(rules.OUTCOMES)
		assert visit("Refused").outcome == rules.WOULD_NOT_TALK


def test_what_old_visits_say_follows_the_new_word(world, visit):
	from grid_governance.setup.patches import visits_that_were_declined as patch

	made = visit("Would Not Talk")
	frappe.db.set_value("Household Visit", made.name, "outcome", "Refused")
	patch.execute()
	assert frappe.db.get_value("Household Visit", made.name, "outcome") == "Would Not Talk"
