"""The figures that the demos show come out of the reports, of the rows alone; a row of a demo is like a real one."""

from collections import Counter
from io import BytesIO
from random import randbytes
from unittest.mock import patch

import frappe
import pytest
from frappe.model.workflow import get_workflow
from frappe.utils import add_to_date, get_datetime, getdate
from PIL import Image

from grid_governance.grid_issues import answers, clocks, extensions, markers, rules, steps, supervision
from grid_governance.grid_issues.escalation import sweep
from grid_governance.grid_issues.report.issue_closing_and_timeliness import (
	issue_closing_and_timeliness as timeliness,
)
from grid_governance.grid_issues.report.issue_resolution_levels import issue_resolution_levels as levels
from grid_governance.grid_issues.report.livelihood_problems_solved import livelihood_problems_solved as solved
from grid_governance.grid_issues.report.online_referrals import online_referrals as online
from grid_governance.grid_issues.report.superior_tasks import superior_tasks as superior
from grid_governance.setup import demo, seeds

pytestmark = pytest.mark.usefixtures("site", "demos_without_households")

SHANYANG, JINZHUANG, LITAN, YIDUKOU = "310116113", "320481116", "420984204", "371403109"
REPORTS = (levels, timeliness, superior, solved, online)
NEW_YEARS_EVE, LEAP_DAY, END_OF_MONTH, MONDAY = (
	"2025-12-31 23:59:59",
	"2024-02-29 00:05:00",
	"2025-01-31 23:59:00",
	"2026-06-15 07:00:00",
)


@pytest.fixture(autouse=True)
def not_loaded():
	for name in demo.names():
		demo.remove(name)


def ask(report, township, moment):
	"""The total of *report* below *township* over the year before *moment*."""
	to_date = getdate(moment)
	filters = {"grid": township, "from_date": str(add_to_date(to_date, days=-365)), "to_date": str(to_date)}
	_columns, data, *_rest = report.execute(filters)
	return frappe._dict(data[-1] if data else {})


def by_level(total):
	"""The counts of the report on levels, by the seeds of the levels; the last is that of all."""
	names = [level["name"] for level in markers.levels()]
	found = {names[at]: total[f"count_{at}"] for at in range(len(names))}
	return [
		found[seeds.name_of(f"resolution_level/{key}")] for key in ("on-the-spot", "village", "department")
	]


@pytest.mark.parametrize("moment", [NEW_YEARS_EVE, LEAP_DAY])
def test_shanyang_35_63_and_2_of_2100(moment):
	demo.load("Shanyang", now=get_datetime(moment))
	total = ask(levels, SHANYANG, moment)
	assert (total.total, by_level(total)) == (2100, [735, 1323, 42])
	assert [total[f"share_{at}"] for at in range(3)] == [35.0, 63.0, 2.0]
	total = ask(timeliness, SHANYANG, moment)
	assert (total.closed, total.found - total.open) == (2100, 2100)
	assert 0 < total.overdue < total.open
	assert 80 < total.share_judged_all < 99


@pytest.mark.parametrize("moment", [END_OF_MONTH, MONDAY, LEAP_DAY])
def test_jinzhuang_12_of_12_and_39(moment):
	demo.load("jinzhuang", now=get_datetime(moment))
	total = ask(superior, JINZHUANG, moment)
	assert (total.received, total.closed, total.open, total.rate) == (12, 12, 0, 100.0)
	assert ask(solved, JINZHUANG, moment).total == 39
	assert ask(levels, JINZHUANG, moment).total == 12 + 39


@pytest.mark.parametrize("moment", [NEW_YEARS_EVE, MONDAY])
def test_litan_127_online_and_26(moment):
	demo.load("litan", now=get_datetime(moment))
	total = ask(online, LITAN, moment)
	assert total.closed == 127
	assert 0 < total.days < 30
	assert ask(solved, LITAN, moment).total == 26


@pytest.mark.parametrize("moment", [LEAP_DAY, END_OF_MONTH])
def test_yidukou_506_with_shares_by_urgency(moment):
	demo.load("yidukou", now=get_datetime(moment))
	total = ask(timeliness, YIDUKOU, moment)
	assert total.closed == 506
	assert ask(solved, YIDUKOU, moment).total == 506
	for urgency in (row.name for row in clocks.urgencies()):
		assert total[f"judged_{urgency.lower()}"] > 10
		assert 50 < total[f"share_judged_{urgency.lower()}"] <= 100


