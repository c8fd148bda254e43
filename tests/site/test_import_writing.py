"""What an import writes: the very rows that saving them would have left, once, whatever happens meanwhile."""

import errno
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime
from frappe.utils.password import get_decrypted_password
from openpyxl import load_workbook

from grid_governance import scope
from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.actions import care, residents
from grid_governance.grid_ledger.importing import (
	columns,
	command,
	desk,
	documents,
	finishing,
	needs,
	parts,
	run,
)
from grid_governance.grid_ledger.importing.plan import Planner
from grid_governance.grid_ledger.importing.shapes import Family, Part
from grid_governance.grid_ledger.importing.uploads import IMPORT
from grid_governance.grid_visits import rounds
from grid_governance.setup import seeds
from tests import import_town, ledger_files, ledger_homes
from tests.factories import make_citizen_number
from tests.ledger_homes import Home
from tests.ledger_mistakes import Mistake

pytestmark = pytest.mark.commits

TODAY = date(2026, 3, 1)
OWN = {"name", "creation", "modified", "parent"}
"""Columns that differ between two rows that are alike."""


@pytest.fixture(scope="module")
def town(site: str) -> Iterator[frappe._dict]:
	with import_town.taken_away() as town:
		yield town


@pytest.fixture(autouse=True)
def _empty(town: frappe._dict) -> Iterator[None]:
	"""Leave the town to the next test without people."""
	yield
	frappe.db.rollback()
	frappe.set_user("Administrator")
	for doctype in import_town.BY_GRID[:5]:
		frappe.db.delete(doctype, {"grid_path": ["like", f"{town.path}%"]})
	frappe.db.commit()


def homes(town: frappe._dict, households: int, people: int, grid: int = 0, seed: int = 1) -> list[Home]:
	"""So many people in households of one grid, with care."""
	in_care = {key: seeds.name_of(f"care_category/{key}") for key in ledger_homes.CARE}
	return ledger_homes.homes([town.places[grid]], households, people, seed, TODAY, in_care)


class TestTheSameAsSaved:
	def test_a_thousand_rows(self, town):
		"""Imported into one village, saved one by one into the other; then each column of each row is compared."""
		brought = homes(town, 300, 1000)
		import_town.imported(town, import_town.sheet(brought))
		with import_town.speaking_chinese(town.user):
			for home in brought:
				save(home, town.grids[1][0])
		care.apply_age_rules()  # as every day
		rounds.catch_up(town.path)  # as every hour
		written, saved = (people_of(village) for village in town.villages)
		assert len(written[RESIDENT]) == len(saved[RESIDENT]) == 1000
		for doctype, rows in saved.items():
			assert written[doctype].keys() == rows.keys()
			different = [
				(key, field, written[doctype][key][field], value)
				for key, row in rows.items()
				for field, value in row.items()
				if written[doctype][key][field] != value
			]
			assert different == []


class TestOnce:
	def test_the_same_file_twice_changes_nothing(self, town):
		file = import_town.sheet(homes(town, 12, 40))
		import_town.imported(town, file)
		before = people_of(town.villages[0], OWN - {"modified"})
		again = import_town.imported(town, file)
		assert (again.rows_unchanged, again.rows_new, again.rows_changed) == (40, 0, 0)
		assert people_of(town.villages[0], OWN - {"modified"}) == before
		assert not import_town.lines(again.name)

	def test_a_job_finds_another_at_work(self, town):
		name = import_town.bring(town, import_town.sheet(homes(town, 3, 9)))
		with elsewhere() as other:
			other.execute("select get_lock(%s, 0)", (run._lock_name(name),))
			assert import_town.check(name).state == "Checking"
		assert import_town.check(name).state == "Checked"

	def test_a_job_is_overtaken(self, town, monkeypatch):
		"""Somebody else has written the part that was planned: it is not written again."""
		name = import_town.bring(town, import_town.sheet(homes(town, 3, 9)))
		import_town.check(name)

		def overtake() -> None:
			with elsewhere() as other:
				other.execute("update `tabLedger Import` set position = 3 where name = %s", (name,))

		after_planning(monkeypatch, overtake)
		row = import_town.write(town, name)
		assert (row.state, row.position, row.rows_new) == ("Writing", 3, 0)
		assert import_town.count(town) == 0

	def test_whose_job_has_died_goes_on(self, town, monkeypatch):
		"""An import of whose job nothing has been heard for a while, and no other one."""
		name = import_town.bring(town, import_town.sheet(homes(town, 3, 9)))
		ordered: list[str] = []
		monkeypatch.setattr(desk, "order", lambda doc: ordered.append(doc.name))
		run.resume()
		assert name not in ordered
		long_ago = add_to_date(now_datetime(), minutes=-run.STALE_MINUTES - 1)
		frappe.db.set_value(IMPORT, name, "modified", long_ago, update_modified=False)
		run.resume()
		assert name in ordered


