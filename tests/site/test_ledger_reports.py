"""The reports on the ledger against the same rows counted one by one in Python: drawn worlds, the demo, and what a
correction takes off."""

import random
from collections import Counter
from collections.abc import Callable, Iterator

import frappe
import pytest

from grid_governance.grid_ledger.queries import quality
from grid_governance.grid_ledger.report.data_quality import data_quality
from grid_governance.grid_ledger.report.element_ledger import element_ledger
from grid_governance.grid_ledger.report.party_centre_households import party_centre_households as centres
from grid_governance.grid_ledger.report.patch_responsibility import patch_responsibility as patches
from grid_governance.grid_structure.report.grid_structure_and_size import grid_structure_and_size as structure
from grid_governance.grid_structure.rules import GRID, MICRO_GRID, VILLAGE
from tests.factories import (
	level_at,
	make_assignment,
	make_grid,
	make_post,
	make_role,
	make_township,
	make_worker,
)
from tests.world import give, inside_savepoint, taken_back

GONE, AWAY = ("Moved Out", "Deceased"), ("Registered Only", "Away")
PERIOD = {"from_date": "2024-03-01", "to_date": "2024-03-31"}
MOMENTS = (
	"2024-02-29 23:59:59.999999",
	"2024-03-01 00:00:00",
	"2024-03-15 09:30:00",
	"2024-03-31 23:59:59.999999",
	"2024-04-01 00:00:00",
)
HOUSEHOLDS, PEOPLE = 90, 220


@pytest.fixture(scope="module", params=[1, 2, 3])
def world(request, site) -> Iterator[frappe._dict]:
	with taken_back():
		yield build(random.Random(request.param))


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture
def town(world: frappe._dict) -> frappe._dict:
	return world


def build(draw: random.Random) -> frappe._dict:
	"""Two villages with two grids each and two micro grids in each of these; households and people drawn."""
	town = make_township(2, 2)
	town.draw = draw
	grids = [grid for grids in town.grids for grid in grids]
	town.micro = [make_grid(grid.name, MICRO_GRID) for grid in grids for _ in range(2)]
	town.nodes = [town.root, *town.villages, *grids, *town.micro]
	town.leaves = [*grids, *town.micro]
	homes = [
		{
			"name": frappe.generate_hash(length=10),
			"household_no": str(number) if draw.random() < 0.9 else None,
			"title": f"户{number}",
			"status": draw.choice(("Active", "Active", "Active", "Dissolved")),
			"residence_state": draw.choice(("Residing", "Residing", "Rental", *AWAY)),
			"member_count": draw.choice((0, 1, 2, 3)),
			"latitude": draw.choice((0, 36.6)),
			"longitude": 112.3,
			**place(draw.choice(town.leaves)),
		}
		for number in range(HOUSEHOLDS)
	]
	people = []
	for number in range(PEOPLE):
		home = draw.choice(homes)
		people.append(
			{
				"name": frappe.generate_hash(length=10),
				"resident_name": f"人{number}",
				"household": home["name"],
				"status": draw.choice(("Living Here", "Living Here", "Away", *GONE)),
				"merged_into": draw.choice((None, None, None, None, "someone")),
				"birth_date": draw.choice((None, "1880-01-01", "1980-01-01", "2015-06-01")),
				"sex": draw.choice(("", "Male", "Female", None)),
				"relation_to_head": draw.choice(("Head", "Spouse", "Son", None)),
				"modified": draw.choice(MOMENTS),
				"grid": home["grid"],
				"grid_path": home["grid_path"],
			}
		)
	places = [
		{
			"name": frappe.generate_hash(length=10),
			"place_name": "店",
			"place_type": "Shop",
			"status": draw.choice(("In Use", "Out of Use")),
			"modified": draw.choice(MOMENTS),
			**place(draw.choice([*town.leaves, *town.villages])),
		}
		for _ in range(30)
	]
	organizations = [
		{
			"name": frappe.generate_hash(length=10),
			"org_name": "合作社",
			"org_type": "Economic",
			"active": draw.choice((0, 1)),
			"uscc": draw.choice((None, "", "91350100M000100Y43", "91350100M000100Y4Z")),
			"modified": draw.choice(MOMENTS),
			**place(draw.choice(town.leaves)),
		}
		for _ in range(30)
	]
	for doctype, rows in (
		("Household", homes),
		("Resident", people),
		("Grid Place", places),
		("Grid Organization", organizations),
	):
		frappe.db.bulk_insert(doctype, list(rows[0]), [tuple(row.values()) for row in rows])
	town.homes, town.people, town.places, town.organizations = (
		[frappe._dict(row) for row in rows] for rows in (homes, people, places, organizations)
	)
	return town


