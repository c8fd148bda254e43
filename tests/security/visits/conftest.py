"""The small world of the abuses on visits and notices: built once for the folder, each test inside its own savepoint.

The rows are put into the database as they are, so that what is tried is the way to them and not how they come to be.
"""

from collections.abc import Iterator

import frappe
import pytest
from frappe.utils import now_datetime, nowdate

from tests.factories import (
	make_department,
	make_holder,
	make_household,
	make_officer,
	make_resident,
	make_township,
	make_user,
	make_worker,
)
from tests.world import inside_savepoint, taken_back

SECRET = "机密六六"
"""Stands in every text that is not for the readers outside."""

ROUND, ROW, MUST, VISIT = "Visit Round", "Round Household", "Must Visit", "Household Visit"
NOTICE, DELIVERY, FILTER, GROUP = "Notice", "Notice Delivery", "Audience Filter", "Grid Chat Group"
FIGURES = {ROUND: 98_765_431, ROW: 98_765_432, MUST: 98_765_433}
"""What stands in rows that hold no text."""

WORDS = {
	ROUND: "ordinary_households",
	ROW: "tries",
	MUST: "interval_days",
	VISIT: "note",
	NOTICE: "notice_title",
	DELIVERY: "failed",
	FILTER: "filter_name",
	GROUP: "group_name",
}
"""The DocTypes of the room whose rows lie in a grid, each with a field in which a secret stands."""

CHILDREN = {
	"Visit Person": (VISIT, "resident"),
	"Visit Companion": (VISIT, "companion_name"),
	"Visit Subject": (VISIT, "topic"),
	"Visit Effect": (VISIT, "summary"),
	"Audience Row": (NOTICE, "age_from"),
	"Notice Grid": (NOTICE, "grid"),
}
"""The tables of these, each with the DocType that it stands in and a field to look at."""


def put(doctype: str, **values: object) -> str:
	"""Put a row with its tables into the database as it is; return its name."""
	doc = frappe.get_doc(doctype=doctype, **values)
	doc.name = doc.name or frappe.generate_hash(length=12)
	doc.grid_path = frappe.db.get_value("Grid", doc.grid, "grid_path")
	doc.db_insert()
	for row in doc.get_all_children():
		row.update({"parent": doc.name, "parenttype": doctype, "name": frappe.generate_hash(length=12)})
		row.db_insert()
	return doc.name


def rows_of(grid: str, household: str, resident: str, worker: str | None, says: str, **figures: int) -> dict:
	"""A round with its row, a must-visit, a visit, a notice with its delivery, a filter and a group in *grid*; names by DocType.

	*says* stands in their texts; *figures* by the fields of `WORDS` in those that have none.
	"""
	day, now = nowdate(), now_datetime()
	lies = {"grid": grid, "household": household}
	topic = frappe.get_doc(doctype="Visit Topic", topic_name=f"{says}话题{frappe.generate_hash(length=4)}")
	kept = {
		ROUND: put(
			ROUND,
			grid=grid,
			status="Open",
			period_start=day,
			period_end=day,
			ordinary_households=figures.get("ordinary_households", 1),
		)
	}
	kept[VISIT] = put(
		VISIT,
		**lies,
		visit_kind="Ordinary",
		outcome="Met",
		visited_at=now,
		entered_at=now,
		worker=worker,
		note=says,
		client_key=frappe.generate_hash(length=20),
		residents_met=[{"resident": resident}],
		companions=[{"companion_name": f"{says}同行"}],
		topics=[{"topic": topic.insert().name}],
		effects=[{"kind": "issue", "summary": f"{says}事项"}],
	)
	kept[ROW] = put(
		ROW, **lies, round=kept[ROUND], period_start=day, counted=1, tries=figures.get("tries", 0)
	)
	kept[MUST] = put(
		MUST, **lies, resident=resident, due_on=day, interval_days=figures.get("interval_days", 7)
	)
	kept[NOTICE] = put(
		NOTICE,
		name=f"NT-{frappe.generate_hash(length=10)}",
		grid=grid,
		notice_title=says,
		content=f"{says}内容",
		notice_type=frappe.get_doc(doctype="Notice Type", type_name=f"类型{frappe.generate_hash(length=6)}")
		.insert()
		.name,
		deliver_to="Household",
		workflow_state=_first_state(),
		audience_grids=[{"grid": grid}],
		audience_rows=[{"age_from": 65}],
		public_code=frappe.generate_hash(length=20),
	)
	kept[DELIVERY] = put(
		DELIVERY,
		**lies,
		notice=kept[NOTICE],
		resident="",
		state="Sent",
		failed=says,
	)
	kept[FILTER] = put(FILTER, grid=grid, filter_name=says, rows=[{"age_from": 65}])
	kept[GROUP] = put(GROUP, grid=grid, group_name=says, active=1)
	return kept


