"""Reports on visits and notices tell nobody of people outside her grids or of care above her level: not in a row, a figure,
a total, a chart, nor by what a filter answers."""

import json
from collections.abc import Iterator
from typing import Any

import frappe
import pytest
from frappe.desk import query_report
from frappe.utils import get_first_day, get_last_day, getdate

from grid_governance.grid_structure.rules import TOWNSHIP
from grid_governance.grid_visits.notices import stages
from grid_governance.scope.doors import takings
from tests.factories import (
	level_at,
	make_care,
	make_department,
	make_holder,
	make_officer,
	make_resident,
	make_township,
	make_user,
	make_worker,
	seeded,
)
from tests.visit_rows import deliver, make_due, make_homes, make_notice, make_round, put_in_round
from tests.world import inside_savepoint, taken_back

COVERAGE, MUST, LEFT = "Visit Coverage", "Must-Visit Status", "Households Not Visited"
REACH, WECHAT = "Notice Reach", "WeChat Coverage"
REPORTS = (COVERAGE, MUST, LEFT, REACH, WECHAT)
EACH = pytest.mark.parametrize("report", REPORTS)
VARIANTS = [
	(COVERAGE, {}),
	(MUST, {}),
	(MUST, {"show": "By Grid"}),
	(LEFT, {}),
	(LEFT, {"show": "By Grid"}),
	(REACH, {}),
	(WECHAT, {}),
]
SECRET = "张秘密"
PERIOD = {"from_date": "2020-01-01", "to_date": "2099-12-31"}