def place(node: object) -> dict[str, str]:
	return {"grid": node.name, "grid_path": node.grid_path}


def active(row: frappe._dict) -> bool:
	return row.status == "Active"


def present(row: frappe._dict) -> bool:
	return active(row) and row.residence_state not in AWAY


def living(row: frappe._dict) -> bool:
	return row.status not in GONE and not row.merged_into


def below(rows: list, path: str, condition: Callable[[frappe._dict], bool]) -> int:
	return sum(condition(row) for row in rows if row.grid_path.startswith(path))


def made(report: object, **filters: object) -> frappe._dict:
	columns, data, message, chart, summary, *_skip = report.execute(filters)
	return frappe._dict(columns=columns, data=data, message=message, chart=chart, summary=summary)


def by_village(report: object, town: frappe._dict, **filters: object) -> dict[str, dict[str, int]]:
	"""The figures of *report* by village and for all ("")."""
	found = made(report, grid=town.root.name, roll_up=level_at(VILLAGE), **filters)
	names = [column["fieldname"] for column in found.columns if column.get("is_figure")]
	return {
		"" if row.get("is_total") else row["path"]: {name: row[name] for name in names} for row in found.data
	}


class TestStructureAndSize:
	def test_each_grid_has_what_lies_at_it_and_below_it(self, town):
		rows = {row["path"]: row for row in made(structure, grid=town.root.name).data}
		assert set(rows) == {node.grid_path for node in town.nodes}
		for path, row in rows.items():
			assert (row["households"], row["present_households"], row["people"]) == (
				below(town.homes, path, active),
				below(town.homes, path, present),
				below(town.people, path, living),
			)
		assert rows[town.root.grid_path]["households"] > rows[town.villages[0].grid_path]["households"] > 0

	def test_it_is_judged_by_who_lives_there_and_by_the_plan_where_nobody_is_entered(self, town):
		level = frappe.get_doc("Grid Level", level_at(GRID))
		level.update(
			{"households_min": 8, "households_target": 0, "households_max": 14, "population_max": 26}
		)
		level.save()
		empty = make_grid(town.villages[0].name, GRID, planned_households=10)
		unplanned = make_grid(town.villages[0].name, GRID)
		judged = Counter()
		for row in made(structure, grid=town.root.name, level=level.name).data:
			homes, people = below(town.homes, row["path"], present), below(town.people, row["path"], living)
			if row["path"] == empty.grid_path:
				expected = "Within"
			elif row["path"] == unplanned.grid_path:
				expected = "Not Stated"
			elif homes > 14 or people > 26:
				expected = "Too Large"
			else:
				expected = "Too Small" if homes < 8 else "Within"
			assert row["verdict_code"] == expected
			judged[row["basis"]] += 1
		assert len(judged) == 3, "entered, planned, neither"

	def test_a_node_that_the_reader_may_not_count_as_a_whole_has_no_number(self, town, as_user):
		"""Who reads the tree of the township and counts households of one village."""
		role, reader = make_role(), make_worker(town.root.name)
		give(role, "Grid", "read", "report")
		counting = make_role()
		give(counting, "Household", "read", "report")
		make_assignment(reader.name, make_post(role).name, town.root.name)
		make_assignment(reader.name, make_post(counting).name, town.villages[0].name)
		with as_user(reader.user):
			found = made(structure)
		rows = {row["path"]: row for row in found.data}
		assert rows[town.root.grid_path]["households"] is None
		assert rows[town.villages[1].grid_path]["households"] is None
		own = town.villages[0].grid_path
		assert rows[own]["households"] == below(town.homes, own, active)
		assert "people" not in {column["fieldname"] for column in found.columns}
		assert not any(card["value"] == rows[own]["households"] for card in found.summary)


