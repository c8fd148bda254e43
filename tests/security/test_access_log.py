"""The access log tells who had access to whose data, in the reader's scope, and names nobody she may not read (R36)."""

from collections.abc import Iterator

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from grid_governance.grid_ledger.actions import accesses, identities
from tests.factories import (
	make_care,
	make_holder,
	make_household,
	make_identity,
	make_resident,
	make_township,
	make_user,
)
from tests.web import call
from tests.world import inside_savepoint, taken_back

SECRET = "机密七七"
REPORT = "Personal-Data Access Log"
RUN = "frappe.desk.query_report.run"


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""Two townships of which each has a person, seen, revealed and printed once by its secretary."""
	with taken_back():
		towns = [make_township(1, 1), make_township(1, 1)]
		made = frappe._dict(towns=towns, heads=[], secretaries=[], offices=[])
		for town in towns:
			head = make_resident(make_household(town.grids[0][0].name).name, resident_name=SECRET)
			identity = make_identity(head.name)
			care = make_care(head.name, "elder")
			secretary = make_holder("Village Secretary", town.villages[0].name)
			frappe.set_user(secretary)
			frappe.get_doc("Resident", head.name).add_viewed()
			frappe.get_doc("Resident Care", care.name).add_viewed()
			identities.reveal(identity.name, "办理医保")
			accesses.note(accesses.PRINT, town.grids[0][0].name, "Resident", head.name)
			frappe.set_user("Administrator")
			made.heads.append(head.name)
			made.secretaries.append(secretary)
			made.offices.append(make_holder("Township Office", town.root.name))
		made.auditor = make_user()
		frappe.get_doc("User", made.auditor).add_roles("Governance Auditor")
		made.member = make_holder("Grid Member", towns[0].grids[0][0].name)
		yield made


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def run(reader: str, **filters: object) -> frappe._dict:
	"""What the report gives *reader*."""
	given = {"from_date": nowdate(), "to_date": nowdate(), **filters}
	answer = call(reader, RUN, report_name=REPORT, filters=given)
	assert answer.status == 200, answer.text + answer.fault
	return frappe._dict(answer.message, text=answer.text)


def counts(reader: str, **filters: object) -> dict[str, dict[str, int]]:
	"""The counts by user and kind, of the world's secretaries."""
	rows = run(reader, **filters).result
	return {
		row["user"]: {kind: row[kind] for kind in ("viewed", "reveal", "print") if row.get(kind)}
		for row in rows
		if row["user"].endswith("example.com")
	}


ONCE = {"viewed": 2, "reveal": 1, "print": 1}


def test_an_office_reads_what_was_done_in_its_township(world):
	first, second = world.secretaries
	assert counts(world.offices[0]) == {first: ONCE}
	assert counts(world.offices[1]) == {second: ONCE}


def test_the_auditor_reads_all_and_no_name(world):
	first, second = world.secretaries
	found = counts(world.auditor)
	assert found[first] == found[second] == ONCE
	each = run(world.auditor, show="Each Access")
	assert SECRET not in each.text
	assert not any(head in each.text for head in world.heads)
	lines = [line for line in each.result if line["user"] == first]
	assert {line["place"] for line in lines} == {world.towns[0].grids[0][0].grid_name}
	assert not any(line["record"] or line["record_shown"] for line in lines)
	assert "办理医保" in {line["reason"] for line in lines}


def test_an_office_opens_the_records_that_it_may_read(world):
	lines = run(world.offices[0], show="Each Access").result
	shown = {line["doctype"]: line for line in lines}
	assert shown["Resident"]["record"] == world.heads[0]
	assert shown["Resident"]["record_shown"] == SECRET
	assert not shown["Resident Identity"]["record"]  # the office does not read identities
	assert {line["user"] for line in lines} == {world.secretaries[0]}