def settle(town: frappe._dict, grid: Any, name: str) -> frappe._dict:
	"""Two households in *grid*: a round, one unvisited; people in open and in sensitive care; the township's notice."""
	today = getdate()
	homes = make_homes(grid, name, f"{name}二")
	head = make_resident(homes[0], "Parent", resident_name=f"{name}母")
	marked = make_resident(homes[1], "Parent", resident_name=f"{name}病")
	make_care(head.name, "elder", since="2024-01-01")
	make_care(marked.name, "disabled", since="2024-01-01")
	for person in (head, marked):
		make_due(person.name, (str(today), None))
	held = make_round(grid, str(get_first_day(today)), str(get_last_day(today)), "Open")
	put_in_round(held, grid, {homes[0]: (None, None), homes[1]: (frappe.utils.now(), None)})
	deliver(town.notice, grid, {homes[0]: "Sent", homes[1]: "Told"})
	return frappe._dict(homes=homes, head=head, marked=marked)


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""Two villages with two grids each. The secrets lie in the second."""
	with taken_back():
		make_user()
		town = make_township(2, 2)
		town.notice = make_notice(town.root, "义诊", stages.states(stages.SENT)[0], frappe.utils.now())
		town.own = settle(town, town.grids[0][0], "甲自己")
		town.beside = settle(town, town.grids[0][1], "乙邻格")
		town.secret = settle(town, town.grids[1][0], SECRET)
		village, grid = town.villages[0].name, town.grids[0][0].name
		town.readers = frappe._dict(
			official=make_holder("Township Office", town.root.name),
			secretary=make_holder("Village Secretary", village),
			leader=make_holder("Grid Leader", grid),
			member=make_holder("Grid Member", grid),
			instructor=make_holder("Grid Instructor", village),
			patch=make_holder("Party Patch Member", grid),
			officer=make_officer("Department Officer", make_department(town.root.name).name),
			auditor=make_user(),
			nobody=make_worker(grid).user,
		)
		frappe.get_doc("User", town.readers.auditor).add_roles("Governance Auditor")
		yield town


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def run(report: str, **filters: object) -> dict[str, Any]:
	return query_report.run(report, filters={**PERIOD, **filters})


def text_of(answer: dict[str, Any]) -> str:
	"""*answer* as one text in which names stand as they are read, not as escapes."""
	return json.dumps(answer, ensure_ascii=False, default=str)


def told(report: str, **filters: object) -> str:
	"""All that the report answers with, as one text, without how long it took."""
	answer = run(report, **filters)
	answer.pop("execution_time", None)
	return text_of(answer)


@pytest.mark.parametrize(("report", "filters"), VARIANTS)
def test_a_secretary_is_told_nothing_of_another_village(world, as_user, report, filters):
	with as_user(world.readers.secretary):
		before = told(report, **filters)
	assert SECRET not in before and world.villages[1].grid_path not in before
	assert not any(home in before for home in world.secret.homes)
	settle(world, world.grids[1][1], SECRET)
	with as_user(world.readers.secretary):
		assert told(report, **filters) == before, "nor do totals and charts move with what lies there"


@pytest.mark.parametrize(("report", "filters"), [each for each in VARIANTS if each[0] != REACH])
def test_a_member_is_told_of_her_grid_and_not_of_the_one_beside(world, as_user, report, filters):
	with as_user(world.readers.member):
		text = told(report, **filters)
	assert "乙邻格" not in text and world.grids[0][1].grid_path not in text
	assert run_total(text) or report == LEFT


def run_total(text: str) -> bool:
	"""Say whether there is a total: the report was not empty for want of everything."""
	return '"is_total": 1' in text


@EACH
def test_a_grid_that_is_not_hers_is_refused(world, as_user, report):
	with as_user(world.readers.secretary):
		for foreign in (world.villages[1], world.grids[1][0], world.root):
			with pytest.raises(frappe.PermissionError):
				run(report, grid=foreign.name)


@pytest.mark.parametrize("report", [COVERAGE, WECHAT])
def test_rows_above_her_own_node_are_not_made(world, as_user, report):
	with as_user(world.readers.secretary):
		rows = run(report, roll_up=level_at(TOWNSHIP))["result"]
	assert {row["path"] for row in rows} == {world.villages[0].grid_path}


FIGURES = {
	MUST: ("people", "due", "done", "in_time", "late", "open"),
	LEFT: ("left", "tried", "untried", "never"),
	WECHAT: ("households", "covered", "outside", "groups"),
}


@pytest.mark.parametrize(
	("report", "figure"), [(report, each) for report in FIGURES for each in FIGURES[report]]
)
def test_nothing_foreign_stands_behind_a_figure(world, as_user, report, figure):
	"""The node behind whose figure to look comes from the client."""
	own = world.villages[0].grid_path
	with as_user(world.readers.secretary):
		for node in ("", own, world.villages[1].grid_path, "' or 1=1 -- "):
			for exact in (0, 1):
				answer = run(report, figure=figure, node=node, exact=exact)
				assert SECRET not in text_of(answer)
				if node not in ("", own):
					assert not answer["result"]


@pytest.mark.parametrize("report", [COVERAGE, REACH])
def test_a_report_that_only_counts_shows_no_rows_behind_a_figure(world, as_user, report):
	with as_user(world.readers.secretary):
		assert told(report) == told(report, figure="due", node=world.villages[0].grid_path)
		assert "甲自己" not in told(report)


@EACH
@pytest.mark.parametrize("figure", ["name", "' or 1=1", "is_sensitive"])
def test_a_figure_that_is_none_shows_nothing(world, as_user, report, figure):
	with as_user(world.readers.secretary):
		try:
			text = told(report, figure=figure)
		except frappe.ValidationError:
			return
		assert SECRET not in text


class TestSensitiveCare:
	"""A village's secretary knows who is disabled; the township, the leader and the member do not."""

	BLIND = pytest.mark.parametrize("reader", ["official", "leader", "member"])

	def rows(self, **filters):
		return run(MUST, **filters)["result"]

	def test_the_secretary_counts_it(self, world, as_user):
		with as_user(world.readers.secretary):
			rows = {row.get("narrow", ""): row for row in self.rows()}
		assert rows[seeded("care_category/disabled")]["due"] == 2
		assert rows[""]["people"] == rows[""]["due"] == 4

	@BLIND
	def test_others_are_told_neither_the_category_nor_a_number_of_it(self, world, as_user, reader):
		category = seeded("care_category/disabled")
		with as_user(world.readers[reader]):
			text, rows = told(MUST), {row.get("narrow", ""): row for row in self.rows()}
			by_grid = self.rows(show="By Grid")[-1]
		assert category not in text and world.own.marked.name not in text
		elders = rows[seeded("care_category/elder")]
		for name in ("people", "due", "late", "open"):
			assert rows[""][name] == elders[name] == by_grid[name], "nothing to subtract"

	@BLIND
	def test_naming_it_finds_nobody(self, world, as_user, reader):
		category = seeded("care_category/disabled")
		with as_user(world.readers[reader]):
			assert self.rows(category=category) == []
			for figure in FIGURES[MUST]:
				assert self.rows(figure=figure, node=world.villages[0].grid_path, of=category) == []
				assert self.rows(figure=figure, node=world.villages[0].grid_path, category=category) == []

	@BLIND
	def test_nobody_stands_behind_a_total_for_it(self, world, as_user, reader):
		with as_user(world.readers[reader]):
			for figure in ("people", "due"):
				text = told(MUST, figure=figure, node=world.grids[0][0].grid_path)
				assert world.own.marked.name not in text and "甲自己病" not in text
				assert "甲自己母" in text

	@pytest.mark.parametrize("reader", ["secretary", "official", "leader", "auditor"])
	@pytest.mark.parametrize("by_name", [False, True])
	def test_a_recipient_in_it_is_counted_for_the_secretary_alone(self, world, as_user, reader, by_name):
		marked = {"notice": world.notice, "household": world.own.homes[1]}
		frappe.db.set_value("Notice Delivery", marked, "is_sensitive", 1)
		filters = {"grid": world.grids[0][0].name, **({"notice": world.notice} if by_name else {})}
		with as_user(world.readers[reader]):
			(total,) = (row for row in run(REACH, **filters)["result"] if row.get("is_total"))
		knows = reader == "secretary"
		assert (total["deliveries"], total["told"]) == ((2, 1) if knows else (1, 0))