class TestCentres:
	@pytest.fixture
	def town(self, town):
		"""A centre in some of the micro grids, one of them closed."""
		town.keeper = make_worker(town.root.name, user=None, is_party_member=1, worker_name="党员一")
		town.centres = [
			frappe._dict(
				name=f"PCH-{at}-{town.root.name}",
				centre_name=f"中心户{at}",
				party_member=town.keeper.name,
				status="Closed" if at == 4 else "Active",
				**place(node),
			)
			for at, node in enumerate(town.micro[:5])
		]
		rows = [tuple(centre.values()) for centre in town.centres]
		frappe.db.bulk_insert("Party Centre Household", list(town.centres[0]), rows)
		frappe.db.set_single_value("Governance Settings", "centre_households_min", 5)
		frappe.db.set_single_value("Governance Settings", "centre_households_max", 7)
		return town

	def expected(self, town: frappe._dict, path: str) -> dict[str, int]:
		open_ = [
			centre
			for centre in town.centres
			if centre.status == "Active" and centre.grid_path.startswith(path)
		]
		circles = {centre.grid for centre in town.centres if centre.status == "Active"}
		sizes = {centre.name: below(town.homes, centre.grid_path, active) for centre in open_}
		return {
			"centres": len(open_),
			"Too Small": sum(size < 5 for size in sizes.values()),
			"Within": sum(5 <= size <= 7 for size in sizes.values()),
			"Too Large": sum(size > 7 for size in sizes.values()),
			"in_circles": below(town.homes, path, lambda row: active(row) and row.grid in circles),
			"outside": below(town.homes, path, lambda row: active(row) and row.grid not in circles),
			"linked": below(town.people, path, lambda row: living(row) and row.grid in circles),
		}

	def test_the_figures_of_each_village(self, town):
		found = by_village(centres, town)
		for village in town.villages:
			assert found[village.grid_path] == self.expected(town, village.grid_path)
		assert found[""] == self.expected(town, town.root.grid_path)

	def test_behind_each_figure_stand_as_many_rows(self, town):
		for name, number in by_village(centres, town)[""].items():
			behind = made(centres, grid=town.root.name, figure=name, node=town.root.grid_path)
			assert len(behind.data) == number, name

	def test_each_centre_with_its_circle(self, town):
		rows = made(centres, grid=town.root.name, show="Each Centre").data
		open_ = [centre for centre in town.centres if centre.status == "Active"]
		assert {row["name"] for row in rows[:-1]} == {centre.name for centre in open_}
		for row in rows[:-1]:
			size = below(town.homes, row["path"], active)
			assert (row["households"], row["people"]) == (size, below(town.people, row["path"], living))
			assert row["size"] == frappe._("Too Small" if size < 5 else "Too Large" if size > 7 else "Within")
			assert row["keeper"] == "党员一"
		assert rows[-1]["households"] == self.expected(town, "")["in_circles"]

	def test_a_townships_own_bounds_hold_in_it(self, town):
		frappe.get_doc(
			doctype="Township Profile", grid=town.root.name, centre_households_min=1, centre_households_max=90
		).insert()
		found = by_village(centres, town)[""]
		sizes = [below(town.homes, node.grid_path, active) for node in town.micro[:4]]
		assert found["Within"] == sum(size >= 1 for size in sizes)