def test_ten_issues_less_are_ten_less_in_the_reports():
	"""Nothing stands anywhere but in the rows: where ten go, each figure falls by those it counted."""
	demo.load("yidukou")
	moment = frappe.utils.now_datetime()
	before = [ask(report, YIDUKOU, moment) for report in REPORTS]
	closed = {"grid": ("like", f"{YIDUKOU}%"), "workflow_state": ("in", markers.final_states())}
	fields = ["name", "resolution_level", "urgency", "due_by", "resolved_at", "category"]
	gone = frappe.get_all("Grid Issue", closed, fields, order_by="found_at desc", limit_page_length=10)
	frappe.db.delete("Grid Issue", {"name": ("in", [issue.name for issue in gone])})
	after = [ask(report, YIDUKOU, moment) for report in REPORTS]
	of_level, of_urgency = (Counter(issue[key] for issue in gone) for key in ("resolution_level", "urgency"))
	punctual = Counter(issue.urgency for issue in gone if issue.resolved_at <= issue.due_by)

	def fall(report, *names):
		at = REPORTS.index(report)
		return [before[at][name] - after[at][name] for name in names]

	names = [level["name"] for level in markers.levels()]
	assert fall(levels, "total", *(f"count_{at}" for at in range(len(names)))) == [
		10,
		*(of_level[name] for name in names),
	]
	assert fall(timeliness, "found", "closed", "open", "overdue", "judged_all") == [10, 10, 0, 0, 10]
	for urgency in (row.name for row in clocks.urgencies()):
		number, share = f"judged_{urgency.lower()}", f"share_judged_{urgency.lower()}"
		assert fall(timeliness, number) == [of_urgency[urgency]]
		in_time = [round(total[share] * total[number] / 100) for total in (before[1], after[1])]
		assert in_time[0] - in_time[1] == punctual[urgency]
	assert fall(solved, "total") == [10]
	assert before[2] == after[2] == before[4] == after[4] == {}


TIMES = {
	*("resolved_at", "feedback_at", "closed_at", "answered_at", "decided_at", "creation", "modified", "at"),
	*("next_escalation_at", "urged_on", "informed_at"),
}
CLOCKED = {"reminded", "clock_at"}
"""How the clock stands: by when things happened, which is another time when they happen again."""
PHOTOS = {"photo_before", "photo_after", "photo"}
NAMES = {"name", "issue", "reference_name"}
ABOUT = {
	"Grid Issue": "name",
	"Issue Log": "issue",
	"Issue Referral": "issue",
	"Issue Extension": "issue",
	"Workflow Action": "reference_name",
	"Comment": "reference_name",
}


def rows_about(issue):
	"""All rows about *issue* and its referrals by DocType, in order, without names; of times and photos only whether there is one."""
	found = {}
	names = [issue, *frappe.get_all("Issue Referral", {"issue": issue}, pluck="name", order_by="name asc")]
	for doctype, column in ABOUT.items():
		rows = frappe.get_all(doctype, {column: ("in", names)}, ["*"], order_by="creation asc, name asc")
		found[doctype] = [
			{
				key: bool(value) if key in TIMES | PHOTOS else value
				for key, value in row.items()
				if key not in NAMES | CLOCKED
			}
			for row in rows
		]
	for doctype in ("Workflow Action", "Comment"):
		found[doctype].sort(
			key=lambda row: (row["reference_doctype"], str(row.get("workflow_state")), row["owner"])
		)
	return found


def handled_again(name, as_user):
	"""Report the demo's issue *name* once more and let the same people take the same steps on the desk."""
	old = frappe.get_doc("Grid Issue", name)
	log = frappe.get_all("Issue Log", {"issue": name}, ["*"], order_by="at asc")
	asked = frappe.get_all("Issue Referral", {"issue": name}, ["*"], order_by="name asc")
	requests = frappe.get_all("Issue Extension", {"issue": name}, ["*"])
	fields = ("title", "description", "category", "urgency", "source", "grid", "location_note")
	fields += ("latitude", "longitude", "found_at")
	with as_user(log[0].by_user):
		values = {field: old.get(field) for field in fields} | {"photo_before": taken(old.photo_before)}
		new = frappe.get_doc(doctype="Grid Issue", **values).insert().name
	for line in log[1:]:
		step = markers.step(line.action)
		if step and step.by_rule:
			continue
		if line.by_clock:
			doc = frappe.get_doc("Grid Issue", new)
			sweep.climb(doc, markers.clock_step(doc.workflow_state))
			continue
		with as_user(line.by_user):
			resolves = markers.state(line.to_state).stage == rules.RESOLVED
			photo = taken(old.photo_before) if resolves else ""
			if line.department:
				department = {"issue": new, "department": line.department}
				before = next(one for one in reversed(asked) if one.department == line.department)
				photo = taken(before.photo if resolves else None)
				referral = frappe.get_last_doc("Issue Referral", department)
				answers.take_step(referral.name, line.action, line.opinion or "", photo)
			elif line.from_state == line.to_state and not requests:
				said_above(new, line, old)
			elif line.from_state == line.to_state:
				request = requests[0]
				if line.at == request.creation:
					extensions.ask(new, str(request.until), request.reason)
				else:
					mine = frappe.get_last_doc("Issue Extension", {"issue": new}).name
					extensions.decide(mine, request.decision == rules.GRANTED, request.words or "")
			else:
				with patch.object(
					steps, "now_datetime", lambda line=line: line.at
				):  # an instruction is for later
					steps.take_step(new, line.action, **words_of(line, step, old, asked, photo))
	return new