def test_a_person_who_is_elsewhere_by_now_is_not_named(world, as_user):
	"""A must-visit stays where it was done; whose it was is told only to those who may read her."""
	frappe.db.set_value(
		"Resident",
		world.own.head.name,
		{"grid": world.grids[1][0].name, "grid_path": world.grids[1][0].grid_path},
	)
	with as_user(world.readers.secretary):
		answer = run(MUST, figure="due", node=world.grids[0][0].grid_path)
	assert len(answer["result"]) == 2
	assert "甲自己母" not in text_of(answer)


NOT_THEIRS = [
	*((reader, report) for reader in ("patch", "officer", "nobody", "instructor") for report in REPORTS),
	("member", REACH),
	*(("auditor", report) for report in (MUST, LEFT, WECHAT)),
]


@pytest.mark.parametrize(("reader", "report"), NOT_THEIRS)
def test_who_may_not_report_gets_no_report(world, as_user, reader, report):
	with as_user(world.readers[reader]), pytest.raises(frappe.PermissionError):
		run(report)


@EACH
def test_the_code_of_a_report_asks_for_the_right_itself(world, as_user, report):
	"""Not the roles in the report's record alone, which an administrator may change."""
	module = frappe.scrub(report)
	execute = frappe.get_attr(f"grid_governance.grid_visits.report.{module}.{module}.execute")
	for reader in ("officer", "nobody"):
		with as_user(world.readers[reader]), pytest.raises(frappe.PermissionError):
			execute(dict(PERIOD))


@pytest.mark.parametrize("report", [COVERAGE, REACH])
def test_an_auditor_counts_and_is_led_to_no_rows(world, as_user, report):
	with as_user(world.readers.auditor):
		answer = run(report, grid=world.root.name)
	assert answer["result"][-1]["is_total"]
	assert not any(column.get("is_figure") for column in answer["columns"])
	assert "甲自己" not in text_of(answer) and SECRET not in text_of(answer)


@pytest.mark.parametrize(
	("report", "about"), [(MUST, "Resident"), (LEFT, "Household"), (WECHAT, "Household")]
)
def test_a_report_of_people_is_known_as_one(report, about):
	assert takings.shown_by(report) == about


@pytest.mark.parametrize("report", [MUST, LEFT, WECHAT])
def test_a_grid_member_exports_none(world, as_user, report):
	with as_user(world.readers.member):
		frappe.local.form_dict = frappe._dict(
			report_name=report, file_format_type="CSV", filters=frappe.as_json(PERIOD), visible_idx="[]"
		)
		with pytest.raises(frappe.PermissionError):
			frappe.get_attr("frappe.desk.query_report.export_query")()


@pytest.mark.parametrize("bad", ["' or 1=1 -- ", "%", "\\", '"'])
def test_what_is_typed_into_a_filter_is_only_compared(world, as_user, bad):
	with as_user(world.readers.secretary):
		assert run(MUST, category=bad)["result"] == []
		assert run(REACH, notice=bad)["result"] == []
		assert run(REACH, notice_type=bad)["result"] == []
		assert SECRET not in told(LEFT, days=bad, show=bad)


@EACH
def test_it_is_never_prepared(world, as_user, report):
	assert not frappe.db.get_value("Report", report, "prepared_report")
