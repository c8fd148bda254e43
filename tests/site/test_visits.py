"""A visit as it is entered at the door: one save, once only, and what stays of it."""

import io
import json

import frappe
import pytest
from frappe.utils import add_days, add_to_date, get_datetime, getdate, now_datetime
from frappe.www.printview import get_html_and_style
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from grid_governance.grid_ledger.actions import households
from grid_governance.grid_visits import actions, door
from grid_governance.setup.seeds import name_of
from tests.factories import (
	make_holder,
	make_household,
	make_picture,
	make_resident,
	make_township,
	make_user,
	seeded,
)

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def town() -> frappe._dict:
	"""A village of two grids; in the first one a household of two and a member who goes there."""
	make_user()  # Frappe makes the first user of a site its System Manager
	town = make_township(1, 2)
	town.grid, town.other = (grid.name for grid in town.grids[0])
	town.home = make_household(town.grid, address="村东头 8 号").name
	town.head = make_resident(town.home, resident_name="王国军").name
	town.wife = make_resident(town.home, "Spouse", resident_name="李梅", sex="Female").name
	town.member = make_holder("Grid Member", town.grid)
	return town


@pytest.fixture
def save(town, as_user):
	"""`save(outcome, **values)`: what the member's visit to the household answers."""

	def send(
		outcome: str = "Met", key: str = "", waited: float = 0, user: str = "", **values: object
	) -> dict:
		with as_user(user or town.member):
			return door.save(
				key or frappe.generate_hash(length=32),
				town.home,
				outcome,
				json.dumps(values, default=str),
				waited,
			)

	return send


def visit_of(answer: dict) -> frappe.model.document.Document:
	return frappe.get_doc("Household Visit", answer["name"])


def test_one_save_is_one_visit(town, save):
	companion = {"companion_name": "张医生", "belongs_to": "乡卫生院"}
	topic = seeded("visit_topic/health")
	answer = save(
		residents_met=[town.head, town.wife],
		topics=[topic],
		note="血压偏高",
		companions=[companion],
		return_on=add_days(getdate(), 7),
		return_note="带体检表",
		latitude=36.5,
		longitude=112.25,
	)
	visit = visit_of(answer)
	assert answer == {
		"name": visit.name,
		"title": frappe.db.get_value("Household", town.home, "title"),
		"did": [],
	}
	assert (visit.household, visit.grid, visit.outcome, visit.owner) == (
		town.home,
		town.grid,
		"Met",
		town.member,
	)
	assert [row.resident for row in visit.residents_met] == [town.head, town.wife]
	assert [row.topic for row in visit.topics] == [topic]
	assert [(row.companion_name, row.belongs_to) for row in visit.companions] == [tuple(companion.values())]
	assert (visit.note, visit.return_note, visit.latitude, visit.longitude) == (
		"血压偏高",
		"带体检表",
		36.5,
		112.25,
	)
	assert visit.worker == frappe.db.get_value("Grid Worker", {"user": town.member})
	assert visit.grid_path == town.grids[0][0].grid_path


def test_met_and_nothing_needed_asks_for_nothing_more(save):
	visit = visit_of(save())
	assert (visit.outcome, visit.visit_kind, visit.note) == ("Met", "Ordinary", None)
	assert visit.entered_at and visit.visited_at <= now_datetime()


def test_sent_twice_it_is_taken_in_once(town, save):
	key = frappe.generate_hash(length=32)
	first = save(key=key, note="一")
	assert save(key=key, note="一") == first
	assert frappe.db.count("Household Visit", {"household": town.home}) == 1
	assert save(key=frappe.generate_hash(length=32))["name"] != first["name"]


def test_the_key_of_another_user_tells_nothing(town, save):
	key = frappe.generate_hash(length=32)
	save(key=key, note="秘密")
	with pytest.raises(door.SentTwiceError):
		save(key=key, user=make_holder("Grid Member", town.grid))


@pytest.mark.parametrize("key", ["1", "0" * 15])
def test_a_key_that_others_could_have_is_refused(save, key):
	with pytest.raises(door.ClientKeyError):
		save(key=key)


