"""Those above hand issues down with an instruction, urge, praise and ask; their list shows what is to be watched."""

from collections.abc import Callable, Iterator
from unittest.mock import patch

import frappe
import pytest
from frappe.desk import query_report
from frappe.utils import add_days, add_to_date, get_datetime, now_datetime, nowdate

from grid_governance import scope
from grid_governance.grid_issues import bulk, cards, log, steps, supervision, telling
from grid_governance.grid_structure.telling import actions, queries
from tests.factories import (
	make_category,
	make_department,
	make_holder,
	make_issue,
	make_officer,
	make_township,
	seeded,
)
from tests.world import inside_savepoint, taken_back

INSTRUCTION = "三天内换好灯泡"
REPORT = supervision.REPORT


def action(key: str) -> str:
	return seeded(f"workflow_action_master/{key}")


def state(key: str) -> str:
	return seeded(f"workflow_state/{key}")


def in_days(days: int) -> str:
	return str(add_days(now_datetime(), days).replace(microsecond=0))


def line(issue: str) -> frappe._dict:
	"""The last line of the log."""
	return frappe.get_all(
		"Issue Log",
		filters={"issue": issue},
		fields=["from_state", "to_state", "action", "opinion", "by_user"],
		order_by="at desc, creation desc",
		limit_page_length=1,
	)[0]


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""A township of two villages with the people who act in the first one, and those of another township.

	`matters`: issues of both villages with each reason to be watched, and some with none.
	"""
	with taken_back():
		town = make_township(2, 1)
		town.category = make_category()
		town.grid = town.grids[0][0].name
		town.member = make_holder("Grid Member", town.grid)
		town.leader = make_holder("Grid Leader", town.grid)
		town.secretary = make_holder("Village Secretary", town.villages[0].name)
		town.office = make_holder("Township Office", town.root.name)
		other = make_township(1, 1)
		town.elsewhere = make_holder("Township Office", other.root.name)
		town.foreign = make_issue(other.grids[0][0].name, category=town.category).name
		town.matters = _matters(town)
		yield town


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture
def town(world) -> frappe._dict:
	return world


@pytest.fixture
def matters(world) -> dict[str, str]:
	return world.matters


@pytest.fixture
def bells():
	"""The bells that were ordered: users and subject of each; none rings by itself."""
	ordered: list[tuple[set[str], str]] = []

	def order(method: object, **given: object) -> None:
		if method is actions.ring:
			ordered.append((set(given["users"]), given["log"]["subject"]))

	with patch.object(frappe, "enqueue", order):
		yield ordered


def issue_in(town: frappe._dict, *taken: str, village: int = 0, **fields: object) -> str:
	grid = town.grids[village][0].name
	return make_issue(grid, *taken, category=town.category, **fields).name


def _matters(town: frappe._dict) -> dict[str, str]:
	past, future = str(add_to_date(now_datetime(), days=-4, hours=-1)), in_days(9)
	made = {
		"escalated": issue_in(town, "submit-to-village", "escalate"),
		"overdue": issue_in(town, "submit-to-village"),
		"both": issue_in(town, "submit-to-village", village=1),
		"instructed": issue_in(town, "submit-to-village", "escalate", "assign-back", village=1),
		"untold": issue_in(town, source="Online Referral"),
		"quiet": issue_in(town, "submit-to-village"),
		"done": issue_in(town, "submit-to-village", "escalate", "resolve"),
	}
	common = {"due_by": future, "inform_by": None, "informed_at": None}
	special = {
		"overdue": {"due_by": past},
		"both": {"due_by": past, "escalation_level": 2},
		"instructed": {"instruction_due": past},
		"untold": {"inform_by": past},
		"done": {"due_by": past, "instruction_due": past},
	}
	for key, name in made.items():
		frappe.db.set_value("Grid Issue", name, {**common, **special.get(key, {})})
	return made


class TestInstructions:
	@pytest.fixture
	def watched(self, town) -> str:
		"""An issue that the township has taken up."""
		return issue_in(town, "submit-to-village", "escalate")

	@pytest.mark.parametrize(
		("words", "error"),
		[
			({}, steps.InstructionMissingError),
			({"opinion": "请尽快办理"}, steps.InstructionMissingError),
			({"instruction": INSTRUCTION}, steps.InstructionMissingError),
			({"instruction": " ", "instruction_due": "2040-01-01 18:00:00"}, steps.InstructionMissingError),
			({"instruction": INSTRUCTION, "instruction_due": "soon"}, steps.InstructionMissingError),
			(
				{"instruction": INSTRUCTION, "instruction_due": "2020-01-01 18:00:00"},
				steps.InstructionOverError,
			),
		],
	)
	def test_an_issue_is_not_handed_down_without_what_and_by_when(self, town, watched, as_user, words, error):
		with as_user(town.office), pytest.raises(error):
			steps.take_step(watched, action("assign-back"), **words)
		assert frappe.db.get_value("Grid Issue", watched, "workflow_state") == state("township-supervision")

	def test_it_stands_on_the_issue_in_the_log_and_in_the_message(self, town, watched, as_user, bells):
		due, before = in_days(3), frappe.db.get_value("Grid Issue", watched, "due_by")
		frappe.db.set_value("Grid Issue", watched, "urgency", "Urgent")  # told at once
		frappe.clear_document_cache("Grid Issue", watched)
		with as_user(town.office):
			steps.take_step(
				watched, action("assign-back"), instruction=f" {INSTRUCTION} ", instruction_due=due
			)
		issue = frappe.get_doc("Grid Issue", watched)
		assert (issue.instruction, issue.instruction_due) == (INSTRUCTION, get_datetime(due))
		assert issue.workflow_state == state("in-progress")
		assert issue.due_by == before, "an instruction moves no due time"
		told = line(watched)
		assert INSTRUCTION in told.opinion
		assert due[:16] in told.opinion
		(subject,) = [subject for users, subject in bells if town.secretary in users]
		assert INSTRUCTION in subject
		assert due[:16] in subject

	def test_referred_from_above_it_is_what_departments_are_asked_for(self, town, watched, as_user):
		department, due = make_department(town.root.name).name, in_days(5)
		with as_user(town.office):
			steps.take_step(
				watched, action("refer"), opinion=INSTRUCTION, lead_department=department, answer_by=due
			)
		issue = frappe.get_doc("Grid Issue", watched)
		assert (issue.instruction, issue.instruction_due) == (INSTRUCTION, get_datetime(due))
		assert line(watched).opinion.count(INSTRUCTION) == 1

	def test_referred_by_the_village_it_is_none(self, town, as_user):
		issue = issue_in(town, "submit-to-village")
		department = make_department(town.root.name).name
		with as_user(town.secretary):
			steps.take_step(
				issue, action("refer"), opinion="请帮忙", lead_department=department, answer_by=in_days(5)
			)
		assert frappe.db.get_value("Grid Issue", issue, ["instruction", "instruction_due"]) == (None, None)

	def test_taken_up_again_it_is_over(self, town, watched, as_user):
		with as_user(town.office):
			steps.take_step(
				watched, action("assign-back"), instruction=INSTRUCTION, instruction_due=in_days(1)
			)
		with as_user(town.secretary):
			steps.take_step(watched, action("resolve"), result="换好了")
			assert frappe.db.get_value("Grid Issue", watched, "instruction") == INSTRUCTION
			steps.take_step(watched, action("not-solved"), feedback="还是不亮")
		assert frappe.db.get_value("Grid Issue", watched, ["instruction", "instruction_due"]) == (None, None)

	def test_several_are_handed_down_at_once(self, town, as_user):
		issues = [issue_in(town, "submit-to-village", "escalate") for _ in range(2)]
		seen = dict.fromkeys(issues, state("township-supervision"))
		with as_user(town.office):
			left = bulk.take_step(seen, action("assign-back"))["left"]
			assert {each["issue"] for each in left} == set(issues)
			words = {"instruction": INSTRUCTION, "instruction_due": in_days(2)}
			assert sorted(bulk.take_step(seen, action("assign-back"), words)["done"]) == sorted(issues)


class TestUrging:
	def test_once_a_day_and_the_log_tells_who(self, town, as_user, bells):
		issue = issue_in(town, "submit-to-village")
		bells.clear()
		with as_user(town.office):
			assert supervision.standing(issue)["may_urge"]
			supervision.urge(issue, "群众反映强烈")
			assert supervision.standing(issue) == {
				"may_urge": False,
				"urged_today": True,
				"may_judge": False,
				"may_explain": False,
			}
			with pytest.raises(supervision.NoUrgeError):
				supervision.urge(issue)
			told = line(issue)
			assert (told.by_user, told.action) == (town.office, None)
			assert told.from_state == told.to_state == state("with-village")
			assert "群众反映强烈" in told.opinion
			held = frappe.db.get_value("Grid Issue", issue, ["urged_on", "urged_times"])
			assert (str(held[0]), held[1]) == (nowdate(), 1)
			frappe.db.set_value("Grid Issue", issue, "urged_on", add_days(nowdate(), -1))
			supervision.urge(issue)
		assert frappe.db.get_value("Grid Issue", issue, "urged_times") == 2
		assert [users for users, _subject in bells] == [{town.secretary}] * 2
		assert "群众反映强烈" in bells[0][1]

	def test_it_is_no_step_and_moves_no_clock(self, town, as_user):
		issue = issue_in(town, "submit-to-village")
		kept = ["workflow_state", "due_by", "next_escalation_at", "clock_at", "escalation_level"]
		before = frappe.db.get_value("Grid Issue", issue, kept)
		with as_user(town.office):
			supervision.urge(issue)
		assert frappe.db.get_value("Grid Issue", issue, kept) == before

	@pytest.mark.parametrize(
		("taken", "above"),
		[
			((), {"secretary", "office"}),
			(("submit-to-village",), {"office"}),
			(("submit-to-village", "start"), {"office"}),
			(("submit-to-village", "escalate"), set()),
			(("settle-on-the-spot",), set()),
			(("settle-on-the-spot", "give-feedback"), set()),
			(("reject",), set()),
		],
		ids=["reported", "with the village", "in hand", "with the township", "resolved", "closed", "refused"],
	)
	def test_only_by_those_who_act_above_and_only_what_is_at_work(self, town, as_user, taken, above):
		issue = issue_in(town, *taken)
		for who in ("member", "leader", "secretary", "office"):
			with as_user(town[who]):
				assert supervision.standing(issue)["may_urge"] == (who in above)
				if who not in above:
					with pytest.raises(supervision.NoUrgeError):
						supervision.urge(issue)
		with as_user(town.elsewhere), pytest.raises(frappe.PermissionError):
			supervision.urge(issue)

	def test_who_stands_above_follows_the_workflow(self, town, as_user):
		"""The township's state is put below the village's: now it is the secretary who stands above."""
		issue = issue_in(town, "submit-to-village", "escalate")
		level = seeded("resolution_level/township")
		frappe.db.set_value("Resolution Level", level, "sequence", 15)
		frappe.clear_document_cache("Resolution Level", level)
		with as_user(town.secretary):
			supervision.urge(issue)
		with as_user(town.office):
			assert not supervision.standing(issue)["may_urge"]
		frappe.clear_document_cache("Resolution Level", level)

	def test_the_department_that_has_it_is_told(self, town, as_user, bells):
		asked, other = (make_department(town.root.name).name for _ in range(2))
		officer, stranger = (make_officer("Department Officer", each) for each in (asked, other))
		issue = issue_in(town, "submit-to-village")
		with as_user(town.secretary):
			steps.take_step(issue, action("refer"), lead_department=asked)
		bells.clear()
		with as_user(town.office):
			supervision.urge(issue)
		((users, _subject),) = bells
		readers = queries.readers(frappe.get_doc("Grid Issue", issue), users)
		assert {officer, town.secretary} <= readers
		assert stranger not in readers

	def test_several_at_once_each_for_itself(self, town, as_user):
		good, high = issue_in(town, "submit-to-village"), issue_in(town, "submit-to-village", "escalate")
		with as_user(town.office):
			report = supervision.urge_all([good, high, town.foreign], "请抓紧")
			again = supervision.urge_all(frappe.as_json([good]))
		assert report["done"] == [good]
		assert {each["issue"] for each in report["left"]} == {high, town.foreign}
		assert all(each["why"] for each in report["left"])
		assert {each["title"] for each in report["left"] if each["issue"] == town.foreign} == {town.foreign}
		assert again["done"] == []
		assert frappe.db.get_value("Grid Issue", high, "urged_times") == 0
		for wrong in ([], [str(at) for at in range(supervision.AT_MOST + 1)]):
			with as_user(town.office), pytest.raises(supervision.TooManyToUrgeError):
				supervision.urge_all(wrong)

	def test_a_list_offers_it_to_those_who_stand_above(self, town, as_user):
		offered = {}
		for who in ("member", "leader", "secretary", "office"):
			with as_user(town[who]):
				offered[who] = supervision.supervises()
		assert offered == {"member": False, "leader": False, "secretary": True, "office": True}


class TestVerdicts:
	@pytest.fixture
	def closed(self, town, as_user) -> str:
		"""An issue that the village has settled after the township had it."""
		issue = issue_in(town, "submit-to-village", "escalate", "assign-back")
		with as_user(town.secretary):
			steps.take_step(issue, action("resolve"), result="换好了")
			steps.take_step(issue, action("give-feedback"), feedback="满意")
		return issue

	def test_praise_once_in_words(self, town, closed, as_user, bells):
		frozen = frappe.db.get_value("Grid Issue", closed, ["result", "feedback", "workflow_state"])
		with as_user(town.office):
			assert supervision.standing(closed)["may_judge"]
			with pytest.raises(supervision.NoVerdictError):
				supervision.judge(closed, "Praise", " ")
			with pytest.raises(supervision.NoVerdictError):
				supervision.judge(closed, "Blame", "差")
			supervision.judge(closed, "Praise", "处理及时")
			assert not supervision.standing(closed)["may_judge"]
			with pytest.raises(supervision.NoVerdictError):
				supervision.judge(closed, "Praise", "又一次")
		held = frappe.db.get_value("Grid Issue", closed, ["verdict", "verdict_words", "verdict_by"])
		assert held == ("Praise", "处理及时", town.office)
		assert "处理及时" in line(closed).opinion
		assert frappe.db.get_value("Grid Issue", closed, ["result", "feedback", "workflow_state"]) == frozen
		assert any(town.secretary in users and "处理及时" in subject for users, subject in bells)

	def test_what_is_asked_is_explained_and_then_judged_anew(self, town, closed, as_user, bells):
		with as_user(town.secretary), pytest.raises(supervision.NoVerdictError):
			supervision.explain(closed, "没有人问")
		with as_user(town.office):
			supervision.judge(closed, "Ask to Explain", "为什么用了十天")
		bells.clear()
		for who in ("member", "leader", "office"):
			with as_user(town[who]):
				assert not supervision.standing(closed)["may_explain"]
				with pytest.raises(supervision.NoVerdictError):
					supervision.explain(closed, "我来说")
		with as_user(town.secretary):
			assert supervision.standing(closed)["may_explain"]
			supervision.explain(closed, "等配件")
			with pytest.raises(supervision.NoVerdictError):
				supervision.explain(closed, "再说一次")
		assert frappe.db.get_value("Grid Issue", closed, "verdict_answer") == "等配件"
		assert [users for users, subject in bells if "等配件" in subject] == [{town.office}]
		with as_user(town.office):
			supervision.judge(closed, "Praise", "说明清楚")
		assert frappe.db.get_value("Grid Issue", closed, ["verdict", "verdict_answer"]) == ("Praise", None)

	def test_by_those_above_where_it_was_settled(self, town, as_user):
		on_the_spot = issue_in(town, "settle-on-the-spot", "give-feedback")
		by_township = issue_in(town, "submit-to-village", "escalate", "resolve", "give-feedback")
		assert log.settled_in(on_the_spot) == state("reported")
		assert log.settled_in(by_township) == state("township-supervision")
		may = {}
		for who in ("member", "leader", "secretary", "office"):
			with as_user(town[who]):
				may[who] = tuple(
					supervision.standing(issue)["may_judge"] for issue in (on_the_spot, by_township)
				)
		assert may == {
			"member": (False, False),
			"leader": (False, False),
			"secretary": (True, False),
			"office": (True, False),
		}

	def test_only_what_was_handled_and_is_over(self, town, as_user):
		for taken in ((), ("submit-to-village",), ("settle-on-the-spot",), ("reject",)):
			issue = issue_in(town, *taken)
			with as_user(town.office), pytest.raises(supervision.NoVerdictError):
				supervision.judge(issue, "Praise", "好")

	def test_taken_up_again_the_word_is_over(self, town, closed, as_user):
		with as_user(town.office):
			supervision.judge(closed, "Ask to Explain", "还亮着吗")
		doc = frappe.get_doc("Grid Issue", closed)
		assert telling.acting_roles(doc) == {"Village Secretary"}
		with as_user(town.secretary):
			steps.take_step(closed, action("reopen"), opinion="又坏了")
		fields = ["verdict", "verdict_words", "verdict_answer", "verdict_by"]
		assert not any(frappe.db.get_value("Grid Issue", closed, fields))


def _run(**filters: object) -> dict:
	return query_report.run(REPORT, filters=filters)


REASONS = {
	"escalated": {"escalated"},
	"overdue": {"overdue"},
	"both": {"escalated", "overdue"},
	"instructed": {"escalated", "instruction_over"},
	"untold": {"untold"},
}


class TestTheList:
	def test_each_issue_with_its_reasons_by_village(self, town, matters, as_user):
		with as_user(town.office):
			answer = _run()
		rows = {row["name"]: row for row in answer["result"]}
		assert {
			key: {
				reason
				for reason in ("escalated", "overdue", "instruction_over", "untold")
				if rows[name][reason]
			}
			for key, name in matters.items()
			if name in rows
		} == REASONS
		villages = [row["village"] for row in answer["result"]]
		assert villages == [town.villages[0].grid_name] * 3 + [town.villages[1].grid_name] * 2
		assert rows[matters["overdue"]]["days_late"] == 4
		assert rows[matters["escalated"]]["days_late"] is None
		assert {key: rows[matters[key]]["may_urge"] for key in REASONS} == {
			"escalated": 0,  # lies with the township itself
			"overdue": 1,
			"both": 1,
			"instructed": 1,
			"untold": 1,
		}
		figures = {each["label"]: each["value"] for each in answer["report_summary"]}
		assert list(figures.values()) == [5, 3, 2, 1, 1]

	def test_urged_today_it_is_not_offered_again(self, town, matters, as_user):
		with as_user(town.office):
			supervision.urge(matters["overdue"])
			row = next(row for row in _run()["result"] if row["name"] == matters["overdue"])
		assert (row["may_urge"], row["urged_times"]) == (0, 1)

	@pytest.mark.parametrize(
		("reason", "keys"),
		[
			("escalated", {"escalated", "both", "instructed"}),
			("overdue", {"overdue", "both"}),
			("instruction_over", {"instructed"}),
			("untold", {"untold"}),
		],
	)
	def test_one_reason_alone(self, town, matters, as_user, reason, keys):
		with as_user(town.office):
			rows = _run(reason=reason)["result"]
		assert {row["name"] for row in rows} == {matters[key] for key in keys}

	def test_by_village_with_the_rows_behind_each_figure(self, town, matters, as_user):
		with as_user(town.office):
			rows = _run(show="By Grid")["result"]
			figures = ("watched", "escalated", "overdue", "instruction_over", "untold")
			assert [[row[name] for name in figures] for row in rows] == [
				[3, 1, 1, 0, 1],
				[2, 2, 1, 1, 0],
				[5, 3, 2, 1, 1],
			]
			for row in rows:
				for name in figures:
					shown = _run(show="By Grid", figure=name, node=row["path"], exact=row["exact"])["result"]
					assert len(shown) == row[name]

	def test_a_village_sees_its_own(self, town, matters, as_user):
		with as_user(town.secretary):
			rows = _run()["result"]
			assert cards.to_watch()["value"] == 3
		assert {row["name"] for row in rows} == {matters[key] for key in ("escalated", "overdue", "untold")}
		assert {row["name"] for row in rows if row["may_urge"]} == {matters["untold"]}

	def test_it_takes_as_many_statements_for_many_as_for_few(self, town, matters, as_user, count_queries):
		def cost() -> int:
			with as_user(town.office):
				_run()
				with count_queries() as seen:
					_run()
			return seen.count

		few = cost()
		for _ in range(4):
			name = issue_in(town, "submit-to-village")
			frappe.db.set_value("Grid Issue", name, "due_by", in_days(-2))
		assert cost() == few

	def test_the_card_counts_the_same(self, town, matters, as_user):
		with as_user(town.office):
			assert cards.to_watch() == {"value": 5, "fieldtype": "Int", "report": REPORT, "filters": {}}
		with as_user(town.member):
			assert cards.to_watch()["value"] is None


class TestMail:
	def content(self, user: str) -> str | None:
		"""What the scheduler would send, made as the administrator's job."""
		held = frappe.get_doc("Auto Email Report", {"report": REPORT, "user": user})
		frappe.set_user("Administrator")
		return held.get_report_content()

	def test_every_monday_what_she_may_see_then(self, town, matters, as_user):
		with as_user(town.secretary):
			assert not supervision.mails_me()["on"]
			assert supervision.mail_me(True)["on"]
			assert supervision.mail_me(True)["on"], "asked twice it is sent once"
			mail = frappe.db.get_value("User", town.secretary, "email")
		(held,) = frappe.get_all(
			"Auto Email Report",
			filters={"report": REPORT, "user": town.secretary},
			fields=["email_to", "frequency", "day_of_week", "enabled"],
			order_by="name asc",
		)
		assert held == {"email_to": mail, "frequency": "Weekly", "day_of_week": "Monday", "enabled": 1}
		sent = self.content(town.secretary)
		assert frappe.db.get_value("Grid Issue", matters["overdue"], "title") in sent
		assert frappe.db.get_value("Grid Issue", matters["both"], "title") not in sent

	def test_after_her_post_there_is_nothing_and_it_stops(self, town, matters, as_user):
		with as_user(town.secretary):
			supervision.mail_me(True)
		with as_user(town.office):
			supervision.mail_me(True)
		frappe.db.set_value(
			"Grid Post Assignment", {"user": town.secretary}, "to_date", add_days(nowdate(), -1)
		)
		frappe.clear_cache(user=town.secretary)
		scope.forget()
		assert not self.content(town.secretary)
		supervision.stop_mails()
		enabled = {
			row.user: row.enabled
			for row in frappe.get_all(
				"Auto Email Report",
				filters={"report": REPORT},
				fields=["user", "enabled"],
				order_by="name asc",
			)
		}
		assert (enabled[town.secretary], enabled[town.office]) == (0, 1)

	def test_no_longer(self, town, as_user):
		with as_user(town.secretary):
			assert not supervision.mail_me(False)["on"]
			supervision.mail_me(True)
			assert not supervision.mail_me(False)["on"]

	def test_nothing_to_watch_is_no_mail(self, town, as_user):
		with as_user(town.elsewhere):
			supervision.mail_me(True)
		assert self.content(town.elsewhere) is None

	def test_whoever_has_no_mailbox_is_told(self, town, as_user):
		frappe.db.set_value("User", town.secretary, "email", "13900000000@accounts.invalid")
		with as_user(town.secretary), pytest.raises(supervision.NoMailboxError):
			supervision.mail_me(True)

	def test_not_for_those_without_the_report(self, town, as_user):
		for attempt in ATTEMPTS:
			with as_user(town.member), pytest.raises(frappe.PermissionError):
				attempt()


ATTEMPTS: list[Callable[[], object]] = [lambda: supervision.mail_me(True), supervision.mails_me, _run]