class TestWhatHappensMeanwhile:
	def test_somebody_gives_the_number_away(self, town, monkeypatch):
		"""A household with the number is entered after the part was planned: it is planned anew, and the number given once."""
		name = import_town.bring(town, import_town.sheet(homes(town, 3, 9)))
		import_town.check(name)

		def give() -> None:
			with import_town.speaking_chinese(town.user):
				make(HOUSEHOLD, {"household_no": "0002"}, grid=town.grids[0][0])
			frappe.db.commit()

		after_planning(monkeypatch, give)
		row = import_town.write(town, name)
		assert row.state == "Done"
		assert import_town.count(town, HOUSEHOLD) == 3
		assert import_town.count(town) == 9

	def test_a_household_that_the_database_refuses(self, town, monkeypatch):
		"""It comes back alone, and all others are written."""
		name = import_town.bring(town, import_town.sheet(homes(town, 9, 30)))
		import_town.check(name)
		plan = Planner.part

		def too_long(self: Planner, families: Sequence[Family]) -> Part:
			part = plan(self, families)
			for row in part.new[HOUSEHOLD]:
				if row["household_no"] == "0004":
					row["address"] = "长" * 1000
			return part

		monkeypatch.setattr(Planner, "part", too_long)
		row = import_town.write(town, name)
		refused = import_town.lines(name, "Refused")
		assert row.state == "Done"
		assert import_town.count(town, HOUSEHOLD) == 8
		assert (row.rows_refused, row.rows_new) == (len(refused), 30 - len(refused))
		assert import_town.count(town) == row.rows_new
		assert row.refused_file

	def test_it_is_cancelled_and_gone_on_with(self, town, monkeypatch):
		monkeypatch.setattr(parts, "ROWS", 10)
		name = import_town.bring(town, import_town.sheet(homes(town, 12, 40)))
		import_town.check(name)
		tell = run._tell_position

		def cancel(doc: frappe.model.document.Document, position: int) -> None:
			tell(doc, position)
			with elsewhere() as other:
				other.execute("update `tabLedger Import` set cancel_asked = 1 where name = %s", (name,))

		with monkeypatch.context() as once:
			once.setattr(run, "_tell_position", cancel)
			row = import_town.write(town, name)
		assert row.state == "Cancelled"
		assert 0 < row.position < 12
		assert import_town.count(town) == row.rows_new
		row = import_town.write(town, name)
		assert (row.state, row.rows_new) == ("Done", 40)
		assert import_town.count(town) == 40

	def test_who_uploaded_it_has_no_right_any_more(self, town):
		name = import_town.bring(town, import_town.sheet(homes(town, 3, 9)))
		import_town.check(name)
		import_town.make_ready(town, name)
		posts = frappe.get_all("Grid Post Assignment", {"user": town.user}, pluck="name")
		frappe.db.set_value("Grid Post Assignment", {"name": ["in", posts]}, "to_date", "2021-01-01")
		scope.forget()
		frappe.db.commit()
		try:
			run.write(name)
			row = import_town.row(name)
			assert row.state == "Stopped"
			assert town.user in row.error
			assert import_town.count(town) == 0
		finally:
			frappe.db.set_value("Grid Post Assignment", {"name": ["in", posts]}, "to_date", None)
			scope.forget()
			frappe.db.commit()

	def test_there_is_no_room_for_its_files(self, town, monkeypatch):
		brought = homes(town, 9, 30)
		ledger_homes.spoil(brought, [Mistake.CHECK_DIGIT])
		name = import_town.bring(town, import_town.sheet(brought))
		import_town.check(name)

		def full(*args: object) -> None:
			raise OSError(errno.ENOSPC, "No space left on device")

		with monkeypatch.context() as once:
			once.setattr(finishing, "_attach", full)
			row = import_town.write(town, name)
		assert row.state == "Stopped"
		assert "磁盘已满" in row.error
		written = import_town.count(town)
		row = import_town.write(town, name)
		assert (row.state, bool(row.refused_file)) == ("Done", True)
		assert import_town.count(town) == written


