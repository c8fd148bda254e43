"""Urgencies, times by source and days off as their administrator keeps them, and what issues make of them."""

from datetime import date, datetime

import frappe
import pytest
from frappe.utils import get_datetime

from grid_governance.grid_issues import clocks, doorstep, sheets
from grid_governance.grid_issues.doctype.issue_urgency.issue_urgency import (
	DefaultUrgencyError,
	UrgencyCodeError,
	UrgencyProposedError,
	UrgencySpanError,
)
from grid_governance.grid_issues.report.issue_closing_and_timeliness import (
	issue_closing_and_timeliness as timeliness,
)
from grid_governance.grid_issues.rules import deadlines
from grid_governance.grid_structure import calendar
from grid_governance.grid_structure.doctype.township_profile.township_profile import site_rules
from grid_governance.setup import clock_rules, seeds
from grid_governance.setup.patches import clocks_as_records as patch
from tests.factories import make_category, make_holder, make_issue, make_township

pytestmark = pytest.mark.usefixtures("site")

SETTINGS, PROFILE = "Governance Settings", "Township Profile"
ONLINE = "Online Referral"
FOUND = "2025-09-29 16:00:00"
"""A Monday, two days before the holidays of National Day."""


@pytest.fixture
def town() -> frappe._dict:
	"""A township in which nothing differs from the site, whose rules are none; its first grid as `grid`."""
	settings = frappe.get_doc(SETTINGS)
	settings.set("clock_rules", [])
	settings.save()
	frappe.db.delete("Calendar Day")
	town = make_township(1, 1)
	town.grid = town.grids[0][0].name
	return town


def make_urgency(code: str, **fields: object) -> frappe.model.document.Document:
	values = {"urgency_name": "特急", "sequence": 5, "active": 1, "span": 2, "unit": "Hours", **fields}
	return frappe.get_doc(doctype="Issue Urgency", code=code, **values).insert()


def rule(purpose: str, span: int, unit: str = "Days", **fields: object) -> dict:
	return {"purpose": purpose, "span": span, "unit": unit, **fields}


def site_has(*rows: dict) -> None:
	settings = frappe.get_doc(SETTINGS)
	settings.set("clock_rules", list(rows))
	settings.save()


def township_has(town: frappe._dict, *rows: dict) -> None:
	frappe.get_doc(doctype=PROFILE, grid=town.root.name, clock_rules=list(rows)).insert()


def due(town: frappe._dict, **fields: object) -> datetime:
	return make_issue(town.grid, **{"found_at": FOUND, **fields}).due_by