@pytest.mark.parametrize("values", ["", "[]", "null", "{"])
def test_what_is_no_form_is_refused_in_words(town, as_user, values):
	with as_user(town.member), pytest.raises(door.FormError):
		door.save("0" * 32, town.home, "Met", values)


def test_a_visit_that_waited_in_the_phone_was_when_it_was_begun(save):
	visited = visit_of(save(waited=3 * 3600)).visited_at
	assert (
		add_to_date(now_datetime(), hours=-3, minutes=-5) < visited <= add_to_date(now_datetime(), hours=-3)
	)


@pytest.mark.parametrize("waited", [-86400, 10.0**12, float("nan"), float("inf")])
def test_a_clock_that_is_mad_makes_no_visit_to_come(save, waited):
	visited = visit_of(save(waited=waited)).visited_at
	assert add_to_date(now_datetime(), days=-31) < visited <= now_datetime()


def test_at_any_hour_of_the_day(save):
	for hours in range(0, 24, 3):
		assert save(waited=hours * 3600)["name"]


def test_nobody_home_met_nobody(town, save):
	assert visit_of(save("Nobody Home", residents_met=[town.head])).residents_met == []


def test_who_was_met_twice_stands_there_once(town, save):
	assert len(visit_of(save(residents_met=[town.head, town.head])).residents_met) == 1


def test_people_of_another_household_were_not_met_here(town, save):
	other = make_resident(make_household(town.grid).name).name
	with pytest.raises(actions.StrangerError):
		save(residents_met=[town.head, other])


def test_a_companion_has_a_name_or_is_a_worker(town, save):
	worker = frappe.db.get_value("Grid Worker", {"user": town.member})
	assert visit_of(save(companions=[{"worker": worker}])).companions[0].worker == worker
	with pytest.raises(actions.CompanionError):
		save(companions=[{"companion_name": "  ", "belongs_to": "乡政府"}])


@pytest.mark.parametrize("point", [(91.0, 10.0), (10.0, 181.0), (10.0, None)])
def test_a_point_that_lies_nowhere_is_refused(save, point):
	with pytest.raises(actions.VisitPointError):
		save(latitude=point[0], longitude=point[1])


def test_a_dissolved_household_is_not_visited(town, save):
	frappe.db.set_value("Household", town.home, "status", "Dissolved")
	with pytest.raises(actions.DissolvedError):
		save()


def test_the_photos_are_the_visits_and_carry_no_place(town, as_user, monkeypatch):
	files = {f"photo_{at}": (io.BytesIO(make_picture()), "IMG.jpg") for at in (1, 3)}
	sent = EnvironBuilder(method="POST", data=files)
	monkeypatch.setattr(frappe.local, "request", Request(sent.get_environ()), raising=False)
	with as_user(town.member):
		answer = door.save("0" * 32, town.home, "Met")
	visit = visit_of(answer)
	rows = frappe.get_all(
		"File",
		filters={"attached_to_doctype": "Household Visit", "attached_to_name": visit.name},
		fields=["file_url", "is_private", "attached_to_field"],
		order_by="attached_to_field asc",
	)
	assert [tuple(row.values()) for row in rows] == [
		(visit.photo_1, 1, "photo_1"),
		(visit.photo_3, 1, "photo_3"),
	]
	assert not visit.photo_2


