"""Lists, search and the page of a household: as many statements for a town as for a hamlet, and answered from indexes.

Which index the optimiser takes depends on the rows that happen to be there (the benchmark `ledger_lists` looks at that
on 180,000 people); that there is one which serves the question in scope does not.
"""

import frappe
import pytest

from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.queries import find, page, sizes
from grid_governance.scope.schema import LEVEL_COLUMNS
from tests.factories import (
	make_care,
	make_holder,
	make_household,
	make_resident,
	make_township,
	make_user,
)
from tests.world import inside_savepoint, taken_back

MEMBER, OFFICIAL, SECRETARY = "Grid Member", "Township Office", "Village Secretary"
LETTERS = "wgj"
FEW, MANY = 2, 14


@pytest.fixture(scope="module")
def world(site):
	"""A grid with few people and one with many, all of the same initials, and who reads each; the official reads both."""
	with taken_back():
		make_user()  # Frappe makes the first user of a site its System Manager
		town = make_township(1, 2)
		homes = []
		for of, (grid, people) in enumerate(zip(town.grids[0], (FEW, MANY), strict=True)):
			for number in range(people // 2):
				home = make_household(grid.name, household_no=f"0{of}{number}", address=f"{number}号")
				head = make_resident(home.name, resident_name="王国军", birth_date="1950-03-04")
				make_resident(home.name, "Spouse", resident_name="王国君", sex="Female")
				frappe.get_doc(
					doctype=CONTACT, resident=head.name, kind="Own", phone="13900000000", is_main=1
				).insert()
				make_care(head.name, "elder-alone")
			for _number in range(people):
				make_resident(home.name, "Sibling", resident_name="王国均")
			homes.append(home.name)
		few, many = (make_holder(MEMBER, grid.name) for grid in town.grids[0])
		yield frappe._dict(
			town=town,
			few=few,
			many=many,
			official=make_holder(OFFICIAL, town.root.name),
			secretary=make_holder(SECRETARY, town.villages[0].name),
			homes=homes,
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def listed(doctype: str, order: str, filters: list[list[object]] | None = None, run: bool = True):
	shown = [field.fieldname for field in frappe.get_meta(doctype).fields if field.in_list_view]
	return frappe.get_list(
		doctype,
		fields=["name", *shown],
		filters=filters,
		order_by=f"`tab{doctype}`.{order}",
		limit_page_length=20,
		run=run,
	)


def statements(work, user, as_user, count_queries) -> int:
	"""How many statements *work* takes for *user* once Frappe has read what it reads once."""
	with as_user(user):
		work()
		frappe.local.grid_rights = {}
		with count_queries() as seen:
			assert work()
	return seen.count


@pytest.mark.parametrize("doctype", [HOUSEHOLD, RESIDENT, CONTACT, CARE])
def test_a_list_takes_as_many_statements_for_many_as_for_few(world, doctype, as_user, count_queries):
	few, many, all_of_them = (
		statements(lambda: listed(doctype, "modified desc"), user, as_user, count_queries)
		for user in (world.few, world.many, world.official)
	)
	assert few == many <= 4
	assert all_of_them <= few


@pytest.mark.parametrize("text", [LETTERS, "w", "王国", "0"])
def test_a_search_takes_as_many_statements_for_many_as_for_few(world, text, as_user, count_queries):
	for search in (find.people, lambda text: find.homes(txt=text)):
		if text == "0" and search is find.people:
			continue
		few, many, all_of_them = (
			statements(lambda search=search: search(text), user, as_user, count_queries)
			for user in (world.few, world.many, world.official)
		)
		assert few == many == all_of_them <= 8


def test_the_page_of_a_household_takes_as_many_statements_for_many_as_for_few(world, as_user, count_queries):
	counts = {
		user: [
			statements(lambda home=home: page.page(home), world[user], as_user, count_queries)
			for home in world.homes
		]
		for user in ("official", "secretary")
	}
	for few, many in counts.values():
		assert few == many <= 60
	with as_user(world.many):
		assert len(page.page(world.homes[1])["members"]) == MANY + 2


def forced(sql: str, doctype: str, index: str) -> str:
	return sql.replace(f"from `tab{doctype}`", f"from `tab{doctype}` force index (`{index}`)")


@pytest.mark.parametrize("doctype", [HOUSEHOLD, RESIDENT, CONTACT, CARE, IDENTITY])
@pytest.mark.parametrize(("reader", "position"), [("many", 5), ("secretary", 3)])
def test_the_first_page_is_served_in_order(world, doctype, reader, position, as_user, explain):
	if doctype == IDENTITY and reader == "many":
		return
	with as_user(world[reader]):
		sql = listed(doctype, "modified desc", run=False)
	index = f"_path_{position}_modified_index"
	(plan,) = explain(forced(sql, doctype, index))
	assert plan["key"] == index
	assert "filesort" not in (plan["Extra"] or "")


@pytest.mark.parametrize(
	("doctype", "order", "index"),
	[
		(HOUSEHOLD, "household_no asc", "household_no_in_scope"),
		(RESIDENT, "resident_name asc", "resident_name_in_scope"),
		(CARE, "next_visit_due asc", "due_in_scope"),
	],
)
def test_an_order_that_people_choose_has_an_index(world, doctype, order, index, as_user, explain):
	"""In a town of 60,000 households the first twenty by number are read, and not all of them sorted."""
	with as_user(world.official):
		sql = listed(doctype, order, run=False)
	(plan,) = explain(forced(sql, doctype, index))
	assert plan["key"] == index
	assert "filesort" not in (plan["Extra"] or "")


@pytest.mark.parametrize(
	("doctype", "column"),
	[
		(RESIDENT, "resident_name"),
		(RESIDENT, "pinyin"),
		(RESIDENT, "initials"),
		(HOUSEHOLD, "household_no"),
		(HOUSEHOLD, "title"),
		(HOUSEHOLD, "address"),
	],
)
def test_a_beginning_is_found_and_the_scope_judged_in_one_index(world, doctype, column, as_user, explain):
	"""What lies outside the scope is passed over in the index, its row never read."""
	index = f"{column}_in_scope"
	with as_user(world.official):
		sql = listed(doctype, "creation asc", [[doctype, column, "like", "w%"]], run=False)
	(plan,) = explain(forced(sql, doctype, index))
	assert (plan["key"], plan["type"]) == (index, "range")
	rows = frappe.db.sql(f"show index from `tab{doctype}` where key_name = '{index}'", as_dict=True)
	columns = [row.Column_name for row in rows]
	assert columns[0] == column
	assert set(LEVEL_COLUMNS.values()) <= set(columns)


def test_heads_are_looked_for_in_an_order_that_no_index_has(site):
	"""With one of `creation` the search for households by a head's initials would walk along it through the town."""
	rows = frappe.db.sql(f"show index from `tab{RESIDENT}` where seq_in_index = 1", as_dict=True)
	assert "creation" not in {row.Column_name for row in rows}


def test_counting_by_grid_reads_nothing_outside_the_scope(world, as_user, count_queries):
	"""A secretary who opens the whole tree has her village counted, not the county passed over."""
	village = world.town.villages[0].grid_path
	with as_user(world.secretary), count_queries() as seen:
		counted = sizes.by_path()
	assert sum(counted[sizes.PEOPLE].values()) == sum(2 * (people // 2) + people for people in (FEW, MANY))
	counting = [sql for sql in seen.queries if "FORCE INDEX" in sql]
	assert len(counting) == 2
	assert all(f"`grid_path`>='{village}'" in sql for sql in counting)