class TestUrgency:
	def test_what_is_ticked_as_the_default_one_leaves_the_one_that_was(self):
		before = clocks.default_urgency()
		make_urgency("Extra", is_default=1)
		assert clocks.default_urgency() == "Extra" != before
		assert frappe.get_all("Issue Urgency", {"is_default": 1}, pluck="name") == ["Extra"]

	def test_there_is_always_one_for_categories_that_propose_none(self):
		default = frappe.get_doc("Issue Urgency", clocks.default_urgency())
		for values in ({"is_default": 0}, {"active": 0}):
			with pytest.raises(DefaultUrgencyError):
				frappe.get_doc("Issue Urgency", default.name).update(values).save()
		make_urgency("Extra", is_default=1)
		with pytest.raises(DefaultUrgencyError):
			frappe.delete_doc("Issue Urgency", "Extra")

	@pytest.mark.parametrize(("span", "unit"), [(0, "Hours"), (0, "Months"), (3651, "Days"), (121, "Months")])
	def test_its_time_is_one(self, span, unit):
		with pytest.raises(UrgencySpanError):
			make_urgency("Extra", span=span, unit=unit)

	@pytest.mark.parametrize("code", ["特急", "Very Urgent", "1", "a_b"])
	def test_its_code_is_plain(self, code):
		with pytest.raises(UrgencyCodeError):
			make_urgency(code)

	def test_it_is_not_deleted_while_an_issue_a_category_or_a_rule_names_it(self, town):
		make_urgency("Extra")
		site_has(rule("Finish", 3, urgency="Extra"))
		with pytest.raises(frappe.LinkExistsError):
			frappe.delete_doc("Issue Urgency", "Extra")
		site_has()
		category = make_category(default_urgency="Extra")
		with pytest.raises(frappe.LinkExistsError):
			frappe.delete_doc("Issue Urgency", "Extra")
		frappe.delete_doc("Issue Category", category)
		issue = make_issue(town.grid, urgency="Extra")
		with pytest.raises(frappe.LinkExistsError):
			frappe.delete_doc("Issue Urgency", "Extra")
		frappe.delete_doc("Grid Issue", issue.name)
		frappe.delete_doc("Issue Urgency", "Extra")

	def test_it_stays_in_use_while_a_category_proposes_it(self):
		make_urgency("Extra")
		category = make_category(default_urgency="Extra", category_name="井盖")
		with pytest.raises(UrgencyProposedError, match="井盖"):
			frappe.get_doc("Issue Urgency", "Extra").update({"active": 0}).save()
		frappe.get_doc("Issue Category", category).update({"default_urgency": "General"}).save()
		frappe.get_doc("Issue Urgency", "Extra").update({"active": 0}).save()

	def test_one_that_is_used_no_more_is_not_chosen_and_stays_where_it_was(self, town):
		urgency, category = make_urgency("Extra"), make_category()
		issue = make_issue(town.grid, urgency="Extra", category=category)
		urgency.update({"active": 0}).save()
		with pytest.raises(clocks.UrgencyNotUsedError):
			make_issue(town.grid, urgency="Extra")
		with pytest.raises(clocks.UrgencyNotUsedError):
			frappe.get_doc("Issue Category", category).update({"default_urgency": "Extra"}).save()
		issue.update({"title": "井盖"}).save()
		assert issue.urgency == "Extra"

	def test_a_new_one_has_its_time_and_its_name_everywhere(self, town, as_user):
		member = make_holder("Grid Member", town.grid)
		make_urgency("Extra", indicator="orange")
		category = make_category(default_urgency="Extra")
		with as_user(member):
			issue = make_issue(town.grid, category=category, found_at=FOUND)
			(shown,) = (row for row in doorstep.start()["categories"] if row.name == category)
			assert (issue.urgency, issue.due_by) == ("Extra", get_datetime("2025-09-29 18:00:00"))
			assert (shown.urgency, shown.urgency_name) == ("Extra", "特急")
			assert sheets.issue_handling_form(issue.name).urgency == "特急"
		boot = frappe._dict()
		clocks.extend_boot(boot)
		assert boot.issue_urgencies["Extra"] == {"label": "特急", "colour": "orange"}
		told = frappe.get_doc("Notification", seeds.name_of("notification/issue-next"))
		assert "特急" in frappe.render_template(told.message, {"doc": issue})
		issue.reload()
		issue.update({"urgency": "General"}).save()
		changed = frappe.get_all(
			"Issue Log", {"issue": issue.name}, pluck="changed", order_by="at desc, creation desc", limit=1
		)
		assert "特急 → " in changed[0]


class TestTimeliness:
	"""The columns of the report follow the urgencies."""

	def columns(self, town: frappe._dict) -> dict[str, str]:
		period = {"from_date": "2025-09-01", "to_date": "2025-09-30"}
		columns, *_rest = timeliness.execute({**period, "grid": town.root.name})
		return {column["fieldname"]: column["label"] for column in columns}

	def test_a_new_urgency_has_columns_in_its_place_and_one_that_is_used_no_more_has_none(self, town):
		make_issue(town.grid, urgency="General", found_at=FOUND)
		without = self.columns(town)
		urgency = make_urgency("Extra")
		shown = self.columns(town)
		assert list(shown).index("judged_extra") < list(shown).index("judged_urgent")
		assert "特急" in shown["judged_extra"] and "特急" in shown["share_judged_extra"]
		urgency.update({"active": 0}).save()
		assert self.columns(town) == without

	def test_what_was_found_with_one_that_is_used_no_more_is_still_counted(self, town):
		urgency = make_urgency("Extra")
		make_issue(town.grid, urgency="Extra", found_at=FOUND)
		urgency.update({"active": 0}).save()
		period = {"from_date": "2025-09-01", "to_date": "2025-09-30"}
		_columns, data, *_rest = timeliness.execute({**period, "grid": town.root.name})
		assert (data[-1]["judged_extra"], data[-1]["share_judged_extra"]) == (1, 0)
		assert (
			len(timeliness.execute({**period, "figure": "judged_extra", "node": town.root.grid_path})[1]) == 1
		)