class TestChanges:
	def test_they_go_as_documents(self, town):
		brought = homes(town, 6, 20)
		import_town.imported(town, import_town.sheet(brought))
		for home in brought:
			home.people[0].values["Resident.occupation"] = "木工"
		row = import_town.imported(town, import_town.sheet(brought))
		assert (row.rows_changed, row.rows_unchanged, row.rows_new) == (6, 14, 0)
		changed = frappe.get_all(RESIDENT, within(town, occupation="木工"), pluck="name")
		assert len(changed) == 6
		assert frappe.db.count("Version", {"docname": ["in", changed]}) == 6
		told = [
			change["new"]
			for line in import_town.lines(row.name, "Changed")
			for change in line.details["changes"]
		]
		assert told == ["木工"] * 6

	def test_one_that_is_refused_comes_back(self, town, monkeypatch):
		"""What saving refuses is the row's refusal; the others of its part are changed."""
		brought = homes(town, 6, 20)
		import_town.imported(town, import_town.sheet(brought))
		for home in brought:
			home.people[0].values["Resident.occupation"] = "木工"
		stubborn = brought[2].people[0].name
		check = residents.check

		def refuse(doc: frappe.model.document.Document) -> None:
			if doc.resident_name == stubborn and doc.occupation == "木工":
				frappe.throw("谁也不许改")
			check(doc)

		monkeypatch.setattr(residents, "check", refuse)
		row = import_town.imported(town, import_town.sheet(brought))
		(refused,) = import_town.lines(row.name, "Refused")
		assert (row.rows_changed, row.rows_refused, row.rows_unchanged) == (5, 1, 14)
		assert [problem["message"] for problem in refused.details["problems"]] == ["谁也不许改"]
		assert import_town.count(town, occupation="木工") == 5

	def test_a_household_grows(self, town):
		(home,) = homes(town, 1, 4)
		import_town.imported(town, import_town.sheet([Home(home.values, home.people[:2])]))
		row = import_town.imported(town, import_town.sheet([home]))
		assert (row.rows_new, row.rows_unchanged) == (2, 2)
		(household,) = frappe.get_all(HOUSEHOLD, within(town), ["member_count", "title", "head"])
		assert household.member_count == 4
		assert household.title.startswith(home.people[0].name)

	def test_another_head(self, town):
		"""Through the household's own action, with a line in its history."""
		(home,) = homes(town, 1, 3)
		import_town.imported(town, import_town.sheet([home]))
		for person, relation in zip(home.people, ("Parent", "Head", "Sibling"), strict=True):
			person.values["Resident.relation_to_head"] = relation
		row = import_town.imported(town, import_town.sheet([home]))
		(household,) = frappe.get_all(HOUSEHOLD, within(town), ["name", "head"])
		assert row.rows_refused == 0
		assert frappe.db.get_value(RESIDENT, household.head, "resident_name") == home.people[1].name
		assert frappe.db.count("Household Change", {"household": household.name, "kind": "Head"}) == 1


