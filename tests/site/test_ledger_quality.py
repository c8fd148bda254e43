"""Data Quality, finding by finding: it stands until somebody corrects it as its advice says. And the Skills Finder."""

from collections.abc import Iterator
from datetime import date

import frappe
import pytest
from frappe.utils import add_days, getdate

from grid_governance import scope
from grid_governance.grid_ledger.actions import comings, households
from grid_governance.grid_ledger.queries import quality
from grid_governance.grid_ledger.report.data_quality import data_quality
from grid_governance.grid_ledger.report.skills_finder import skills_finder
from grid_governance.grid_ledger.rules.places import distance
from grid_governance.grid_structure.rules import MICRO_GRID
from tests.factories import (
	make_care,
	make_citizen_number,
	make_grid,
	make_holder,
	make_household,
	make_identity,
	make_resident,
	make_township,
	make_worker,
	seeded,
)
from tests.world import inside_savepoint, taken_back

BORN = f"{date.today().year - 10}-05-06"
"""Of a child, whenever the test runs."""

CLEAN = {"latitude": 36.62, "longitude": 112.33}


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""A township in which nothing is wrong: a household of two with numbers, a phone and a point."""
	with taken_back():
		town = make_township(1, 2)
		town.grid = town.grids[0][0]
		town.home = make_household(town.grid.name, **CLEAN)
		town.head = make_resident(town.home.name, resident_name="王国军")
		town.son = make_resident(town.home.name, "Son", resident_name="王小明", birth_date=BORN)
		town.identity = make_identity(town.head.name)
		make_identity(town.son.name, id_number=make_citizen_number(born=BORN.replace("-", "")))
		town.secretary = make_holder("Village Secretary", town.villages[0].name)
		town.member = make_holder("Grid Member", town.grid.name)
		for user in (town.secretary, town.member):
			frappe.db.set_value("User", user, "language", "zh")
		yield town


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture
def town(world: frappe._dict) -> frappe._dict:
	return world


def findings(town: frappe._dict) -> dict[str, list[tuple[str, str]]]:
	"""What is found in the township: (DocType, name) of the records by kind."""
	_columns, data, *_rest = data_quality.execute({"grid": town.root.name})
	found: dict[str, list[tuple[str, str]]] = {}
	for row in data:
		if row.get("is_total"):
			kind = row["narrow"]
			found[kind] = []
		else:
			found[kind].append((row["opens"], row["name"]))
	return found


def put(doctype: str, name: str, **values: object) -> None:
	"""Write past the rules, as a set-based import does."""
	frappe.db.set_value(doctype, name, values)


def write(doctype: str, name: str, **values: object) -> None:
	"""Correct a record as people do: in its form."""
	frappe.get_doc(doctype, name).update(values).save()


def test_a_clean_ledger_has_no_findings(town):
	assert findings(town) == {}


def wrong_birth(town):
	put("Resident", town.head.name, birth_date="1981-01-01")
	return ("Resident", town.head.name), lambda: write("Resident", town.head.name, birth_date="1980-01-01")


def wrong_sex(town):
	put("Resident", town.head.name, sex="Female")
	return ("Resident", town.head.name), lambda: write("Resident", town.head.name, sex="Male")


def of_resident(field, wrong, right):
	def make(town):
		put("Resident", town.son.name, **{field: wrong})
		return ("Resident", town.son.name), lambda: write("Resident", town.son.name, **{field: right})

	return make


def of_household(wrong, right):
	def make(town):
		put("Household", town.home.name, **wrong)
		return ("Household", town.home.name), lambda: write("Household", town.home.name, **right)

	return make


def no_identity(town):
	child = make_resident(town.home.name, "Daughter", sex="Female", birth_date="2018-01-02")
	number = make_citizen_number(born="20180102", male=False)
	return ("Resident", child.name), lambda: make_identity(child.name, id_number=number)


def elsewhere(town):
	put("Resident", town.son.name, grid=town.grids[0][1].name, grid_path=town.grids[0][1].grid_path)
	return ("Resident", town.son.name), lambda: write("Resident", town.son.name, occupation="学生")


def bad_phone(town):
	contact = frappe.get_doc(
		doctype="Resident Contact", resident=town.head.name, phone="13900000001"
	).insert()
	put("Resident Contact", contact.name, phone="1390000000")
	return ("Resident Contact", contact.name), lambda: write(
		"Resident Contact", contact.name, phone="13900000002"
	)


def no_guardian(town):
	put("Resident", town.son.name, guardian=town.head.name)
	care = make_care(town.son.name, "left-behind-child", consent_on=getdate())
	put("Resident", town.son.name, guardian=None)
	return ("Resident Care", care.name), lambda: write("Resident", town.son.name, guardian=town.head.name)


def guardian_died(town):
	aunt = make_resident(town.home.name, "Sibling", sex="Female")
	number = make_citizen_number(male=False)
	make_identity(aunt.name, id_number=number)
	put("Resident", town.son.name, guardian=aunt.name)
	comings.record_death(aunt.name, getdate())
	return ("Resident", town.son.name), lambda: write("Resident", town.son.name, guardian=town.head.name)


def ended_but_due(town):
	care = make_care(town.head.name, "elder")
	since, until = add_days(getdate(), -30), add_days(getdate(), -1)
	put("Resident Care", care.name, since=since, until=until, next_visit_due=getdate())
	return ("Resident Care", care.name), lambda: write("Resident Care", care.name, next_visit_due=None)


def care_of_gone(town):
	care = make_care(town.son.name, "elder")
	put("Resident", town.son.name, status="Moved Out", status_date=getdate())
	put("Household", town.home.name, member_count=1)
	since, until = add_days(getdate(), -9), add_days(getdate(), -1)
	return ("Resident Care", care.name), lambda: put("Resident Care", care.name, since=since, until=until)


def no_head(town):
	put("Household", town.home.name, head=None)
	return ("Household", town.home.name), lambda: households.change_head(
		town.home.name, town.head.name, {town.son.name: "Son"}
	)


def two_heads(town):
	put("Resident", town.son.name, relation_to_head="Head")
	return ("Household", town.home.name), lambda: households.change_head(
		town.home.name, town.head.name, {town.son.name: "Son"}
	)


def no_members(town):
	empty = make_household(town.grid.name, **CLEAN)
	return ("Household", empty.name), lambda: households.dissolve(empty.name, "空户")


def wrong_grid(town):
	put("Household", town.home.name, grid=town.villages[0].name)
	return ("Household", town.home.name), lambda: write("Household", town.home.name, grid=town.grid.name)


def centre_outside(town):
	circle = make_grid(town.grid.name, MICRO_GRID)
	home = make_household(circle.name, **CLEAN)
	head = make_resident(home.name)
	make_identity(head.name)
	keeper = make_worker(town.root.name, user=None, is_party_member=1)
	centre = frappe.get_doc(
		doctype="Party Centre Household",
		centre_name="一号中心户",
		party_member=keeper.name,
		grid=circle.name,
		household=home.name,
	).insert()
	put("Party Centre Household", centre.name, household=town.home.name)
	return ("Party Centre Household", centre.name), lambda: write(
		"Party Centre Household", centre.name, household=home.name
	)


def bad_code(town):
	organization = frappe.get_doc(
		doctype="Grid Organization", org_name="合作社", org_type="Economic", grid=town.grid.name
	).insert()
	put("Grid Organization", organization.name, uscc="91350100M000100Y4Z")
	return ("Grid Organization", organization.name), lambda: write(
		"Grid Organization", organization.name, uscc="91350100M000100Y43"
	)


CASES = {
	"no-birth": of_resident("birth_date", None, BORN),
	"no-sex": of_resident("sex", "", "Male"),
	"too-old": of_resident("birth_date", "1880-05-06", BORN),
	"no-relation": of_resident("relation_to_head", None, "Son"),
	"elsewhere": elsewhere,
	"no-identity": no_identity,
	"other-birth": wrong_birth,
	"other-sex": wrong_sex,
	"bad-phone": bad_phone,
	"no-guardian": no_guardian,
	"guardian-died": guardian_died,
	"ended-but-due": ended_but_due,
	"care-of-gone": care_of_gone,
	"no-head": no_head,
	"two-heads": two_heads,
	"no-members": no_members,
	"wrong-count": of_household({"member_count": 7}, {}),
	"no-number": of_household({"household_no": None}, {"household_no": "99"}),
	"no-point": of_household({"latitude": 0}, {"latitude": 36.62}),
	"wrong-grid": wrong_grid,
	"centre-outside": centre_outside,
	"bad-code": bad_code,
}


def test_every_check_has_a_case():
	assert set(CASES) | {"head-gone", "same-number"} == {check.key for check in quality.checks()}


@pytest.mark.parametrize("kind", CASES)
def test_a_finding_stands_until_it_is_corrected(town, kind):
	record, correct = CASES[kind](town)
	assert record in findings(town).get(kind, [])
	if kind == "wrong-count":
		write("Resident", town.son.name, occupation="学生")  # as its advice says
	else:
		correct()
	assert kind not in findings(town)


def test_a_head_who_is_gone_or_of_another_household(town):
	other = make_household(town.grid.name, **CLEAN)
	stranger = make_resident(other.name)
	make_identity(stranger.name)
	for wrong in ({"head": stranger.name}, {"head": town.son.name}):
		put("Household", town.home.name, **wrong)
		assert findings(town)["head-gone"] == [("Household", town.home.name)]
	put("Household", town.home.name, head=town.head.name)
	assert "head-gone" not in findings(town)


def test_one_number_in_two_households_until_it_is_said_where_she_lives(town):
	other = make_household(town.grid.name, **CLEAN)
	twin = make_resident(other.name, resident_name="王国军")
	number = frappe.utils.password.get_decrypted_password(
		"Resident Identity", town.identity.name, "id_number"
	)
	make_identity(twin.name, id_number=number)
	found = findings(town)["same-number"]
	assert sorted(found) == sorted([("Resident", town.head.name), ("Resident", twin.name)])
	write("Resident", twin.name, household_consistent="Not Consistent")
	assert "same-number" not in findings(town)


def test_what_a_number_says_is_kept_beside_it_for_the_check_alone(town):
	assert frappe.db.get_value(
		"Resident Identity", town.identity.name, ["number_birth_date", "number_sex"]
	) == (getdate("1980-01-01"), "Male")
	meta = frappe.get_meta("Resident Identity")
	assert {meta.get_field(field).permlevel for field in ("number_birth_date", "number_sex")} == {9}


def test_a_grid_member_finds_what_she_can_correct_and_nothing_of_numbers_and_phones(town, as_user):
	no_identity(town)
	bad_phone(town)
	put("Resident", town.son.name, sex="")
	with as_user(town.member):
		found = findings(frappe._dict(root=town.grid))
		offered = {kind["value"] for kind in data_quality.kinds()}
	assert found == {"no-sex": [("Resident", town.son.name)]}
	assert not offered & {"no-identity", "other-birth", "other-sex", "same-number", "bad-phone"}
	with as_user(town.secretary):
		assert {"no-identity", "bad-phone", "no-sex"} <= set(findings(frappe._dict(root=town.villages[0])))


def test_no_such_kind_is_refused_in_words(town):
	with pytest.raises(data_quality.KindError):
		data_quality.execute({"grid": town.root.name, "kind": "' or 1=1"})


class TestSkills:
	@pytest.fixture
	def town(self, town):
		"""王国军 is an electrician and a cook; 李梅, two kilometres north, a doctor; one more doctor moved out."""
		town.north = make_household(town.grids[0][1].name, latitude=36.638, longitude=112.33)
		town.doctor = make_resident(
			town.north.name, resident_name="李梅", sex="Female", occupation="村医", employer="卫生室"
		)
		gone = make_resident(town.north.name, "Sibling", resident_name="李走")
		for resident, *skills in (
			(town.head, ("electrician", "有低压电工证"), ("cook", "")),
			(town.doctor, ("doctor", "")),
			(gone, ("doctor", "")),
		):
			doc = frappe.get_doc("Resident", resident.name)
			for key, note in skills:
				doc.append("skills", {"skill": seeded(f"skill/{key}"), "note": note})
			doc.save()
		put("Resident", gone.name, status="Moved Out", status_date=getdate())
		return town

	def found(self, town: frappe._dict, **filters: object) -> list[str]:
		_columns, data, *_rest = skills_finder.execute({"grid": town.root.name, **filters})
		return [row["resident_name"] for row in data]

	def test_people_are_found_by_skill_group_grid_and_text(self, town):
		doctor = seeded("skill/doctor")
		assert sorted(self.found(town)) == ["李梅", "王国军"]
		assert self.found(town, skill=doctor) == ["李梅"]
		group = frappe.db.get_value("Skill", seeded("skill/cook"), "skill_group")
		assert self.found(town, skill_group=group) == ["王国军"]
		assert self.found(town, grid=town.grids[0][1].name) == ["李梅"]
		for text, names in (("低压", ["王国军"]), ("卫生", ["李梅"]), ("村医", ["李梅"]), ("李", ["李梅"])):
			assert self.found(town, text=text) == names
		for text in ("%", "_", "\\", "'", "139"):
			assert self.found(town, text=text) == []

	def test_all_skills_of_a_person_stand_in_her_row(self, town):
		_columns, (row,), *_rest = skills_finder.execute({"grid": town.root.name, "text": "低压"})
		cook, electrician = (frappe._(seeded(f"skill/{key}")) for key in ("cook", "electrician"))
		assert row["skills"] == f"{electrician}（有低压电工证）、{cook}"

	def test_who_serves_the_grid_is_found_beside_them_with_her_work_phone(self, town, as_user):
		worker = make_worker(
			town.grids[0][0].name, worker_name="赵电工", phone="13900000008", employer="供电所"
		)
		worker.append("skills", {"skill": seeded("skill/electrician"), "note": "高压"})
		worker.save()
		for user in (town.secretary, town.member):
			with as_user(user):
				_columns, data, *_rest = skills_finder.execute({"text": "供电"})
			rows = [(row["opens"], row["name"], row["phone"], row["resident_name"]) for row in data]
			may = user == town.secretary  # a member reads of workers and reports on none
			assert rows == ([("Grid Worker", worker.name, "13900000008", "赵电工")] if may else [])
		assert sorted(self.found(town, skill=seeded("skill/electrician"))) == ["王国军", "赵电工"]
		worker.active = 0
		worker.save()
		assert self.found(town, text="供电") == []

	def test_the_nearest_come_first_and_who_has_no_point_last(self, town):
		far = distance((36.638, 112.33), (36.62, 112.33))
		_columns, data, *_rest = skills_finder.execute({"grid": town.root.name, "near": town.north.name})
		assert [(row["resident_name"], row["distance"]) for row in data] == [
			("李梅", 0.0),
			("王国军", round(far, 1)),
		]
		put("Household", town.home.name, latitude=0)
		_columns, data, *_rest = skills_finder.execute({"grid": town.root.name, "near": town.north.name})
		assert data[-1]["distance"] is None
		with pytest.raises(frappe.ValidationError):
			skills_finder.execute({"near": town.home.name})

	def test_a_phone_stands_there_for_who_may_read_contacts_and_in_a_file_for_who_may_export_them(
		self, town, as_user
	):
		frappe.get_doc(doctype="Resident Contact", resident=town.head.name, phone="13900000001").insert()
		official = make_holder("Township Office", town.root.name)

		def phones(user: str) -> list[str | None] | None:
			with as_user(user):
				columns, data, *_rest = skills_finder.execute({})
			if "phone" not in {column["fieldname"] for column in columns}:
				assert all(row["phone"] is None for row in data)
				return None
			return [row["phone"] for row in data if row["resident_name"] == "王国军"]

		for user in (official, town.secretary, town.member):
			assert phones(user) == ["13900000001"]
		with scope.queries.taking("export"):
			assert phones(official) == [None], "reads contacts and exports none"
			assert phones(town.secretary) == ["13900000001"]
