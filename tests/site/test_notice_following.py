"""What has not reached anybody follows the ledger: to another door, or nowhere where its recipient is gone."""

from collections.abc import Iterator
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, getdate, now_datetime

from grid_governance.grid_ledger.actions import comings, households, merging
from grid_governance.grid_visits import door, today
from grid_governance.grid_visits.effects import notice as effect
from grid_governance.grid_visits.notices import (
	DELIVERY,
	NOTICE,
	channels,
	codes,
	desk,
	expiry,
	following,
	sending,
	sheets,
	stages,
	telling,
)
from tests.factories import make_holder, make_household, make_notice, make_resident, make_township, make_user
from tests.world import inside_savepoint, taken_back


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""A village with two grids: in the first a couple and an old man, in the other one a woman."""
	with taken_back():
		make_user()
		town = make_township(1, 2)
		one, two = town.grids[0]
		homes = {
			key: make_household(grid.name).name for key, grid in (("pair", one), ("old", one), ("far", two))
		}
		people = {
			key: make_resident(homes[home], relation, resident_name=name).name
			for key, home, relation, name in (
				("man", "pair", "Head", "张夫"),
				("wife", "pair", "Spouse", "李妻"),
				("old", "old", "Head", "王老"),
				("far", "far", "Head", "赵远"),
			)
		}
		yield frappe._dict(
			village=town.villages[0].name,
			one=one,
			two=two,
			homes=homes,
			people=people,
			member=make_holder("Grid Member", one.name),
			far_member=make_holder("Grid Member", two.name),
			secretary=make_holder("Village Secretary", town.villages[0].name),
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture(autouse=True)
def _jobs_are_run_here(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	monkeypatch.setattr(channels, "send", lambda notice: None)


def sent(world: frappe._dict, **fields: object) -> str:
	"""A notice of the village that has gone out, and goes to the doors now; returns its name."""
	notice = make_notice(world.village, "notice-send", **fields)
	sending.fan_out(notice.name)
	frappe.db.set_value(DELIVERY, {"notice": notice.name}, "doorstep_at", now_datetime())
	return notice.name


def of(notice: str, household: str = "", resident: str = "") -> frappe._dict:
	"""The delivery of *notice* to the household, or to the resident, as it is stored."""
	who = {"resident": resident} if resident else {"household": household}
	return frappe.db.get_value(DELIVERY, {"notice": notice, **who}, "*", as_dict=True)


def figures(notice: str) -> tuple[str, int, int]:
	"""The stage of *notice*, its recipients and how many were told."""
	state, *numbers = frappe.db.get_value(NOTICE, notice, ["workflow_state", "recipients", "told"])
	return stages.of(state), *numbers


def tell(notice: str, household: str) -> None:
	visit = SimpleNamespace(name="HV-1", household=household, visited_at=now_datetime(), worker=None)
	for row in frappe.get_all(DELIVERY, {"notice": notice, "household": household}, pluck="name"):
		telling.tell(row, visit)


def at_doors(user: str, as_user) -> set[str]:
	"""The households where *user* has a notice to tell today."""
	with as_user(user):
		return {line["household"] for line in today.today()["lines"] if today.NOTICES in line["sections"]}


class TestHouseholds:
	def test_one_that_was_merged_is_no_recipient_any_more(self, world, as_user):
		notice, homes = sent(world), world.homes
		frappe.db.set_value(DELIVERY, of(notice, homes["old"]).name, "state", "Sent")
		frappe.db.set_value(NOTICE, notice, "sent_to", 1)
		assert at_doors(world.member, as_user) == {homes["pair"], homes["old"]}
		households.merge(homes["old"], homes["pair"], {world.people["old"]: "Parent"})
		assert (of(notice, homes["old"]).state, of(notice, homes["pair"]).state) == ("Unreachable", "Waiting")
		assert figures(notice) == (stages.SENT, 2, 0)
		assert frappe.db.get_value(NOTICE, notice, "sent_to") == 0
		assert at_doors(world.member, as_user) == {homes["pair"]}
		with as_user(world.secretary):
			standing = desk.standing(notice)
			assert (standing["total"], standing["left"]) == (2, 2)
			assert {row["household"] for row in desk.left_rows(notice)} == {homes["pair"], homes["far"]}
		tell(notice, homes["pair"])
		tell(notice, homes["far"])
		assert figures(notice) == (stages.REACHED, 2, 2)

	def test_the_last_one_left_lets_it_have_reached_everybody(self, world):
		notice, homes = sent(world), world.homes
		tell(notice, homes["pair"])
		tell(notice, homes["far"])
		comings.move(world.people["old"], homes["pair"], "Parent", getdate())
		assert figures(notice) == (stages.SENT, 3, 2)
		households.dissolve(homes["old"], "无人居住")
		assert figures(notice) == (stages.REACHED, 2, 2)

	def test_what_has_reached_it_stays(self, world):
		notice, homes = sent(world), world.homes
		tell(notice, homes["old"])
		households.merge(homes["old"], homes["pair"], {world.people["old"]: "Parent"})
		assert of(notice, homes["old"]).state == "Told"
		assert figures(notice) == (stages.SENT, 3, 1)

	def test_what_is_over_or_withdrawn_is_history(self, world):
		over, withdrawn = sent(world, expires_on=getdate()), sent(world)
		expiry.run(add_days(getdate(), 1))
		frappe.db.set_value(NOTICE, withdrawn, "workflow_state", stages.state_for(stages.WITHDRAWN))
		households.merge(world.homes["old"], world.homes["pair"], {world.people["old"]: "Parent"})
		for notice in (over, withdrawn):
			assert of(notice, world.homes["old"]).state == "Waiting"
			assert figures(notice)[1] == 3

	def test_one_that_is_dissolved_while_it_is_sent_is_not_counted_by_the_job(self, world):
		notice = sent(world)
		frappe.db.set_value(NOTICE, notice, "workflow_state", stages.state_for(stages.SENDING))
		households.merge(world.homes["old"], world.homes["pair"], {world.people["old"]: "Parent"})
		sending.fan_out(notice)
		assert figures(notice) == (stages.SENT, 2, 0)

	def test_what_no_event_has_told_of_is_followed_daily(self, world):
		assert (
			"grid_governance.grid_visits.notices.following.follow"
			in frappe.get_hooks("scheduler_events")["daily"]
		)
		notice, homes = sent(world), world.homes
		frappe.db.set_value("Household", homes["old"], "status", "Dissolved")
		place = {"grid": world.two.name, "grid_path": world.two.grid_path}
		frappe.db.set_value("Household", homes["pair"], place)
		following.follow()
		assert of(notice, homes["old"]).state == "Unreachable"
		assert of(notice, homes["pair"]).grid == world.two.name
		assert figures(notice) == (stages.SENT, 2, 0)

	def test_where_nothing_is_astray_it_takes_few_statements(self, world, count_queries):
		sent(world)
		with count_queries() as seen:
			following.follow([world.homes["pair"]])
		assert seen.count <= 2, "\n".join(seen.queries)


class TestPersons:
	@pytest.fixture
	def notice(self, world: frappe._dict) -> str:
		"""To each person; for four of them."""
		return sent(world, deliver_to="Person")

	def test_who_died_or_moved_out_is_no_recipient_any_more(self, world, notice, as_user):
		with as_user(world.member):
			assert len(door.start(world.homes["pair"])["notices"]) == 2
		comings.record_death(world.people["wife"], getdate())
		comings.move_out(world.people["old"], getdate())
		for who in ("wife", "old"):
			assert of(notice, resident=world.people[who]).state == "Unreachable"
		assert figures(notice) == (stages.SENT, 2, 0)
		assert at_doors(world.member, as_user) == {world.homes["pair"]}
		with as_user(world.member):
			(row,) = door.start(world.homes["pair"])["notices"]
		assert row["resident"] == world.people["man"]

	def test_nor_is_a_record_that_was_merged_into_another_one(self, world, notice):
		merging.merge(world.people["man"], world.people["far"], [])
		assert of(notice, resident=world.people["far"]).state == "Unreachable"
		assert of(notice, resident=world.people["man"]).state == "Waiting"
		assert figures(notice) == (stages.SENT, 3, 0)

	def test_who_comes_back_has_missed_it(self, world, notice):
		comings.move_out(world.people["wife"], getdate())
		comings.come_back(world.people["wife"], getdate(), "Spouse")
		assert of(notice, resident=world.people["wife"]).state == "Unreachable"

	def test_who_joins_another_household_is_told_at_its_door(self, world, notice, as_user):
		wife, far = world.people["wife"], world.homes["far"]
		comings.move(wife, far, "Other Relative", getdate())
		row = of(notice, resident=wife)
		assert (row.state, row.household, row.grid) == ("Waiting", far, world.two.name)
		assert row.grid_path == world.two.grid_path
		assert figures(notice) == (stages.SENT, 4, 0)
		with as_user(world.far_member):
			(line,) = today.today()["lines"]
			assert {why["who"] for why in line["why"]} >= {"李妻", "赵远"}
			assert wife in {each["resident"] for each in door.start(far)["notices"]}
		visit = frappe._dict(
			name="HV-1", household=far, outcome="Met", visited_at=now_datetime(), worker=None
		)
		with as_user(world.far_member):
			effect.apply(visit, {"delivery": row.name})
		assert of(notice, resident=wife).state == "Told"
		assert telling.untell(visit) == 1

	def test_the_code_that_she_was_sent_counts_there_and_on_paper(self, world, notice, as_user):
		wife, code = world.people["wife"], codes.code_of(notice, world.homes["pair"], world.people["wife"])
		comings.move(wife, world.homes["old"], "Other Relative", getdate())
		comings.move(wife, world.homes["far"], "Other Relative", getdate())
		with as_user(world.secretary):
			slips = sheets.notice_slips(notice).slips
		assert code in {slip["code"].replace(" ", "") for slip in slips}
		(again,) = (row for row in channels._next(notice, "", 100) if row.resident == wife)
		assert codes.code_of(notice, again.code_household, wife) == code
		assert not telling.confirm(codes.code_of(notice, world.homes["far"], wife))
		assert telling.confirm(code)
		assert of(notice, resident=wife).state == "Confirmed"

	def test_a_message_goes_to_her_where_she_is(self, world, notice):
		wife = world.people["wife"]
		frappe.get_doc(doctype="Resident Contact", resident=wife, phone="13900000002").insert()
		comings.move(wife, world.homes["far"], "Other Relative", getdate())
		rows = channels._next(notice, "", 100)
		found = channels.addresses(rows)
		assert [found[row.name][channels.SMS] for row in rows if row.resident == wife] == ["13900000002"]

	def test_those_who_split_or_merge_take_theirs_along(self, world, notice):
		wife, homes = world.people["wife"], world.homes
		new = households.split(homes["pair"], [wife], wife, {})
		assert of(notice, resident=wife).household == new
		households.merge(homes["pair"], homes["far"], {world.people["man"]: "Sibling"})
		row = of(notice, resident=world.people["man"])
		assert (row.household, row.grid, row.state) == (homes["far"], world.two.name, "Waiting")
		assert figures(notice) == (stages.SENT, 4, 0)

	def test_where_a_second_one_of_hers_is_the_first_is_told_nowhere(self, world, notice):
		"""A job that was begun again after she moved has written it."""
		wife, far = world.people["wife"], world.homes["far"]
		twin = frappe.get_doc(DELIVERY, of(notice, resident=wife).name)
		twin.update({"name": "twin", "household": far})
		twin.db_insert()
		comings.move(wife, far, "Other Relative", getdate())
		assert frappe.db.get_value(DELIVERY, "twin", "state") == "Waiting"
		assert of(notice, world.homes["pair"], "").household == world.homes["pair"]
		assert frappe.db.count(DELIVERY, {"notice": notice, "resident": wife, "state": "Unreachable"}) == 1
