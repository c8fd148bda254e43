"""Rows seen by a department, through its rows, by name, or as one's own household: and by nobody else."""

from collections.abc import Iterator

import frappe
import pytest
from frappe.utils import add_days, nowdate

from grid_governance import scope
from grid_governance.grid_structure.doctype.grid_post.grid_post import PostInUseError
from grid_governance.grid_structure.doctype.grid_post_assignment.grid_post_assignment import (
	PostDepartmentError,
)
from grid_governance.scope import attached, branches, queries
from grid_governance.scope.branches import HOUSEHOLDS, NamedIn, OfDepartment, OwnHousehold, Through
from grid_governance.scope.registry import BRANCHES
from tests.factories import (
	make_assignment,
	make_department,
	make_holder,
	make_officer,
	make_post,
	make_role,
	make_township,
	make_user,
	make_worker,
)
from tests.world import give, inside_savepoint, taken_back

MATTER, REFERRAL, NAMED, HOME = "Test Matter", "Test Referral", "Test Named Person", "Test Home"
RIGHTS = ("read", "write", "create", "report", "export")


def _field(name: str, kind: str, options: str = "") -> dict[str, str]:
	return {"fieldname": name, "fieldtype": kind, "options": options, "label": name.title()}


DOCTYPES = {
	NAMED: [_field("worker", "Link", "Grid Worker")],
	HOME: [_field("title", "Data")],
	MATTER: [
		_field("title", "Data"),
		_field("place", "Link", "Grid"),
		_field("home", "Link", HOME),
		_field("people", "Table", NAMED),
	],
	REFERRAL: [
		_field("matter", "Link", MATTER),
		_field("place", "Link", "Grid"),
		_field("department", "Link", "Township Department"),
		_field("opinion", "Data"),
	],
}


def _remove() -> None:
	frappe.db.rollback()
	frappe.set_user("Administrator")
	for doctype in reversed(DOCTYPES):
		frappe.delete_doc("DocType", doctype, force=True, ignore_missing=True)
	frappe.db.commit()


@pytest.fixture(scope="module")
def made(site: str) -> Iterator[None]:
	"""Custom DocTypes of every kind. Making a table commits, so they are taken away again."""
	_remove()
	for name, fields in DOCTYPES.items():
		frappe.get_doc(
			doctype="DocType",
			name=name,
			module="Custom",
			custom=1,
			istable=int(name == NAMED),
			fields=fields,
			permissions=[] if name == NAMED else [{"role": "System Manager", "read": 1}],
			sort_field="modified",
			sort_order="DESC",
		).insert()
	frappe.db.commit()
	BRANCHES[MATTER] = (Through(REFERRAL, "matter"), NamedIn("people"), OwnHousehold("home"))
	BRANCHES[REFERRAL] = (OfDepartment("department"),)
	yield
	del BRANCHES[MATTER], BRANCHES[REFERRAL]
	_remove()