class TestPatches:
	@pytest.fixture
	def town(self, town):
		"""Patches without anybody, with one member, with several, with somebody who is none, a member of two of them."""
		post = make_post(make_role()).name
		party = [
			make_worker(town.root.name, user=None, is_party_member=1, worker_name=f"党员{at}")
			for at in range(4)
		]
		other = make_worker(town.root.name, user=None, worker_name="群众")
		one, two, three, four, five, six, seven, circle = town.micro
		for node, *people in (
			(one, party[0]),
			(two, party[1], party[2]),
			(three, other),
			(four, party[3]),
			(five, party[3], other),
			(circle, party[0]),
		):
			for worker in people:
				make_assignment(worker.name, post, node.name)
		make_assignment(other.name, post, six.name, to_date="2021-01-01")
		make_assignment(party[0].name, post, seven.name, from_date="2999-01-01")
		frappe.db.bulk_insert(
			"Party Centre Household",
			["name", "centre_name", "party_member", "status", "grid", "grid_path"],
			[(f"PCH-{town.root.name}", "中心户", party[0].name, "Active", circle.name, circle.grid_path)],
		)
		town.patches = town.micro[:-1]
		town.kinds = {
			one.name: "One Member Each",
			two.name: "Several Members",
			three.name: "No Party Member",
			four.name: "Member of Several Patches",
			five.name: "Member of Several Patches",
			six.name: "Nobody in Charge",
			seven.name: "Nobody in Charge",
		}
		frappe.db.set_single_value("Governance Settings", "patch_households_min", 5)
		frappe.db.set_single_value("Governance Settings", "patch_households_max", 7)
		return town

	def expected(self, town: frappe._dict, path: str) -> dict[str, int]:
		inside = [node for node in town.patches if node.grid_path.startswith(path)]
		sizes = [below(town.homes, node.grid_path, present) for node in inside]
		names = {node.name for node in town.patches}
		kinds = Counter(town.kinds[node.name] for node in inside)
		return {
			"patches": len(inside),
			"Too Small": sum(size < 5 for size in sizes),
			"Within": sum(5 <= size <= 7 for size in sizes),
			"Too Large": sum(size > 7 for size in sizes),
			**{kind: kinds[kind] for kind in patches.KINDS},
			"held": below(town.homes, path, lambda row: present(row) and row.grid in names),
			"outside": below(town.homes, path, lambda row: present(row) and row.grid not in names),
		}

	def test_the_figures_of_each_village(self, town):
		found = by_village(patches, town)
		for village in town.villages:
			assert found[village.grid_path] == self.expected(town, village.grid_path)
		assert found[""] == self.expected(town, town.root.grid_path)

	def test_behind_each_figure_stand_as_many_rows(self, town):
		for name, number in by_village(patches, town)[""].items():
			behind = made(patches, grid=town.root.name, figure=name, node=town.root.grid_path)
			assert len(behind.data) == number, name

	def test_a_townships_own_bounds_hold_in_it(self, town):
		frappe.get_doc(
			doctype="Township Profile", grid=town.root.name, patch_households_min=1, patch_households_max=90
		).insert()
		sizes = [below(town.homes, node.grid_path, present) for node in town.patches]
		assert by_village(patches, town)[""]["Within"] == sum(size >= 1 for size in sizes)

	def test_each_patch_says_who_answers_for_it(self, town):
		rows = made(patches, grid=town.root.name, show="Each Patch").data
		assert {row["grid"]: row["kind"] for row in rows[:-1]} == {
			name: frappe._(kind) for name, kind in town.kinds.items()
		}
		who = {row["grid"]: row["who"] for row in rows[:-1]}
		assert who[town.micro[1].name] == "党员1、党员2"
		assert who[town.micro[2].name] == "群众"
		assert who[town.micro[5].name] == ""
		assert rows[-1]["households"] == self.expected(town, "")["held"]
		only = made(patches, grid=town.root.name, show="Each Patch", kind="Nobody in Charge").data
		assert {row["grid"] for row in only[:-1]} == {node.name for node in town.micro[5:7]}