class TestByDocuments:
	def test_the_same_rows(self, town, monkeypatch):
		"""Where something hangs on the saving of documents the rows are saved, and are what they are in bulk."""
		brought = homes(town, 8, 30)
		import_town.imported(town, import_town.sheet(brought))
		for home in brought:
			home.values["Grid.code"] = town.places[2].code
		saved: list[str] = []
		insert = documents.insert
		monkeypatch.setattr(needs, "of_kind", lambda kind: "because")
		monkeypatch.setattr(documents, "insert", lambda part: (saved.extend(part.new), insert(part)))
		row = import_town.imported(town, import_town.sheet(brought))
		assert (row.rows_new, row.position) == (30, 8)
		assert RESIDENT in saved
		assert people_of(town.villages[1]) == people_of(town.villages[0])

	def test_what_is_rarer(self, town, monkeypatch):
		"""Guardians, consents, skills, chat names, a representative, somebody away: the same in bulk and as documents."""
		(home,) = homes(town, 1, 3)
		skill = seeds.name_of("skill/doctor")
		with import_town.speaking_chinese(town.user):
			label = columns.targets(columns.PEOPLE)["Resident.consent_on"].label
		monkeypatch.setitem(ledger_files.HEADINGS, "Resident.consent_on", label)
		head, other, child = home.people
		head.values |= {"Resident.skills": skill, "Resident.consent_on": date(2026, 1, 5)}
		head.values |= {"Resident Contact.phone": "13912345678", "Resident Contact.wechat": "wx_head"}
		other.values |= {"Resident.status": "Away", "Resident.status_date": date(2026, 2, 1)}
		born = date(2016, 5, 6)
		child.values |= {
			"Resident.relation_to_head": "Grandchild",
			"Resident.birth_date": born,
			"Resident Identity.id_number": make_citizen_number(
				born=f"{born:%Y%m%d}", male=child.values["Resident.sex"] == "Male"
			),
			"Resident.guardian": head.name,
			"Resident.consent_on": date(2026, 1, 6),
		}
		home.values |= {"Household.in_wechat_group": "是", "Household.group_rep": other.name}
		rows = []
		for place, by_documents in ((town.places[0], None), (town.places[2], "because")):
			home.values["Grid.code"] = place.code
			monkeypatch.setattr(needs, "of_kind", lambda kind, answer=by_documents: answer)
			row = import_town.imported(town, import_town.sheet([home]))
			assert row.rows_new == 3, [line.details for line in import_town.lines(row.name)]
		for village in town.villages:
			rows.append(people_of(village))
			names = frappe.get_all(
				RESIDENT,
				{"grid_path": ["like", f"{frappe.db.get_value('Grid', village, 'grid_path')}%"]},
				pluck="name",
			)
			skills = frappe.get_all(
				"Resident Skill", {"parent": ["in", names]}, ["skill", "idx", "parentfield", "owner"]
			)
			rows[-1]["skills"] = [dict(each) for each in skills]
		assert rows[0] == rows[1]
		assert rows[0]["skills"][0]["skill"] == skill
		assert [each["consent_given_by"] for each in rows[0][RESIDENT].values() if each["consent_on"]]
		assert [each["guardian"] for each in rows[0][RESIDENT].values() if each["guardian"]]
		assert rows[0][HOUSEHOLD].popitem()[1]["group_rep"]

	def test_a_household_that_is_refused(self, town, monkeypatch):
		"""It comes back with what was said, and the next is saved."""
		brought = homes(town, 4, 12)
		stubborn = brought[1].people[-1].name
		check = residents.check

		def refuse(doc: frappe.model.document.Document) -> None:
			if doc.resident_name == stubborn:
				frappe.throw("谁也不许进来")
			check(doc)

		monkeypatch.setattr(needs, "of_kind", lambda kind: "because")
		monkeypatch.setattr(residents, "check", refuse)
		row = import_town.imported(town, import_town.sheet(brought))
		refused = import_town.lines(row.name, "Refused")
		assert len(refused) == row.rows_refused == len(brought[1].people)
		assert {problem["message"] for line in refused for problem in line.details["problems"]} == {
			"谁也不许进来"
		}
		assert import_town.count(town, HOUSEHOLD) == 3

	@pytest.mark.parametrize(
		("doctype", "values"),
		[
			("Notification", {"event": "New", "document_type": RESIDENT, "enabled": 1}),
			("Webhook", {"webhook_doctype": RESIDENT, "enabled": 1}),
			("Assignment Rule", {"document_type": RESIDENT, "disabled": 0}),
			("Workflow", {"document_type": RESIDENT, "is_active": 1}),
			("Document Naming Rule", {"document_type": RESIDENT, "disabled": 0}),
			("Server Script", {"reference_doctype": RESIDENT, "script_type": "DocType Event", "disabled": 0}),
			(
				"Custom Field",
				{"dt": RESIDENT, "fieldname": "pet", "label": "Pet", "fieldtype": "Data", "unique": 1},
			),
		],
	)
	def test_what_hangs_on_saving(self, town, doctype, values):
		assert needs.of_kind("Households and People") is None
		frappe.get_doc({"doctype": doctype, "name": "told apart", **values}).db_insert()
		frappe.clear_cache(doctype=RESIDENT)
		assert needs.documents(RESIDENT)
		assert needs.of_kind("Households and People") == needs.documents(RESIDENT)
		frappe.db.rollback()
		frappe.clear_cache(doctype=RESIDENT)

	def test_another_app(self, town, monkeypatch):
		hooks = {"*": {"on_update": ["another_app.events.look"]}}
		monkeypatch.setattr(frappe, "get_doc_hooks", lambda: hooks)
		assert "another_app" in needs.documents(RESIDENT)