def build(site: str) -> Iterator[frappe._dict]:
	"""A township of two villages. A household in the grid of the second was visited, and a notice is on its way to it.

	`kept` gives the name of one row by DocType. `inside` are those who work there by role, `outsiders` have nothing to
	do with it. `own` is a household in the first village with its head `own_head` and rows of the same kinds, `own_rows`.
	"""
	with taken_back():
		town, elsewhere = make_township(2, 1), make_township(1, 0)
		village, grid, near = town.villages[1].name, town.grids[1][0].name, town.grids[0][0].name
		bare = make_user()
		frappe.get_doc("User", bare).add_roles("Village Secretary", "Township Office", "Grid Member")
		world = frappe._dict(
			town=town,
			village=village,
			grid=grid,
			near=near,
			inside={
				"Township Office": make_holder("Township Office", town.root.name),
				"Village Secretary": make_holder("Village Secretary", village),
				"Grid Leader": make_holder("Grid Leader", grid),
				"Grid Instructor": make_holder("Grid Instructor", grid),
				"Grid Member": make_holder("Grid Member", grid),
				"Party Patch Member": make_holder("Party Patch Member", grid),
			},
			site_wide={role: _with_role(role) for role in ("Governance Administrator", "Governance Auditor")},
			outsiders={
				"secretary of the next village": make_holder("Village Secretary", town.villages[0].name),
				"leader of the next grid": make_holder("Grid Leader", near),
				"member of the next grid": make_holder("Grid Member", near),
				"official of the next township": make_holder("Township Office", elsewhere.root.name),
				"somebody without a post": bare,
			},
			officer=make_officer("Department Officer", make_department(town.root.name).name),
		)
		household = make_household(grid, address=SECRET)
		head = make_resident(household.name, resident_name=SECRET)
		world.household, world.head, world.worker = household.name, head.name, make_worker(grid).name
		figures = {WORDS[doctype]: figure for doctype, figure in FIGURES.items()}
		world.kept = rows_of(grid, household.name, head.name, world.worker, SECRET, **figures)
		world.code = frappe.db.get_value(NOTICE, world.kept[NOTICE], "public_code")
		world.own = make_household(near, address="北门").name
		world.own_head = make_resident(world.own, resident_name="本户主").name
		world.own_rows = rows_of(near, world.own, world.own_head, None, "自己的")
		world.secrets = (SECRET, *map(str, FIGURES.values()), world.code)
		world.names = (*world.kept.values(), world.household, world.head)
		_attach(world)
		yield world


world = pytest.fixture(scope="package")(build)
_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def _with_role(role: str) -> str:
	user = make_user()
	frappe.get_doc("User", user).add_roles(role)
	return user


def _first_state() -> str | None:
	"""The state in which a notice begins, None before its workflow is there."""
	workflow = frappe.db.get_value("Workflow", {"document_type": NOTICE, "is_active": 1})
	return workflow and frappe.db.get_value(
		"Workflow Document State", {"parent": workflow, "idx": 1}, "state"
	)


def _attach(world: frappe._dict) -> None:
	"""What hangs on the visit and on the notice: a remark, something to do, a tag, who looked, what was changed."""
	for doctype in (VISIT, NOTICE):
		name = world.kept[doctype]
		of_row = {"reference_doctype": doctype, "reference_name": name}
		for attached in (
			{"doctype": "Comment", "comment_type": "Comment", "content": f"{SECRET} 批注", **of_row},
			{"doctype": "View Log", "viewed_by": world.inside["Grid Member"], **of_row},
			{
				"doctype": "ToDo",
				"description": f"{SECRET} 待办",
				"reference_type": doctype,
				"reference_name": name,
				"allocated_to": world.inside["Village Secretary"],
			},
			{
				"doctype": "Version",
				"ref_doctype": doctype,
				"docname": name,
				"data": frappe.as_json({"changed": [["note", SECRET, "x"]]}),
			},
			{"doctype": "Tag Link", "document_type": doctype, "document_name": name, "tag": _tag()},
		):
			frappe.get_doc(attached).insert()


def _tag() -> str:
	name = f"{SECRET} 标签"
	if not frappe.db.exists("Tag", name):
		frappe.get_doc(doctype="Tag", name=name).insert()
	return name