class TestRules:
	@pytest.mark.parametrize(
		"rows",
		[
			[rule("Finish", 0)],
			[rule("Inform", 3651, source=ONLINE)],
			[rule("Finish", 60, source=ONLINE), rule("Inform", 15), rule("Finish", 30, source=ONLINE)],
			[rule("Extend", 1), rule("Extend", 2)],
		],
		ids=["nothing", "too long", "twice", "twice for all"],
	)
	def test_each_is_a_time_and_stands_there_once(self, town, rows):
		with pytest.raises(clocks.ClockRuleError):
			site_has(*rows)
		with pytest.raises(clocks.ClockRuleError):
			township_has(town, *rows)

	def test_how_a_matter_came_goes_before_how_urgent_it_is(self, town):
		site_has(rule("Finish", 60, source=ONLINE), rule("Inform", 15, source=ONLINE))
		assert due(town, urgency="Urgent") == datetime(2025, 9, 30, 16)
		assert due(town, urgency="Urgent", source=ONLINE) == datetime(2025, 11, 28, 16)

	def test_a_township_goes_before_the_site_and_leaves_the_next_one_alone(self, town):
		site_has(rule("Finish", 10, urgency="General"), rule("Finish", 60, source=ONLINE))
		township_has(
			town,
			rule("Finish", 3, urgency="General"),
			rule("Finish", 24, "Hours", urgency="Urgent", source=ONLINE),
		)
		assert due(town, urgency="General") == datetime(2025, 10, 2, 16)
		assert due(town, urgency="Urgent", source=ONLINE) == datetime(2025, 9, 30, 16)
		assert due(town, urgency="General", source=ONLINE) == datetime(2025, 11, 28, 16)
		elsewhere = make_township(1, 1)
		elsewhere.grid = elsewhere.grids[0][0].name
		assert due(elsewhere, urgency="General") == datetime(2025, 10, 9, 16)

	def test_the_due_time_follows_the_source_that_is_corrected(self, town):
		site_has(rule("Finish", 60, source=ONLINE))
		issue = make_issue(town.grid, urgency="General", found_at=FOUND)
		issue.update({"source": ONLINE}).save()
		assert issue.due_by == datetime(2025, 11, 28, 16)

	def test_what_is_under_way_keeps_its_time_when_a_rule_changes(self, town):
		issue = make_issue(town.grid, urgency="General", found_at=FOUND)
		site_has(rule("Finish", 1, urgency="General"))
		issue.update({"title": "路灯"}).save()
		assert issue.due_by == datetime(2025, 10, 6, 16)

	def test_other_purposes_have_times_of_their_own_or_none(self, town):
		site_has(rule("Return", 5, source=ONLINE, counted="Working Days"))
		path = town.grids[0][0].grid_path
		start = get_datetime(FOUND)
		assert clocks.moment_for(deadlines.RETURN, path, "Urgent", ONLINE, start) == datetime(
			2025, 10, 13, 16
		)
		assert clocks.moment_for(deadlines.RETURN, path, "Urgent", "Patrol", start) is None
		assert clocks.span_for(deadlines.EXTEND, path, "Urgent", ONLINE) is None

	def test_a_report_asks_for_its_profile_once_and_for_no_days_off(self, town, count_queries):
		township_has(town, rule("Finish", 3, urgency="General"))
		make_issue(town.grid, urgency="General")
		with count_queries() as seen:
			clocks.due_by(town.grids[0][0].grid_path, "General", get_datetime(FOUND), "Patrol")
		assert seen.count == 1