@pytest.fixture(scope="module")
def world(made: None, site: str) -> Iterator[frappe._dict]:
	"""Two villages with a matter each; that of the second is referred to one of two departments."""
	with taken_back():
		town = make_township(2, 1)
		role = make_role()
		for doctype in (MATTER, REFERRAL):
			give(role, doctype, *RIGHTS)
		roads, water = (make_department(town.root.name) for _ in range(2))
		near, far = (
			frappe.get_doc(doctype=MATTER, title=f"Matter {n}", place=grids[0].name).insert()
			for n, grids in enumerate(town.grids)
		)
		referral = frappe.get_doc(
			doctype=REFERRAL, matter=far.name, place=far.place, department=roads.name
		).insert()
		yield frappe._dict(
			town=town,
			role=role,
			roads=roads.name,
			water=water.name,
			near=near.name,
			far=far.name,
			referral=referral.name,
			officer=make_officer(role, roads.name),
			stranger=make_officer(role, water.name),
			member=make_holder(role, town.grids[0][0].name),
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def seen(user: str, doctype: str) -> set[str]:
	"""What *user* sees, by every way the same."""
	frappe.set_user("Administrator")
	names = frappe.get_all(doctype, pluck="name", order_by="name asc", limit_page_length=0)
	frappe.set_user(user)
	try:
		listed = set(frappe.get_list(doctype, pluck="name", order_by="name asc", limit_page_length=0))
		assert listed == {name for name in names if frappe.has_permission(doctype, "read", doc=name)}
		assert frappe.client.get_count(doctype) == len(listed)
		counted = frappe.qb.from_(doctype).select("name").where(scope.criterion(doctype)).run(pluck=True)
		assert sorted(counted) == sorted(listed)
		assert _commented(doctype, user) <= listed
		return listed
	finally:
		frappe.set_user("Administrator")


def _commented(doctype: str, user: str) -> set[str]:
	"""The rows of *doctype* whose comments the list of comments shows."""
	visible = attached.list_condition("Comment", user)
	rows = frappe.db.sql(f"select reference_name, reference_doctype from `tabComment` where {visible}")  # noqa: S608
	return {name for name, of in rows if of == doctype}


def test_officers_see_what_is_their_departments_and_no_grid(world):
	for doctype, name in ((MATTER, world.far), (MATTER, world.near), (REFERRAL, world.referral)):
		frappe.get_doc(doctype, name).add_comment("Comment", "x")
	assert _commented(MATTER, world.officer) == {world.far}
	assert seen(world.officer, REFERRAL) == {world.referral}
	assert seen(world.officer, MATTER) == {world.far}
	assert scope.ranges(world.officer, MATTER) == ()
	for doctype in (MATTER, REFERRAL):
		assert seen(world.stranger, doctype) == set()
	assert seen(world.member, REFERRAL) == set()
	assert seen(world.member, MATTER) == {world.near}


def test_a_post_and_a_department_add_up(world):
	worker = frappe.db.get_value("Grid Worker", {"user": world.officer})
	make_assignment(worker, make_post(world.role).name, world.town.grids[0][0].name)
	assert seen(world.officer, MATTER) == {world.near, world.far}


def test_only_the_ways_the_reader_has_are_in_the_query(world):
	assert "tabTest Referral" not in str(scope.criterion(MATTER, world.member))
	condition = scope.criterion(MATTER, world.officer).get_sql(quote_char="`")
	assert "tabTest Referral" in condition
	assert "grid_path" not in condition


def test_what_an_officer_takes_up_is_hers_and_stays_there(world):
	"""She may write her department's row, and neither take another's nor pass hers on, nor move its grid."""
	frappe.set_user(world.officer)
	own = frappe.get_doc(REFERRAL, world.referral)
	own.opinion = "done"
	own.save()
	for change in ({"department": world.water}, {"department": None}, {"place": world.town.grids[0][0].name}):
		moved = frappe.get_doc(REFERRAL, world.referral)
		moved.update(change)
		with pytest.raises(frappe.PermissionError):
			moved.save()
	frappe.set_user(world.stranger)
	taken = frappe.get_doc({**own.as_dict(), "doctype": REFERRAL, "department": world.water})
	assert not taken.has_permission("read")
	with pytest.raises(frappe.PermissionError):
		taken.save()


def test_nobody_makes_rows_for_departments_of_others(world):
	frappe.set_user(world.stranger)
	for values in (
		{"department": world.roads},
		{"department": world.water, "place": world.town.root.name},
		{"department": None},
	):
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc(doctype=REFERRAL, matter=world.far, **values).insert()
	assert frappe.get_doc(doctype=REFERRAL, department=world.water).insert().name


def test_who_has_the_grid_refers_to_any_department(world):
	frappe.set_user(world.member)
	made = frappe.get_doc(
		doctype=REFERRAL, matter=world.near, place=world.town.grids[0][0].name, department=world.water
	).insert()
	made.department = world.roads
	made.save()
	assert seen(world.officer, MATTER) == {world.near, world.far}
	assert seen(world.stranger, MATTER) == set()


def test_a_referral_taken_back_closes_the_matter(world):
	frappe.delete_doc(REFERRAL, world.referral)
	assert seen(world.officer, MATTER) == set()


def test_a_department_post_counts_from_its_first_to_its_last_day(world):
	yesterday, tomorrow = add_days(nowdate(), -1), add_days(nowdate(), 1)
	for period in ({"from_date": tomorrow}, {"to_date": yesterday}):
		user = make_officer(world.role, world.roads, **period)
		assert queries.reader(user, MATTER).holding == ((), (), False)
	held = frappe.get_doc("Grid Post Assignment", {"user": world.officer})
	held.department = world.water
	held.save()
	assert seen(world.officer, MATTER) == set()
	held.to_date = yesterday
	held.save()
	assert world.role not in frappe.get_roles(world.officer)


def test_roles_count_in_the_department_that_gives_them(world):
	path = world.town.root.grid_path
	assert world.role not in scope.roles_at(path, world.officer)
	assert world.role in scope.roles_at(path, world.officer, world.roads)
	assert world.role not in scope.roles_at(path, world.officer, world.water)
	assert world.role in scope.roles_at(world.town.grids[0][0].grid_path, world.member, world.roads)


def test_a_department_post_is_held_in_the_township_that_keeps_the_department(world):
	"""Whoever appoints people in a village opens no department of the township."""
	post = make_post(world.role, works_for_department=1)
	worker = make_worker(world.town.villages[0].name)
	elsewhere = make_department(make_township(0, 0).root.name)
	shut = make_department(world.town.root.name, active=0)
	for grid, department in (
		(world.town.villages[0].name, world.roads),
		(world.town.root.name, elsewhere.name),
		(world.town.root.name, shut.name),
		(world.town.root.name, None),
	):
		with pytest.raises(PostDepartmentError):
			make_assignment(worker.name, post.name, grid, department=department)
	assert make_assignment(worker.name, post.name, world.town.root.name, department=world.roads).department
	plain = make_assignment(
		worker.name, make_post(world.role).name, world.town.root.name, department=world.roads
	)
	assert plain.department is None


def test_a_post_that_people_hold_stays_where_its_rights_hold(world):
	post = frappe.get_doc("Grid Post", {"role": world.role, "works_for_department": 1})
	post.works_for_department = 0
	with pytest.raises(PostInUseError):
		post.save()


def test_an_officer_sees_her_own_department(world):
	officer = make_officer("Department Officer", world.roads)
	assert seen(officer, "Township Department") == {world.roads}


def test_a_case_is_seen_by_those_it_names(world):
	mediator = make_holder(world.role, make_township(1, 0).villages[0].name)
	assert seen(mediator, MATTER) == set()
	case = frappe.get_doc(MATTER, world.far)
	case.append("people", {"worker": frappe.db.get_value("Grid Worker", {"user": mediator})})
	case.save()
	assert seen(mediator, MATTER) == {world.far}
	held = frappe.get_doc("Grid Post Assignment", {"user": mediator})
	held.to_date = add_days(nowdate(), -1)
	held.save()
	frappe.get_doc("User", mediator).add_roles(world.role)  # by hand, and no post is held
	assert seen(mediator, MATTER) == set()


def test_nobody_takes_a_case_by_naming_herself(world):
	me = frappe.db.get_value("Grid Worker", {"user": world.member})
	frappe.set_user(world.member)
	case = frappe.get_doc(MATTER, world.far)
	case.append("people", {"worker": me})
	with pytest.raises(frappe.PermissionError):
		case.save()
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc(doctype=MATTER, place=world.town.grids[1][0].name, people=[{"worker": me}]).insert()
	frappe.set_user("Administrator")
	case = frappe.get_doc(MATTER, world.far)
	case.append("people", {"worker": me})
	case.save()
	frappe.set_user(world.member)
	moved = frappe.get_doc(MATTER, world.far)
	moved.place = world.town.grids[0][0].name
	with pytest.raises(frappe.PermissionError):
		moved.save()


@pytest.fixture
def household(world: frappe._dict, monkeypatch: pytest.MonkeyPatch) -> frappe._dict:
	"""A resident with an account of the website, and the household that a ledger says is hers."""
	role = make_role(grid_by_post=0, desk_access=0)
	for doctype in (MATTER, HOME):
		give(role, doctype, "read", "write", "create")
	home, other = (frappe.get_doc(doctype=HOME, title=title).insert().name for title in ("own", "other"))
	resident = make_user()
	frappe.get_doc("User", resident).add_roles(role)
	frappe.db.set_value(MATTER, world.far, "home", home)
	frappe.db.set_value(MATTER, world.near, "home", other)
	monkeypatch.setattr(
		branches, "household_of", lambda user: [home] if user == resident else [], raising=False
	)
	stock = frappe.get_hooks

	def hooks(hook: str | None = None, *args: object, **kwargs: object) -> object:
		if hook == HOUSEHOLDS:
			return ["grid_governance.scope.branches.household_of"]
		return stock(hook, *args, **kwargs)

	return frappe._dict(role=role, home=home, other=other, resident=resident, hooks=hooks)


def test_without_a_ledger_nobody_has_a_household(household):
	assert seen(household.resident, MATTER) == set()


def test_a_resident_sees_her_own_household(world, household, monkeypatch):
	monkeypatch.setattr(frappe, "get_hooks", household.hooks)
	assert frappe.db.get_value("User", household.resident, "user_type") == "Website User"
	assert seen(household.resident, MATTER) == {world.far}
	frappe.set_user(household.resident)
	own = frappe.get_doc(MATTER, world.far)
	own.title = "changed"
	own.save()
	for change in ({"home": household.other}, {"place": world.town.grids[0][0].name}):
		moved = frappe.get_doc(MATTER, world.far)
		moved.update(change)
		with pytest.raises(frappe.PermissionError):
			moved.save()
	assert frappe.get_doc(doctype=MATTER, home=household.home).insert().name
	for values in ({"home": household.other}, {}, {"home": household.home, "place": world.town.root.name}):
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc(doctype=MATTER, **values).insert()


def test_a_post_says_nothing_about_ones_own_family(world, household, monkeypatch):
	"""The grid member of another village reads no notes on her own household by the right her post gives her."""
	home = household.home
	monkeypatch.setattr(branches, "household_of", lambda user: [home])
	monkeypatch.setattr(frappe, "get_hooks", household.hooks)
	assert seen(world.member, MATTER) == {world.near}
	assert seen(world.stranger, MATTER) == set()
