"""What one visit does elsewhere: matters, people, care, households, notices; all of it or nothing."""

import json
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, getdate

from grid_governance.grid_issues.households import open_matters
from grid_governance.grid_ledger import visit_effects
from grid_governance.grid_ledger.actions import care, comings, residents
from grid_governance.grid_ledger.visit_effects.care_ended import CareReasonError
from grid_governance.grid_visits import door, effects
from grid_governance.grid_visits.effects.notice import NobodyToldError
from grid_governance.grid_visits.notices import stages
from tests.factories import (
	make_care,
	make_category,
	make_holder,
	make_household,
	make_picture,
	make_resident,
	make_township,
	make_user,
	seeded,
)
from tests.web import call

pytestmark = pytest.mark.usefixtures("site")

SAVE = "grid_governance.grid_visits.door.save"


@pytest.fixture
def town() -> frappe._dict:
	"""A village of two grids; in the first one a household of three and a member who goes there."""
	make_user()  # Frappe makes the first user of a site its System Manager
	town = make_township(1, 2)
	town.grid, town.other = (grid.name for grid in town.grids[0])
	town.home = make_household(town.grid).name
	town.head = make_resident(town.home, resident_name="王国军").name
	town.wife = make_resident(town.home, "Spouse", resident_name="李梅", sex="Female").name
	town.old = make_resident(town.home, "Parent", resident_name="王大山", birth_date="1940-05-05").name
	town.member = make_holder("Grid Member", town.grid)
	return town


@pytest.fixture
def visit(town, as_user):
	"""`visit({"kind": …}, …)`: the member's visit that does this; the visit's document."""

	def send(*wanted: dict, user: str = "", outcome: str = "Met") -> frappe.model.document.Document:
		with as_user(user or town.member):
			answer = door.save(
				frappe.generate_hash(length=32),
				town.home,
				outcome,
				json.dumps({"effects": wanted}, default=str),
			)
		return frappe.get_doc("Household Visit", answer["name"])

	return send


def made_by(visit: frappe.model.document.Document) -> list[tuple[str, str]]:
	return [(row.kind, row.reference_doctype) for row in visit.effects]


class TestIssue:
	def test_it_is_born_where_the_visit_was(self, town, visit):
		category = make_category(default_urgency="Urgent")
		done = visit(
			{"kind": "issue", "category": category, "title": "门口路灯不亮", "description": "三天了"}
		)
		issue = frappe.get_doc("Grid Issue", done.effects[0].reference_name)
		assert (issue.title, issue.source, issue.grid) == ("门口路灯不亮", "Visit", town.grid)
		assert (issue.household, issue.urgency, issue.owner) == (town.home, "Urgent", town.member)
		assert issue.due_by and issue.reporter_worker == done.worker
		assert done.effects[0].summary == "Raised: 门口路灯不亮"
		assert [row["name"] for row in open_matters(frappe.get_doc("Household", town.home))] == [issue.name]

	def test_a_title_is_made_where_none_was_typed(self, town, visit):
		category = make_category()
		done = visit({"kind": "issue", "category": category})
		title = frappe.db.get_value("Grid Issue", done.effects[0].reference_name, "title")
		assert frappe.db.get_value("Issue Category", category, "category_name") in title

	def test_the_photo_of_the_visit_shows_it(self, town):
		wanted = {"kind": "issue", "category": make_category(), "photo": "photo_1"}
		answer = call(
			town.member,
			SAVE,
			files={"photo_1": ("IMG.jpg", make_picture())},
			client_key="k" * 32,
			household=town.home,
			outcome="Met",
			values=json.dumps({"effects": [wanted]}),
		)
		assert not answer.refused, answer.text
		doc = frappe.get_doc("Household Visit", answer.message["name"])
		assert frappe.db.get_value("Grid Issue", doc.effects[0].reference_name, "photo_before") == doc.photo_1

	def test_no_other_field_is_taken_for_a_photo(self, visit):
		done = visit({"kind": "issue", "category": make_category(), "photo": "household"})
		assert not frappe.db.get_value("Grid Issue", done.effects[0].reference_name, "photo_before")