def said_above(issue, line, old):
	"""Urge *issue*, judge it or explain it once more as the *line* of the log of *old* tells."""
	if markers.state(line.to_state).stage != rules.FINAL:
		supervision.urge(issue, line.opinion.partition("：")[2])
	elif line.opinion.endswith(old.verdict_words):
		supervision.judge(issue, old.verdict, old.verdict_words)
	else:
		supervision.explain(issue, old.verdict_answer)


def taken(url):
	"""The address of a photo that the session's user has just taken, where the demo's issue has the photo *url*."""
	if not url:
		return ""
	content = BytesIO()
	Image.new("RGB", (8, 8), tuple(randbytes(3))).save(content, "JPEG")
	file = frappe.get_doc(doctype="File", file_name="photo.jpg", content=content.getvalue(), is_private=1)
	return file.insert().file_url


def words_of(line, step, old, asked, photo):
	after = markers.state(line.to_state)
	if step.needs == rules.INSTRUCTION:
		return {
			"opinion": line.opinion.split("\n")[0],
			"instruction": old.instruction,
			"instruction_due": str(old.instruction_due),
		}
	if step.needs == rules.DEPARTMENTS:
		together = [one for one in asked if one.creation == line.at]
		lead = next(one for one in together if one.lead)
		own_day = lead.due_by != old.due_by
		return {
			"opinion": line.opinion.split("\n")[0],
			"lead_department": lead.department,
			"other_departments": [one.department for one in together if not one.lead],
			"answer_by": str(lead.due_by) if own_day else "",
		}
	if after.stage == rules.RESOLVED:
		return {"result": line.opinion, "photo_after": photo}
	if after.closes:
		return {"feedback": line.opinion, "satisfaction": old.satisfaction}
	return {"opinion": line.opinion or "", "duplicate_of": old.duplicate_of or ""}


def test_an_issue_of_a_demo_is_like_one_that_people_have_handled(as_user):
	"""For each step that a demo takes: the same columns, log and traces in each table."""
	demo.load("yidukou")
	frappe.local.lang = frappe.db.get_single_value("System Settings", "language")
	below = {"grid": ("like", f"{YIDUKOU}%")}
	seen = {}
	for line in frappe.get_all("Issue Log", below, ["*"], order_by="issue asc, at asc", limit_page_length=0):
		said = bool(line.changed)
		seen.setdefault(line.issue, set()).add((line.from_state, line.action, line.to_state, said))
	ways, left = [], set().union(*seen.values())
	while left:
		ways.append(max(seen, key=lambda issue: len(seen[issue] & left)))
		left -= seen[ways[-1]]
	actions = {row.action for row in get_workflow("Grid Issue").transitions}
	assert {action for of in seen.values() for _from, action, *_rest in of} >= actions - not_in_demos(actions)
	for issue in ways:
		new = handled_again(issue, as_user)
		old_rows, new_rows = rows_about(issue), rows_about(new)
		for doctype in ABOUT:
			assert len(new_rows[doctype]) == len(old_rows[doctype]), (issue, doctype)
			for new_row, old_row in zip(new_rows[doctype], old_rows[doctype], strict=True):
				other = {key: (old_row[key], new_row[key]) for key in old_row if old_row[key] != new_row[key]}
				assert not other, (issue, doctype)


def not_in_demos(actions):
	"""Actions that no demo takes here: those of pauses, which a township has to allow first."""
	keys = ("pause", "resume", "pause-ends")
	return actions & {seeds.name_of(f"workflow_action_master/{key}") for key in keys}