class TestAfterwards:
	def test_who_is_old_enough_is_cared_for(self, town):
		"""By the rules for all, at once; of those who were brought, and of nobody else."""
		(home, other) = homes(town, 2, 6)
		for each in (home, other):
			number = make_citizen_number(
				born="19300101", male=each.people[0].values["Resident.sex"] == "Male"
			)
			each.people[0].values |= {
				"Resident Identity.id_number": number,
				"Resident.birth_date": date(1930, 1, 1),
			}
		with import_town.speaking_chinese(town.user):
			save(other, town.grids[1][0])
		frappe.db.commit()
		import_town.imported(town, import_town.sheet([home]))
		by_age = frappe.get_all(CARE, within(town, source=care.BY_AGE), pluck="grid")
		assert by_age
		assert set(by_age) == {town.grids[0][0]}

	def test_from_the_command_line(self, town, tmp_path):
		brought = homes(town, 9, 30)
		ledger_homes.spoil(brought, [Mistake.CHECK_DIGIT])
		file = tmp_path / "people.xlsx"
		file.write_bytes(import_town.sheet(brought))
		code = frappe.db.get_value("Grid", town.root, "grid_code")
		doc = command.bring(file, code, "Households and People", town.user)
		command.check(doc)
		assert import_town.count(town) == 0
		assert f": {doc.rows_refused}\n" in command.figures(doc)
		command.write(doc)
		assert doc.rows_new == import_town.count(town) == 30 - doc.rows_refused
		book = load_workbook(io.BytesIO(command.refused(doc)))
		assert book.worksheets[0].max_row == 1 + doc.rows_refused

	@pytest.mark.parametrize(
		("path", "code", "error"),
		[("missing.xlsx", "", command.NoSuchFileError), ("people.xlsx", "000", command.UnknownGridError)],
	)
	def test_from_the_command_line_with_a_mistake(self, town, tmp_path, path, code, error):
		(tmp_path / "people.xlsx").write_bytes(b"")
		with pytest.raises(error):
			command.bring(tmp_path / path, code or town.root, "Households and People", town.user)


def within(town: frappe._dict, **filters: object) -> dict[str, object]:
	return {"grid_path": ["like", f"{town.path}%"], **filters}


@contextmanager
def elsewhere() -> Iterator[Any]:
	"""A cursor of another connection, whose statements are committed, and whose locks are free, at the end of the block."""
	other = frappe.db.get_connection()
	try:
		with other.cursor() as cursor:
			yield cursor
			cursor.execute("do release_all_locks()")  # the server notices a closed connection a moment later
		other.commit()
	finally:
		other.close()


def after_planning(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
	"""Let something happen once, after a part is planned and before it is written."""
	plan, left = Planner.part, [happens]

	def planned(self: Planner, families: Sequence[Family]) -> Part:
		part = plan(self, families)
		if left:
			left.pop()()
		return part

	monkeypatch.setattr(Planner, "part", planned)


def save(home: Home, grid: str) -> None:
	"""Save *home* with its people into *grid* as somebody would who types it in."""
	household = make(HOUSEHOLD, of(home.values, HOUSEHOLD), grid=grid)
	for person in home.people:
		resident = make(RESIDENT, of(person.values, RESIDENT), household=household)
		make(IDENTITY, of(person.values, IDENTITY), resident=resident)
		if said := of(person.values, CONTACT):
			make(CONTACT, said, resident=resident)
		for category in of(person.values, CARE):
			make(CARE, {"category": category}, resident=resident, source=care.IMPORTED)


def make(doctype: str, values: dict[str, Any], **others: Any) -> str:
	return frappe.get_doc({"doctype": doctype, **values, **others}).insert().name


def of(values: dict[str, Any], doctype: str) -> dict[str, Any]:
	"""What *values*, by target, say of *doctype*, by field."""
	return {
		key.partition(".")[2]: value
		for key, value in values.items()
		if key.partition(".")[0] == doctype and value is not None
	}


def people_of(village: str, without: set[str] = OWN) -> dict[str, dict[str, dict[str, Any]]]:
	"""All rows of *village* by DocType and by what they are known by, links as that instead of names, numbers decrypted."""
	path = frappe.db.get_value("Grid", village, "grid_path")
	found: dict[str, dict[str, dict[str, Any]]] = {}
	known: dict[str, str] = {}
	for doctype in (HOUSEHOLD, RESIDENT, IDENTITY, CONTACT, CARE):
		rows = frappe.get_all(doctype, {"grid_path": ["like", f"{path}%"]}, "*", limit_page_length=0)
		known |= {row.name: _key(doctype, row, known) for row in rows}
		found[doctype] = {known[row.name]: row for row in rows}
		assert len(found[doctype]) == len(rows)
	for doctype, rows in found.items():
		for row in rows.values():
			if doctype == IDENTITY:
				row["plain"] = get_decrypted_password(IDENTITY, row.name, "id_number")
			for field in [field for field in row if field in without or field.startswith(("grid", "_path"))]:
				del row[field]
			row.update({field: known[value] for field, value in row.items() if value in known})
	return found


def _key(doctype: str, row: frappe._dict, known: dict[str, str]) -> str:
	if doctype == HOUSEHOLD:
		return row.household_no
	if doctype == RESIDENT:
		return f"{known[row.household]} {row.resident_name}"
	return f"{doctype} {known[row.resident]} {row.get('category') or ''}"