class TestPeople:
	def test_somebody_new(self, town, visit):
		done = visit(
			{
				"kind": "newcomer",
				"resident_name": "王小明",
				"relation_to_head": "Son",
				"sex": "Male",
				"birth_date": "2015-03-04",
				"grid": town.other,
				"status": "Deceased",
			}
		)
		person = frappe.get_doc("Resident", done.effects[0].reference_name)
		assert (person.resident_name, person.household, person.grid) == ("王小明", town.home, town.grid)
		assert (person.status, person.owner) == ("Living Here", town.member)
		assert frappe.db.get_value("Household", town.home, "member_count") == 4

	def test_a_newcomer_follows_the_rules_of_the_ledger(self, visit):
		with pytest.raises(residents.HeadError):
			visit({"kind": "newcomer", "resident_name": "王小明", "relation_to_head": "Head"})

	def test_somebody_moved_out(self, town, visit):
		done = visit(
			{"kind": "moved", "resident": town.wife, "status": "Moved Out", "on": add_days(getdate(), -2)}
		)
		status = frappe.db.get_value("Resident", town.wife, ["status", "status_date"])
		assert status == ("Moved Out", add_days(getdate(), -2))
		assert frappe.db.exists("Household Change", {"household": town.home, "kind": "Move Out"})
		assert made_by(done) == [("moved", "Resident")]

	def test_somebody_is_away_and_comes_back(self, town, visit):
		visit({"kind": "moved", "resident": town.wife, "status": "Away"})
		assert frappe.db.get_value("Resident", town.wife, "status") == "Away"
		visit({"kind": "moved", "resident": town.wife, "status": "Living Here"})
		assert frappe.db.get_value("Resident", town.wife, "status") == "Living Here"

	def test_somebody_joins_another_household_here(self, town, visit):
		other = make_household(town.grid).name
		make_resident(other)
		visit({"kind": "moved", "resident": town.wife, "household": other, "relation": "Sibling"})
		assert frappe.db.get_value("Resident", town.wife, "household") == other

	@pytest.mark.parametrize("status", [None, "", "Deceased", "x"])
	def test_it_is_said_what_became_of_her(self, town, visit, status):
		with pytest.raises(visit_effects.NothingToChangeError):
			visit({"kind": "moved", "resident": town.wife, "status": status})

	def test_a_head_who_leaves_names_the_next(self, town, visit):
		leaves = {"kind": "moved", "resident": town.head, "status": "Moved Out"}
		with pytest.raises(comings.NextHeadError):
			visit(leaves)
		visit(leaves | {"next_head": town.wife, "relations": {town.old: "Parent-in-law"}})
		assert frappe.db.get_value("Household", town.home, "head") == town.wife

	def test_somebody_died(self, town, visit):
		make_care(town.old, "elder-alone")
		visit({"kind": "died", "resident": town.old})
		assert frappe.db.get_value("Resident", town.old, ["status", "status_date"]) == ("Deceased", getdate())
		assert not frappe.db.exists("Resident Care", {"resident": town.old, "until": ["is", "not set"]})

	@pytest.mark.parametrize("kind", ["moved", "died", "care_added"])
	def test_people_of_other_households_are_not_this_visits(self, town, visit, kind):
		other = make_resident(make_household(town.grid).name).name
		with pytest.raises(visit_effects.NotOfTheHouseholdError):
			visit(
				{"kind": kind, "resident": other, "status": "Away", "category": seeded("care_category/elder")}
			)

	def test_who_may_not_change_people_is_offered_nothing_and_refused(self, town, visit, as_user):
		patch = make_holder("Party Patch Member", town.grid)
		with as_user(patch):
			offered = door.start(town.home)["effects"]
		assert not {"moved", "died", "newcomer", "care_added", "care_ended", "household", "issue"} & set(
			offered
		)
		for wanted in (
			{"kind": "died", "resident": town.old},
			{"kind": "newcomer", "resident_name": "王小明", "relation_to_head": "Son"},
			{"kind": "household", "in_wechat_group": 1},
			{"kind": "issue", "category": make_category()},
		):
			with pytest.raises(frappe.PermissionError):
				visit(wanted, user=patch)