@pytest.mark.parametrize("who", ["member", "secretaries"])
def test_it_is_closed_to_whoever_has_no_part_in_it(world, who):
	user = world[who] if who == "member" else world.secretaries[0]
	given = {"from_date": nowdate(), "to_date": nowdate()}
	assert call(user, RUN, report_name=REPORT, filters=given).status == 403
	assert call("Guest", RUN, report_name=REPORT, filters=given).status == 403


def test_a_foreign_grid_is_refused(world):
	given = {"from_date": nowdate(), "to_date": nowdate(), "grid": world.towns[1].root.name}
	answer = call(world.offices[0], RUN, report_name=REPORT, filters=given)
	assert answer.status == 403
	assert counts(world.auditor, grid=world.towns[1].root.name) == {world.secretaries[1]: ONCE}


def test_user_and_kind_narrow_it(world):
	first = world.secretaries[0]
	assert counts(world.auditor, user=first) == {first: ONCE}
	assert counts(world.offices[0], kind="Reveal") == {first: {"reveal": 1}}
	assert counts(world.offices[0], kind="Viewed") == {first: {"viewed": 2}}
	assert counts(world.offices[0], kind="Export") == {}


def test_the_period_has_both_its_days(world):
	first = world.secretaries[0]
	# In the past, so that the day may end while the test runs.
	day = str(add_days(getdate(), -40))
	frappe.db.sql("update `tabView Log` set creation = %s where viewed_by = %s", (f"{day} 23:59:59", first))
	frappe.db.sql("update `tabPersonal Data Access` set at = %s where user = %s", (f"{day} 00:00:00", first))
	assert counts(world.offices[0], from_date=day, to_date=day) == {first: ONCE}
	after = str(add_days(day, 1))
	assert counts(world.offices[0], from_date=after, to_date=after) == {}


def test_a_period_that_runs_backwards_is_told(world):
	given = {"from_date": nowdate(), "to_date": str(add_days(nowdate(), -1))}
	answer = call(world.auditor, RUN, report_name=REPORT, filters=given)
	assert answer.status == 417
	assert "PeriodError" in answer.text


def test_a_downloaded_file_of_a_person_is_there(world):
	file = frappe.get_doc(
		doctype="File",
		file_name="证明.txt",
		content="x",
		attached_to_doctype="Resident",
		attached_to_name=world.heads[0],
		is_private=1,
	).insert()
	frappe.set_user(world.secretaries[0])
	frappe.get_doc(
		doctype="Access Log", user=world.secretaries[0], export_from="File", reference_document=file.name
	).db_insert()
	frappe.set_user("Administrator")
	rows = run(world.offices[0], kind="Download").result
	assert [(row["user"], row["download"]) for row in rows] == [(world.secretaries[0], 1)]
	assert run(world.offices[1], kind="Download").result == []


def test_a_backup_is_told_to_those_who_see_every_grid(world):
	frappe.get_doc(doctype="Access Log", user=world.secretaries[0], report_name="Backup").db_insert()
	assert run(world.auditor, kind="Backup", user=world.secretaries[0]).result[0]["backup"] == 1
	assert run(world.offices[0], kind="Backup").result == []


def test_a_record_that_is_gone_stays_in_the_auditors_log(world):
	frappe.get_doc(
		doctype="View Log", viewed_by=world.member, reference_doctype="Resident", reference_name="gone"
	).insert(ignore_links=True)
	assert counts(world.auditor)[world.member] == {"viewed": 1}
	assert world.member not in counts(world.offices[0])


def test_filters_of_any_kind_bring_no_error_of_the_database(world):
	for bad in ("' or 1=1 -- ", "%", '"'):
		assert run(world.offices[0], user=bad).result == []
		assert counts(world.offices[0], kind=bad) == {world.secretaries[0]: ONCE}


def test_views_are_read_from_their_index(world):
	plan = frappe.db.sql(
		"""explain select viewed_by, count(*) from `tabView Log` where reference_doctype = 'Resident'
		and creation >= '2026-01-01' and creation < '2026-02-01' group by viewed_by""",
		as_dict=True,
	)
	assert "grid_persons_seen" in (plan[0].possible_keys or "")