class TestDaysOff:
	def test_working_days_are_those_of_the_state_but_for_what_stands_here(self, town):
		site_has(rule("Finish", 2, urgency="General", counted="Working Days"))
		assert due(town, urgency="General") == datetime(2025, 10, 9, 16)  # 30 September, 9 October
		day = frappe.get_doc(doctype="Calendar Day", day="2025-10-09", kind="Holiday", note="庙会").insert()
		assert due(town, urgency="General") == datetime(2025, 10, 10, 16)
		frappe.get_doc(doctype="Calendar Day", day="2025-10-05", kind="Working Day").insert()
		assert due(town, urgency="General") == datetime(2025, 10, 5, 16)
		assert (calendar.works(date(2025, 10, 5)), calendar.works(date(2025, 10, 9))) == (True, False)
		frappe.delete_doc("Calendar Day", "2025-10-05")
		day.update({"kind": "Working Day"}).save()
		assert due(town, urgency="General") == datetime(2025, 10, 9, 16)

	def test_of_a_year_that_is_not_known_the_week_counts(self):
		after = calendar.known_until().year + 1
		first = date(after, 10, 1)
		assert calendar.works(first) == (first.weekday() < 5)

	def test_days_off_are_read_once_for_many_days(self, town, count_queries):
		calendar.works(date(2025, 10, 1))
		with count_queries() as seen:
			works = calendar.working_days()
			assert sum(works(date(2025, 10, day)) for day in range(1, 32)) == 18
		assert seen.count == 1

	def test_a_day_stands_there_once_and_for_good(self):
		day = frappe.get_doc(doctype="Calendar Day", day="2031-10-09", kind="Holiday").insert()
		with pytest.raises(frappe.DuplicateEntryError):
			frappe.get_doc(doctype="Calendar Day", day="2031-10-09", kind="Working Day").insert()
		day.update({"day": "2031-10-10"}).save()
		assert str(frappe.get_doc("Calendar Day", day.name).day) == "2031-10-09"


class TestTheLawsTimes:
	def rows(self) -> set[tuple]:
		fields = ("purpose", "source", "urgency", "span", "unit", "counted")
		return {tuple(row.get(field) for field in fields) for row in frappe.get_doc(SETTINGS).clock_rules}

	def test_a_site_is_given_them(self, town):
		clock_rules.give()
		assert self.rows() == {
			("Inform", ONLINE, None, 15, "Days", "Calendar Days"),
			("Return", ONLINE, None, 5, "Days", "Working Days"),
			("Finish", ONLINE, None, 60, "Days", "Calendar Days"),
			("Extend", ONLINE, None, 30, "Days", "Calendar Days"),
		}
		assert due(town, source=ONLINE) == datetime(2025, 11, 28, 16)
		frappe.get_doc(SETTINGS).save()

	def test_what_stands_there_already_is_the_administrators(self, town):
		site_has(rule("Finish", 45, source=ONLINE), rule("Inform", 3))
		clock_rules.give()
		clock_rules.give()
		spans = sorted((row[0], row[1] or "", row[3]) for row in self.rows())
		assert spans == [
			("Extend", ONLINE, 30),
			("Finish", ONLINE, 45),
			("Inform", "", 3),
			("Inform", ONLINE, 15),
			("Return", ONLINE, 5),
		]
		assert [row.idx for row in frappe.get_doc(SETTINGS).clock_rules] == [1, 2, 3, 4, 5]