class TestCare:
	def test_somebody_is_taken_in_and_it_is_known_who_saw_it(self, town, visit):
		category = seeded("care_category/elder-alone")
		done = visit({"kind": "care_added", "resident": town.old, "category": category, "note": "独居"})
		row = frappe.get_doc("Resident Care", done.effects[0].reference_name)
		assert (row.resident, row.category, row.note) == (town.old, category, "独居")
		assert (row.verified_by, getdate(row.since)) == (town.member, getdate())
		assert done.effects[0].summary == "Taken into care: 王大山"
		with pytest.raises(care.CareTwiceError):
			visit({"kind": "care_added", "resident": town.old, "category": category})

	def test_a_sensitive_category_is_the_secretarys_and_told_to_nobody(self, town, visit, as_user):
		wanted = {"kind": "care_added", "resident": town.old, "category": seeded("care_category/disabled")}
		with as_user(town.member):
			offered = door.start(town.home)["effects"]["care_added"]["categories"]
		assert wanted["category"] not in [row["name"] for row in offered]
		with pytest.raises(care.CareLevelError):
			visit(wanted)
		done = visit(wanted, user=make_holder("Village Secretary", town.grid))
		assert frappe.db.exists("Resident Care", {"resident": town.old, "category": wanted["category"]})
		assert (done.effects[0].reference_name, "王大山" in done.effects[0].summary) == (None, False)

	def test_it_ends_for_a_reason(self, town, visit, as_user):
		row = make_care(town.old, "elder-alone", since=add_days(getdate(), -100), note="独居")
		with as_user(town.member):
			(offered,) = door.start(town.home)["effects"]["care_ended"]["cares"]
		assert (offered["care"], offered["resident_name"]) == (row.name, "王大山")
		with pytest.raises(CareReasonError):
			visit({"kind": "care_ended", "care": row.name, "reason": " "})
		visit({"kind": "care_ended", "care": row.name, "reason": "儿子回来同住"})
		row.reload()
		assert (getdate(row.until), row.note, row.verified_by) == (
			getdate(),
			"独居\n儿子回来同住",
			town.member,
		)
		assert not row.next_visit_due

	def test_a_row_she_may_not_know_of_is_not_ended(self, town, visit):
		row = make_care(town.old, "disabled", since=add_days(getdate(), -100))
		with pytest.raises(frappe.PermissionError):
			visit({"kind": "care_ended", "care": row.name, "reason": "x"})
		other = make_care(make_resident(make_household(town.grid).name).name, "elder-alone")
		with pytest.raises(visit_effects.NotOfTheHouseholdError):
			visit({"kind": "care_ended", "care": other.name, "reason": "x"})


class TestHousehold:
	def test_what_is_sent_is_corrected_and_the_rest_stays(self, town, visit):
		frappe.db.set_value("Household", town.home, "address", "村东头 8 号")
		visit(
			{"kind": "household", "group_rep": town.wife, "residence_state": "Rental", "status": "Dissolved"}
		)
		row = frappe.db.get_value(
			"Household", town.home, ["group_rep", "in_wechat_group", "residence_state", "address", "status"]
		)
		assert row == (town.wife, 1, "Rental", "村东头 8 号", "Active")

	def test_its_rules_hold(self, town, visit):
		stranger = make_resident(make_household(town.grid).name).name
		with pytest.raises(frappe.ValidationError):
			visit({"kind": "household", "group_rep": stranger})
		with pytest.raises(visit_effects.NothingToChangeError):
			visit({"kind": "household", "status": "Dissolved"})


@pytest.fixture
def delivery(town) -> frappe._dict:
	"""A notice on its way to the household, and to another one."""
	notice = frappe.get_doc(
		doctype="Notice",
		notice_title="眼科义诊",
		notice_type=seeded("notice_type/convenience")
		or frappe.get_all("Notice Type", pluck="name", limit=1)[0],
		grid=town.grid,
		content="周三上午在村委会",
	)
	notice.name = frappe.generate_hash(length=10)
	notice.grid_path = town.grids[0][0].grid_path
	notice.workflow_state = stages.state_for(stages.SENT)
	notice.recipients = 2
	notice.db_insert()
	made = frappe._dict(notice=notice.name)
	for key, household in (("own", town.home), ("other", make_household(town.grid).name)):
		row = frappe.get_doc(
			doctype="Notice Delivery",
			notice=notice.name,
			household=household,
			resident="",
			grid=town.grid,
			state="Sent",
		)
		row.name, row.grid_path = frappe.generate_hash(length=10), notice.grid_path
		row.db_insert()
		made[key] = row.name
	return made


class TestNotice:
	def test_it_is_told_and_counted(self, town, visit, delivery, as_user):
		with as_user(town.member):
			(waiting,) = door.start(town.home)["notices"]
		assert (waiting["delivery"], waiting["title"], waiting["text"]) == (
			delivery.own,
			"眼科义诊",
			"周三上午在村委会",
		)
		done = visit({"kind": "notice", "delivery": delivery.own})
		row = frappe.db.get_value("Notice Delivery", delivery.own, ["state", "visit", "told_by"])
		assert row == ("Told", done.name, done.worker)
		assert frappe.db.get_value("Notice", delivery.notice, "told") == 1
		assert done.effects[0].summary == "Told: 眼科义诊"
		with as_user(town.member):
			assert door.start(town.home)["notices"] == []

	def test_told_twice_it_counts_once(self, visit, delivery):
		visit({"kind": "notice", "delivery": delivery.own})
		visit({"kind": "notice", "delivery": delivery.own})
		assert frappe.db.get_value("Notice", delivery.notice, "told") == 1

	@pytest.mark.parametrize("outcome", ["Nobody Home", "Would Not Talk"])
	def test_nobody_is_told_who_does_not_talk(self, visit, delivery, outcome):
		with pytest.raises(NobodyToldError):
			visit({"kind": "notice", "delivery": delivery.own}, outcome=outcome)

	def test_nobody_is_told_who_lives_elsewhere(self, visit, delivery):
		with pytest.raises(NobodyToldError):
			visit({"kind": "notice", "delivery": delivery.other})

	def test_a_sensitive_one_is_told_by_who_may_know_and_named_to_nobody(
		self, town, visit, delivery, as_user
	):
		frappe.db.set_value("Notice Delivery", delivery.own, "is_sensitive", 1)
		with as_user(town.member):
			assert door.start(town.home)["notices"] == []
		with pytest.raises(NobodyToldError):
			visit({"kind": "notice", "delivery": delivery.own})
		secretary = make_holder("Village Secretary", town.grid)
		with as_user(secretary):
			assert [row["delivery"] for row in door.start(town.home)["notices"]] == [delivery.own]
		done = visit({"kind": "notice", "delivery": delivery.own}, user=secretary)
		assert frappe.db.get_value("Notice Delivery", delivery.own, "state") == "Told"
		assert (done.effects[0].summary, done.effects[0].reference_name) == ("Notice told", None)

	def test_one_that_has_expired_is_not_offered(self, town, delivery):
		frappe.db.set_value("Notice", delivery.notice, "expires_on", add_days(getdate(), -1))
		assert door.start(town.home)["notices"] == []