class TestElements:
	def expected(self, town: frappe._dict, path: str) -> dict[str, int]:
		def changed(row: frappe._dict) -> bool:
			return "2024-03-01" <= row.modified < "2024-04-01"

		kept = {
			"resident": (town.people, living),
			"grid_place": (town.places, lambda row: row.status == "In Use"),
			"grid_organization": (town.organizations, lambda row: bool(row.active)),
		}
		found = {"grid_facility": 0, "grid_facility_changed": 0, "grid_issue": 0, "grid_issue_changed": 0}
		for name, (rows, there) in kept.items():
			found[name] = below(rows, path, there)
			found[f"{name}_changed"] = below(rows, path, lambda row, there=there: there(row) and changed(row))
		return found

	def test_the_five_of_each_village_and_what_has_changed(self, town):
		found = by_village(element_ledger, town, **PERIOD)
		for village in town.villages:
			assert found[village.grid_path] == self.expected(town, village.grid_path)
		assert found[""] == self.expected(town, town.root.grid_path)

	def test_each_figure_opens_the_list_of_the_same_rows(self, town):
		found = made(element_ledger, grid=town.root.name, roll_up=level_at(VILLAGE), **PERIOD)
		for column in (column for column in found.columns if column.get("is_figure")):
			for row in found.data:
				filters = {**column["filters"], "grid_path": ["like", f"{row['path']}%"]}
				listed = frappe.get_list(
					column["doctype"], filters=filters, pluck="name", limit_page_length=0
				)
				assert len(listed) == row[column["fieldname"]], column["fieldname"]

	def test_nothing_entered_is_said_in_words(self, site):
		found = made(element_ledger, grid=make_township(1, 1).root.name, **PERIOD)
		assert found.data == [] and found.message


def counts(town: frappe._dict) -> dict[str, int]:
	"""What the report on quality says of each kind: its number above its lines."""
	found = made(data_quality, grid=town.root.name).data
	return {row["narrow"]: row["count"] for row in found if row.get("is_total")}


class TestQualityOfADrawnWorld:
	def test_each_kind_is_counted(self, town):
		people = [row for row in town.people if living(row)]
		homes = [row for row in town.homes if active(row)]
		heads = Counter(row.household for row in people if row.relation_to_head == "Head")
		members = Counter(row.household for row in people)
		expected = {
			"no-birth": sum(not row.birth_date for row in people),
			"no-sex": sum(not row.sex for row in people),
			"too-old": sum(row.birth_date == "1880-01-01" for row in people),
			"no-relation": sum(not row.relation_to_head for row in people),
			"no-identity": len(people),
			"no-head": sum(row.member_count > 0 for row in homes),
			"two-heads": sum(heads[row.name] > 1 for row in homes),
			"no-members": sum(not row.member_count for row in homes),
			"wrong-count": sum(row.member_count != members[row.name] for row in homes),
			"no-number": sum(not row.household_no for row in homes),
			"no-point": sum(not row.latitude for row in homes),
			"bad-code": sum(row.uscc == "91350100M000100Y4Z" and row.active for row in town.organizations),
		}
		assert counts(town) == {kind: number for kind, number in expected.items() if number}

	def test_one_kind_alone_shows_more_lines_and_each_names_its_record(self, town):
		rows = made(data_quality, grid=town.root.name, kind="no-identity").data
		assert rows[0]["count"] == len(rows) - 1 > quality.EACH_SHOWN
		assert all(frappe.db.exists(row["opens"], row["name"]) for row in rows[1:])
		all_kinds = made(data_quality, grid=town.root.name).data
		lines = [row for row in all_kinds if row["kind"] == rows[0]["kind"] and not row.get("is_total")]
		assert len(lines) == quality.EACH_SHOWN
