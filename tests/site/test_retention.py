"""Personal data goes when its time is over, and what is counted stays."""

import frappe
import pytest
from frappe.utils import getdate

from grid_governance.grid_ledger.actions import accesses, anonymising, retention
from grid_governance.grid_ledger.rules import retention as rules
from tests.factories import (
	make_care,
	make_citizen_number,
	make_holder,
	make_household,
	make_identity,
	make_resident,
	make_township,
)

TODAY = getdate("2026-06-15")
NAME, OTHER = "张六六留名", "李七七旁人"
PHONE = "13900007777"
TABLES = (
	"Resident",
	"Household",
	"Resident Identity",
	"Resident Contact",
	"Resident Care",
	"Household Change",
	"Version",
	"Comment",
	"Deleted Document",
	"Notification Log",
	"File",
	"Personal Data Request",
)


@pytest.fixture(autouse=True)
def _chunks_are_not_committed(monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)


@pytest.fixture
def family():
	"""A household of two whose head moved out in 2020, with everything that may hang on her."""
	grid = make_township(1, 1).grids[0][0].name
	number = make_citizen_number()
	home = make_household(grid, address="六六路六号")
	head = make_resident(home.name, resident_name=NAME, employer="某厂六六", ethnicity="汉族")
	other = make_resident(home.name, "Spouse", resident_name=OTHER)
	identity = make_identity(head.name, id_number=number)
	frappe.get_doc(doctype="Resident Contact", resident=head.name, phone=PHONE, note=NAME).insert()
	care = make_care(head.name, "elder", note=NAME)
	head.reload()
	head.add_comment("Comment", f"{NAME}的情况")
	frappe.get_doc(
		doctype="File",
		file_name="留名.txt",
		content=NAME,
		attached_to_doctype="Resident",
		attached_to_name=head.name,
		is_private=1,
	).insert()
	frappe.get_doc(
		doctype="Version", ref_doctype="Resident", docname=head.name, data=frappe.as_json({"changed": [NAME]})
	).insert()
	deleted = make_care(head.name, "empty-nest", note=NAME)
	deleted.delete()
	values = {"status": "Moved Out", "status_date": "2020-01-31"}
	frappe.db.set_value("Household", home.name, "head", other.name)
	frappe.db.set_value("Resident", head.name, values)
	return frappe._dict(
		grid=grid,
		home=home.name,
		head=head.name,
		other=other.name,
		identity=identity.name,
		care=care.name,
		number=number,
	)


def keep(kind: str, months: int) -> None:
	"""Let one rule apply alone."""
	frappe.db.set_value("Retention Rule", {"name": ["is", "set"]}, "enabled", 0)
	frappe.db.set_value("Retention Rule", {"kind": kind}, {"enabled": 1, "months": months})


def told(word: str) -> list[str]:
	"""The tables in which *word* stands anywhere."""
	found = []
	for doctype in TABLES:
		rows = frappe.db.sql(f"select * from `tab{doctype}`", as_dict=True)  # noqa: S608
		spoken = frappe.as_json(word).strip('"')
		if any(word in str(value) or spoken in str(value) for row in rows for value in row.values()):
			found.append(doctype)
	return found


def test_who_moved_out_long_ago_is_no_longer_known_by_name(family):
	keep(rules.MOVED_OUT, 24)
	assert set(told(NAME)) >= {"Resident", "Version", "Comment", "Deleted Document", "Resident Contact"}
	assert retention.run(TODAY) == {rules.MOVED_OUT: 1}
	assert told(NAME) == []
	assert told(PHONE) == []
	assert told(OTHER) != []
	auth = frappe.qb.Table("__Auth")
	assert not frappe.qb.from_(auth).select(auth.name).where(auth.name == family.identity).run()
	for doctype in ("Resident Identity", "Resident Contact", "Resident Care"):
		assert not frappe.db.exists(doctype, {"resident": family.head})
	assert not frappe.db.exists("File", {"attached_to_name": family.head})


def test_what_is_counted_stays(family):
	before = frappe.get_doc("Resident", family.head)
	keep(rules.MOVED_OUT, 24)
	retention.run(TODAY)
	after = frappe.get_doc("Resident", family.head)
	for field in ("sex", "grid", "grid_path", "status", "status_date", "population_type"):
		assert after.get(field) == before.get(field)
	assert (after.birth_date.year, after.birth_date.month, after.birth_date.day) == (
		before.birth_date.year,
		1,
		1,
	)
	assert (after.household, after.employer, after.ethnicity, after.pinyin) == (None, None, None, None)
	assert after.anonymised_on == TODAY


def test_the_month_of_the_rule_is_the_border(family):
	keep(rules.MOVED_OUT, 24)
	frappe.db.set_value("Resident", family.head, "status_date", "2024-06-15")
	assert retention.run(TODAY) == {}
	frappe.db.set_value("Resident", family.head, "status_date", "2024-06-14")
	assert retention.run(TODAY) == {rules.MOVED_OUT: 1}


def test_run_again_it_finds_nothing(family):
	keep(rules.MOVED_OUT, 24)
	retention.run(TODAY)
	lines = frappe.db.count(accesses.ACCESS)
	assert retention.run(TODAY) == {}
	assert frappe.db.count(accesses.ACCESS) == lines