class TestPromises:
	def promised(self, save, days: int = 3, **more: object) -> str:
		return save(return_on=add_days(getdate(), days), **more)["name"]

	def returned(self, name: str):
		return frappe.db.get_value("Household Visit", name, "returned_on")

	@pytest.mark.parametrize(
		("outcome", "kept"),
		[("Met", True), ("By Phone", True), ("Nobody Home", False), ("Would Not Talk", False)],
	)
	def test_it_is_kept_by_whoever_speaks_to_them(self, town, save, outcome, kept):
		name = self.promised(save, waited=3600)
		assert not self.returned(name)
		save(outcome, user=make_holder("Grid Leader", town.grid))
		assert bool(self.returned(name)) == kept

	def test_a_visit_does_not_keep_its_own_promise(self, save):
		assert not self.returned(self.promised(save))

	def test_a_promise_that_comes_late_from_a_phone_finds_the_return(self, save):
		save()
		name = self.promised(save, waited=86400)
		assert self.returned(name) == getdate()

	def test_other_households_keep_theirs(self, town, save, as_user):
		name = self.promised(save, waited=3600)
		with as_user(town.member):
			door.save(frappe.generate_hash(length=32), make_household(town.grid).name, "Met")
		assert not self.returned(name)

	def test_nobody_promises_yesterday(self, save):
		with pytest.raises(actions.PromiseError):
			self.promised(save, days=-1)

	def test_what_was_promised_stands_in_the_form(self, town, save, as_user):
		name = self.promised(save, return_note="送药", waited=3600)
		with as_user(town.member):
			assert door.start(town.home)["returns"] == [
				{"visit": name, "return_on": add_days(getdate(), 3), "return_note": "送药"}
			]
			save()
			assert door.start(town.home)["returns"] == []


class TestCorrections:
	def corrected(self, name: str, **values: object) -> None:
		doc = frappe.get_doc("Household Visit", name)
		doc.update(values)
		doc.save()

	def test_the_author_corrects_her_words_for_a_day(self, town, save, as_user):
		name = save(note="一")["name"]
		with as_user(town.member):
			self.corrected(name, note="二")
		assert frappe.db.get_value("Household Visit", name, "note") == "二"
		frappe.db.set_value("Household Visit", name, "entered_at", add_to_date(now_datetime(), hours=-25))
		with as_user(town.member), pytest.raises(actions.VisitSettledError):
			self.corrected(name, note="三")

	@pytest.mark.parametrize("role", ["Grid Leader", "Village Secretary", "Grid Member"])
	def test_nobody_else_does(self, town, save, as_user, role):
		name = save(note="一")["name"]
		with as_user(make_holder(role, town.grid)), pytest.raises(frappe.PermissionError):
			self.corrected(name, note="二")

	@pytest.mark.parametrize(
		"values",
		[
			{"outcome": "Would Not Talk"},
			{"visited_at": "2024-01-01 10:00:00"},
			{"residents_met": []},
		],
	)
	def test_what_it_counts_for_stays(self, town, save, as_user, values):
		name = save(residents_met=[town.head])["name"]
		with as_user(town.member), pytest.raises(frappe.CannotChangeConstantError):
			self.corrected(name, **values)

	def test_what_no_client_sets_is_put_back(self, town, save, as_user):
		answer = save(key="k" * 32, return_on=add_days(getdate(), 1))
		before = visit_of(answer)
		with as_user(town.member):
			self.corrected(
				before.name,
				worker=None,
				entered_at="2040-01-01",
				returned_on="2024-01-01",
				client_key="x" * 32,
				effects=[{"kind": "issue", "summary": "别人的"}],
			)
		after = visit_of(answer)
		for field in ("grid", "grid_path", "worker", "entered_at", "returned_on", "client_key"):
			assert after.get(field) == before.get(field), field
		assert after.effects == []

	def test_nor_when_it_is_inserted(self, town, as_user):
		with as_user(town.member):
			doc = frappe.get_doc(
				doctype="Household Visit",
				household=town.home,
				outcome="Met",
				grid=town.grid,
				client_key="x" * 32,
				returned_on="2024-01-01",
				effects=[{"kind": "issue", "summary": "别人的"}],
			).insert()
		assert (doc.client_key, doc.returned_on, doc.effects) == (None, None, [])

	def test_a_visit_to_come_or_long_ago_is_refused_and_a_clock_a_little_ahead_is_set_right(
		self, town, as_user
	):
		values = {"doctype": "Household Visit", "household": town.home, "outcome": "Met", "grid": town.grid}
		with as_user(town.member):
			with pytest.raises(actions.VisitTimeError):
				frappe.get_doc({**values, "visited_at": add_to_date(now_datetime(), hours=1)}).insert()
			with pytest.raises(actions.VisitTimeError):
				frappe.get_doc({**values, "visited_at": add_to_date(now_datetime(), days=-31)}).insert()
			doc = frappe.get_doc({**values, "visited_at": add_to_date(now_datetime(), minutes=2)}).insert()
		assert get_datetime(doc.visited_at) <= now_datetime()

	def test_it_stays_in_the_grid_where_it_happened(self, town, save, as_user):
		name = save(note="一")["name"]
		households.move(town.home, town.other)
		both = make_holder("Grid Member", town.grid, town.other)
		frappe.db.set_value("Household Visit", name, "owner", both)
		with as_user(both):
			self.corrected(name, note="二")
		assert frappe.db.get_value("Household Visit", name, "grid") == town.grid

	def test_nobody_deletes_one(self, town, save, as_user):
		name = save()["name"]
		for role in ("Grid Member", "Village Secretary", "Township Office"):
			with as_user(make_holder(role, town.root.name)), pytest.raises(frappe.PermissionError):
				frappe.delete_doc("Household Visit", name)