class TestAStandingSite:
	"""The patch that makes records of what were fields."""

	@pytest.fixture(scope="class")
	def old_columns(self, site: str):
		"""The columns in which a site that was made before still has the times of its townships."""
		wanted = {**dict.fromkeys(patch.TIMES, "int not null default 0"), patch.CALENDAR: "varchar(140)"}
		frappe.clear_cache()
		added = [column for column in wanted if not frappe.db.has_column(PROFILE, column)]
		for column in added:
			frappe.db.sql_ddl(f"alter table `tab{PROFILE}` add column `{column}` {wanted[column]}")
		frappe.cache.delete_value("table_columns")
		yield
		for column in added:
			frappe.db.sql_ddl(f"alter table `tab{PROFILE}` drop column `{column}`")
		frappe.cache.delete_value("table_columns")

	def make_profile(self, **old: object) -> str:
		name = frappe.get_doc(doctype=PROFILE, grid=make_township(1, 0).root.name).insert().name
		if old:
			frappe.db.set_value(PROFILE, name, old, update_modified=False)
		return name

	def held(self, profile: str) -> list[tuple]:
		return [
			(row.purpose, row.urgency, row.span, row.unit, row.counted)
			for row in frappe.get_doc(PROFILE, profile).clock_rules
		]

	def test_a_townships_times_become_its_rules(self, old_columns, town):
		some = self.make_profile(urgent_hours=2, complex_months=3)
		days = self.make_profile(general_days=5)
		counted = self.make_profile(clock_calendar="Working Days")
		none = self.make_profile()
		names = {row.name: row for row in patch.old_townships()}
		assert {some, days, counted} <= names.keys() and none not in names
		patch.carry_townships("Calendar Days", names.values())
		patch.carry_townships("Calendar Days", names.values())  # the second time nothing is left
		assert self.held(some) == [
			("Finish", "Urgent", 2, "Hours", None),
			("Finish", "Complex", 3, "Months", None),
		]
		assert self.held(days) == [("Finish", "General", 5, "Days", "Calendar Days")]
		own = frappe.db.get_value("Issue Urgency", "General", "span")
		assert self.held(counted) == [("Finish", "General", own, "Days", "Working Days")]
		assert self.held(none) == []
		for profile in (some, days, counted):
			frappe.get_doc(PROFILE, profile).save()

	def test_the_sites_times_become_those_of_the_urgencies(self):
		patch.carry_site(
			{
				"urgent_hours": "48",
				"general_days": "10",
				"complex_months": "1",
				"clock_calendar": "Working Days",
				"urgent_at_once": "0",
				"general_at_once": "1",
			}
		)
		fields = ["span", "unit", "counted", "told_at_once"]
		found = {code: frappe.db.get_value("Issue Urgency", code, fields) for code in patch.OLD}
		assert found["Urgent"][:2] == (48, "Hours") and found["Urgent"][3] == 0
		assert found["General"] == (10, "Days", "Working Days", 1)
		assert found["Complex"][:2] == (1, "Months")

	def test_a_time_of_nothing_is_none_and_what_was_never_saved_changes_nothing(self):
		before = frappe.get_all("Issue Urgency", fields=["*"], order_by="name asc")
		patch.carry_site({})
		patch.carry_site({"urgent_hours": "0"})
		assert frappe.get_all("Issue Urgency", fields=["*"], order_by="name asc") == before

	def test_the_whole_patch_may_run_again(self, town):
		frappe.db.delete("Seed Record", {"name": ["like", "issue_urgency/%"]})
		patch.execute()
		before = frappe.get_doc(SETTINGS).as_dict().clock_rules
		patch.execute()
		assert frappe.get_doc(SETTINGS).as_dict().clock_rules == before
		assert frappe.db.count("Seed Record", {"name": ["like", "issue_urgency/%"]}) == 3


def test_a_townships_profile_shows_what_holds_on_the_site(town, as_user):
	site_has(rule("Inform", 15, source=ONLINE))
	make_urgency("Extra")
	with as_user(make_holder("Township Office", town.root.name)):
		times = clocks.site_times()
		assert "clock_rules" not in site_rules()
	said = [(row["purpose"], row["source"] or "", row["urgency"], row["span"], row["unit"]) for row in times]
	assert said[:2] == [("Inform", ONLINE, "", 15, "Days"), ("Finish", "", "特急", 2, "Hours")]
	with as_user(make_holder("Grid Member", town.grid)), pytest.raises(frappe.PermissionError):
		clocks.site_times()