class TestAllOrNothing:
	def rows(self, town) -> list[int]:
		return [
			frappe.db.count("Household Visit", {"household": town.home}),
			frappe.db.count("Grid Issue", {"household": town.home}),
			frappe.db.count("Resident", {"household": town.home}),
			frappe.db.count("File", {"owner": town.member}),
		]

	@pytest.mark.parametrize(
		"refused",
		[
			{"kind": "moved", "resident": "nobody", "status": "Away"},
			{"kind": "no such"},
			{"kind": "care_added", "resident": None, "category": "x"},
		],
	)
	def test_what_one_room_refuses_nothing_is_left_of(self, town, refused):
		before = self.rows(town)
		good = [
			{"kind": "issue", "category": make_category()},
			{"kind": "newcomer", "resident_name": "王小明", "relation_to_head": "Son"},
		]
		sent = {
			"files": {"photo_1": ("IMG.jpg", make_picture())},
			"client_key": "k" * 32,
			"household": town.home,
			"outcome": "Met",
		}
		answer = call(town.member, SAVE, **sent, values=json.dumps({"effects": [*good, refused]}))
		assert answer.status == 417, answer.text
		assert self.rows(town) == before
		sent["files"] = {"photo_1": ("IMG.jpg", make_picture())}
		answer = call(town.member, SAVE, **sent, values=json.dumps({"effects": good}))
		assert not answer.refused, answer.text
		assert [after - was for after, was in zip(self.rows(town), before, strict=True)][:3] == [1, 1, 1]

	def test_sent_again_nothing_is_done_twice(self, town):
		wanted = [
			{"kind": "issue", "category": make_category(), "title": "路灯不亮"},
			{"kind": "newcomer", "resident_name": "王小明", "relation_to_head": "Son"},
		]
		sent = {"client_key": "k" * 32, "household": town.home, "outcome": "Met"}
		first, again = (
			call(town.member, SAVE, **sent, values=json.dumps({"effects": wanted})) for _try in range(2)
		)
		assert first.message == again.message
		assert first.message["did"] == ["新增人员：王小明", "已上报：路灯不亮"]  # what is shared comes last
		assert self.rows(town)[:3] == [1, 1, 4]

	def test_nobody_does_a_thousand_things_at_once(self, visit):
		with pytest.raises(effects.UnknownEffectError):
			visit(*[{"kind": "household", "in_wechat_group": 1}] * 1000)


class TestRegistering:
	def test_every_registered_module_is_whole(self):
		modules = effects.modules()
		assert {
			"notice",
			"issue",
			"newcomer",
			"moved",
			"died",
			"care_added",
			"care_ended",
			"household",
		} <= set(modules)
		assert len(modules) == len(frappe.get_hooks(effects.HOOK))
		for module in modules.values():
			assert callable(module.offer) and callable(module.apply)

	def test_another_app_adds_its_own(self, town, visit, as_user, monkeypatch):
		own = SimpleNamespace(
			KIND="wish",
			offer=lambda household: {"label": "心愿"},
			apply=lambda visit, wanted: {
				"summary": wanted["wish"],
				"reference_doctype": None,
				"reference_name": None,
			},
		)
		known = effects.modules()
		monkeypatch.setattr(effects, "modules", lambda: {**known, "wish": own})
		with as_user(town.member):
			assert door.start(town.home)["effects"]["wish"] == {"label": "心愿"}
		assert visit({"kind": "wish", "wish": "一副老花镜"}).effects[0].summary == "一副老花镜"