def test_it_goes_on_where_it_was_cut_off(family, monkeypatch):
	keep(rules.MOVED_OUT, 24)
	monkeypatch.setattr(retention, "CHUNK", 1)
	frappe.db.set_value("Resident", family.other, {"status": "Moved Out", "status_date": "2020-02-01"})
	stock, calls = anonymising.residents, []

	def cut_off(names: list[str], today: object) -> object:
		calls.append(names)
		if len(calls) == 2:
			raise KeyboardInterrupt
		return stock(names, today)

	due = retention.FOUND[rules.MOVED_OUT]
	monkeypatch.setitem(retention.FOUND, rules.MOVED_OUT, due._replace(act=cut_off))
	with pytest.raises(KeyboardInterrupt):
		retention.run(TODAY)
	assert frappe.db.count("Resident", {"anonymised_on": TODAY, "grid": family.grid}) == 1
	assert retention.run(TODAY) == {rules.MOVED_OUT: 1}
	assert frappe.db.count("Resident", {"anonymised_on": TODAY, "grid": family.grid}) == 2


def test_each_chunk_stands_in_the_log(family):
	keep(rules.MOVED_OUT, 24)
	retention.run(TODAY)
	(line,) = frappe.get_all(
		accesses.ACCESS, {"grid": family.grid}, ["kind", "rows", "reference_doctype"], order_by="at asc"
	)
	assert line == {"kind": "Anonymise", "rows": 1, "reference_doctype": "Resident"}


def test_the_preview_says_what_the_run_does(family):
	keep(rules.MOVED_OUT, 24)
	(row,) = retention.preview(str(TODAY))
	assert (row["number"], row["before"], row["oldest"]) == (1, "2024-06-15", "2020-01-31")
	assert frappe.db.get_value("Resident", family.head, "resident_name") == NAME


def test_the_preview_is_the_administrators():
	frappe.set_user(make_holder("Village Secretary", make_township(1, 0).villages[0].name))
	with pytest.raises(frappe.PermissionError):
		retention.preview(str(TODAY))


def test_a_dissolved_household_loses_its_address(family):
	keep(rules.DISSOLVED, 12)
	frappe.db.set_value(
		"Household", family.home, {"status": "Dissolved", "modified": "2024-01-01"}, update_modified=False
	)
	assert retention.run(TODAY) == {rules.DISSOLVED: 1}
	home = frappe.get_doc("Household", family.home)
	assert (home.address, home.household_no, home.grid) == (None, None, family.grid)
	assert OTHER not in home.title


def test_care_that_ended_goes(family):
	keep(rules.CARE_ENDED, 12)
	frappe.db.set_value("Resident Care", family.care, "until", "2025-06-14")
	assert retention.run(TODAY) == {rules.CARE_ENDED: 1}
	assert not frappe.db.exists("Resident Care", family.care)


def test_an_answered_request_keeps_its_kind_and_its_days(family):
	keep(rules.REQUESTS, 12)
	doc = frappe.get_doc(
		doctype="Personal Data Request",
		resident=family.other,
		kind="See",
		asked_by=OTHER,
		received_on="2024-01-01",
	).insert()
	assert retention.run(TODAY) == {}
	frappe.db.set_value(
		doc.doctype, doc.name, {"status": "Answered", "answered_on": "2024-01-05", "answer": OTHER}
	)
	assert retention.run(TODAY) == {rules.REQUESTS: 1}
	doc.reload()
	assert (doc.asked_by, doc.answer, doc.kind, str(doc.answered_on)) == ("", None, "See", "2024-01-05")
	assert retention.run(TODAY) == {}


def test_old_lines_of_the_logs_go(family):
	accesses.note(accesses.PRINT, family.grid, "Resident", family.head)
	frappe.get_doc("Resident", family.head).add_viewed()
	own = {"grid": family.grid, "kind": "Print"}
	seen = {"reference_name": family.head}
	frappe.db.set_value(accesses.ACCESS, own, "at", "2025-12-14 12:00:00")
	frappe.db.set_value("View Log", seen, "creation", "2025-12-14 12:00:00", update_modified=False)
	keep(rules.ACCESSES, 7)
	retention.run(TODAY)
	assert frappe.db.count(accesses.ACCESS, own) == 1
	keep(rules.ACCESSES, 6)
	retention.run(TODAY)
	assert frappe.db.count(accesses.ACCESS, own) == 0
	keep(rules.VIEWS, 6)
	retention.run(TODAY)
	assert frappe.db.count("View Log", seen) == 0


@pytest.mark.parametrize("kind", [rules.ACCESSES, rules.VIEWS])
def test_a_log_is_kept_for_six_months_at_the_least(kind):
	rule = frappe.get_doc("Retention Rule", {"kind": kind})
	rule.months = 5
	with pytest.raises(retention.RetentionError):
		rule.save()
	rule.reload()
	rule.months = 6
	rule.save()


def test_a_rule_without_a_time_is_refused():
	rule = frappe.get_doc("Retention Rule", {"kind": rules.MOVED_OUT})
	rule.months = 0
	with pytest.raises(retention.RetentionError):
		rule.save()


def test_each_kind_has_a_shipped_rule_that_is_long_enough():
	shipped = dict(
		frappe.get_all("Retention Rule", fields=["kind", "months"], as_list=True, order_by="kind asc")
	)
	assert set(shipped) == set(rules.KINDS) == set(retention.found())
	assert not [kind for kind, months in shipped.items() if rules.is_too_short(kind, months)]