class TestStart:
	def test_it_tells_what_the_form_needs(self, town, as_user):
		make_resident(
			town.home, "Parent", resident_name="王大山", status="Deceased", status_date="2020-01-01"
		)
		with as_user(town.member):
			form = door.start(town.home)
		assert form["household"]["title"] == frappe.db.get_value("Household", town.home, "title")
		assert form["household"]["grid_name"] == town.grids[0][0].grid_name
		assert [row["resident"] for row in form["people"]] == [town.head, town.wife]
		assert form["outcomes"] == ["Met", "Nobody Home", "Would Not Talk", "By Phone"]
		assert "Ordinary" in form["kinds"]
		assert seeded("visit_topic/health") in [row["name"] for row in form["topics"]]
		assert {"issue", "newcomer", "moved", "died", "care_added", "household"} <= set(form["effects"])
		assert all(offer["label"] for offer in form["effects"].values())

	def test_a_topic_that_is_no_longer_used_is_not_offered(self, town):
		topic = seeded("visit_topic/health")
		frappe.db.set_value("Visit Topic", topic, "active", 0)
		assert topic not in [row["name"] for row in door.start(town.home)["topics"]]

	def test_who_reads_only_enters_nothing(self, town, as_user):
		with as_user(make_holder("Grid Instructor", town.grid)):
			with pytest.raises(frappe.PermissionError):
				door.start(town.home)
			with pytest.raises(frappe.PermissionError):
				door.save("0" * 32, town.home, "Met")

	def test_the_next_grid_is_not_hers(self, town, as_user):
		with as_user(make_holder("Grid Member", town.other)):
			with pytest.raises(frappe.PermissionError):
				door.start(town.home)
			with pytest.raises(frappe.PermissionError):
				door.save("0" * 32, town.home, "Met")

	def test_as_many_statements_for_many_people_as_for_few(self, town, as_user, count_queries):
		counts = []
		for _more in range(2):
			with as_user(town.member):
				door.start(town.home)
				with count_queries() as seen:
					door.start(town.home)
			counts.append(seen.count)
			for _person in range(6):
				make_resident(town.home, "Other Relative")
		assert counts[0] == counts[1]


MOST_STATEMENTS = 50
"""Of a plain visit, with everything that rounds do with it."""


def test_a_save_sends_few_statements(town, save, count_queries):
	save()
	with count_queries() as seen:
		save(residents_met=[town.head])
	assert seen.count <= MOST_STATEMENTS, "\n".join(seen.queries)


def test_the_slip_shows_the_visit_on_paper(town, save, as_user):
	name = save(
		residents_met=[town.wife],
		note="<b>老人</b>一切都好",
		companions=[{"companion_name": "张医生", "belongs_to": "乡卫生院"}],
	)["name"]
	with as_user(make_holder("Grid Leader", town.grid)):
		html = get_html_and_style(
			frappe.get_doc("Household Visit", name).as_json(), print_format=name_of("print_format/visit-slip")
		)["html"]
	for shown in ("李梅", "张医生 (乡卫生院)", "老人", "村东头 8 号"):
		assert shown in html, shown
	assert "<b>老人" not in html
