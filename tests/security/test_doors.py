"""The stock doors: each attack leaked on Frappe's own function and is refused by what stands in its place."""

import importlib
import inspect
import json
import pkgutil
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frappe
import pytest
from frappe.core.doctype.report.report import Report
from frappe.utils import add_days, now_datetime, nowdate

from grid_governance import compat
from grid_governance.scope import doors
from grid_governance.scope.doors import core, patches, table, wrappers
from tests.world import HIDDEN, SECRET, build_world, give, inside_savepoint

world = pytest.fixture(scope="module")(build_world)
_on_site = pytest.fixture(autouse=True)(inside_savepoint)

REFUSED = (frappe.PermissionError, frappe.DoesNotExistError)
SKIPPED = (".tests", ".test_", ".patches.", ".commands")
RELEASED = not frappe.__version__.endswith("-dev")
MENDED = {"linked documents", "column added to a report", "filter that is SQL", "tag", "rename by force"}
"""Attacks that releases of Frappe refuse themselves, sooner or later; ours stands before those that do not."""


def installed_methods() -> set[str]:
	"""The full names of all methods that the installed Frappe offers to clients."""
	for module in pkgutil.walk_packages(frappe.__path__, "frappe.", onerror=lambda name: None):
		if not any(part in module.name for part in SKIPPED):
			importlib.import_module(module.name)
	return {
		doors.stock_name(method)
		for method in frappe.whitelisted
		if method.__module__.split(".")[0] == "frappe"
	}


def standing(path: str) -> tuple[Any, str, Callable[..., Any]]:
	"""Return the owner, the name and what stands there now; skip the test where this Frappe has no such method."""
	try:
		return patches._find(path)
	except doors.MissingDoorError:
		if path not in table.NOT_EVERYWHERE:
			raise
		pytest.skip("this Frappe does not have it")


def test_every_method_of_frappe_is_in_one_class():
	classed = [name for _reason, names in table.SAFE.values() for name in names]
	classed += [*table.WRAPPED, *table.CLOSED]
	assert len(classed) == len(set(classed)), "a method stands in two classes"
	found = installed_methods()
	assert not found - set(classed), "methods in no class: read them, then class them"
	assert set(classed) >= table.NOT_EVERYWHERE, "methods that stand in no class"
	assert not set(classed) - found - table.NOT_EVERYWHERE, "methods that no Frappe has"


def test_a_door_that_this_frappe_does_not_have_is_an_error():
	for path in ("frappe.client.no_such_method", "frappe.no_such_module.get", "frappe.share.NoClass.get"):
		with pytest.raises(doors.MissingDoorError):
			patches.replace(path, wrappers.closed)


def test_every_wrapper_is_in_place():
	for path in {**table.WRAPPED, **table.CLOSED, **table.CORE}:
		try:
			_owner, _name, function = patches._find(path)
		except doors.MissingDoorError:
			assert path in table.NOT_EVERYWHERE, path
			continue
		assert getattr(function, "__stock__", None), path


@pytest.mark.parametrize("path", {**table.WRAPPED, **table.CLOSED, **table.CORE})
def test_what_stands_in_its_place_takes_what_the_stock_function_takes(path):
	ours = {**table.WRAPPED, **table.CLOSED, **table.CORE}[path]
	owner, _name, door = standing(path)
	taken = inspect.signature(door).parameters.values()
	if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in taken):
		pytest.skip("a decorator hides what it takes")
	named = [parameter for parameter in taken if parameter.kind is not parameter.VAR_KEYWORD]
	in_order = sum(parameter.kind is not parameter.KEYWORD_ONLY for parameter in named)
	for by_place in (int(inspect.isclass(owner)), in_order):
		by_name = {parameter.name: None for parameter in named[by_place:]}
		assert inspect.signature(ours).bind(None, *[None] * by_place, **by_name)


def test_the_stock_function_is_off_the_whitelist_and_imports_are_replaced():
	from frappe.utils import print_format
	from frappe.www import printview

	assert frappe.client.get_count in frappe.whitelisted
	assert frappe.client.get_count.__stock__ not in frappe.whitelisted
	assert print_format.validate_print_permission is printview.validate_print_permission
	assert printview.validate_print_permission.__stock__


def leaks(attack: Callable[[], object], found: str | Callable[[object], bool]) -> bool:
	"""Say whether *attack* gives what it should not: a text in what is sent back, or what *found* says."""
	frappe.local.response = frappe._dict(docs=[])
	try:
		answer = attack()
	except REFUSED:
		return False
	if callable(found):
		return bool(found(answer))
	sent = json.dumps([answer, frappe.local.response], default=str, ensure_ascii=False)
	return found in sent


def check(
	world: frappe._dict,
	attack: Callable[[], object],
	found: str | Callable[[object], bool],
	user: str | None = None,
	mended: bool = False,
) -> None:
	"""The attack succeeds on Frappe's own functions, unless a release has *mended* them, and fails on ours."""
	for stock in (False,) if mended and RELEASED else (True, False):
		frappe.db.savepoint("attack")
		frappe.local.grid_doors_active = not stock
		frappe.set_user(user or world.reader)
		leaked = leaks(attack, found)
		frappe.set_user("Administrator")
		frappe.db.rollback(save_point="attack")
		frappe.local.role_permissions = {}
		assert leaked is stock, "Frappe's own function does not leak" if stock else "the door is open"


def call(path: str, *args: object, **kwargs: object) -> object:
	return frappe.get_attr(path)(*args, **kwargs)


def rename(old: str, new: str) -> str:
	try:
		return frappe.rename_doc("Grid Worker", old, new, force=True)
	except frappe.ValidationError as refused:  # how a release says that the right to write is missing
		raise frappe.PermissionError from refused


READS: dict[str, Callable[[frappe._dict], object]] = {
	"linked documents": lambda w: call("frappe.desk.form.linked_with.get", "Grid", w.town.grids[1][0].name),
	"link search without conditions": lambda w: call(
		"frappe.desk.search.search_link", "Grid Worker", SECRET, ignore_user_permissions=1
	),
	"search widget without conditions": lambda w: call(
		"frappe.desk.search.search_widget", "Grid Worker", SECRET, ignore_user_permissions=1
	),
	"title of a link": lambda w: call("frappe.desk.search.get_link_title", "Grid Worker", w.secret.name),
	"column added to a report": lambda w: call(
		"frappe.desk.query_report.get_data_for_custom_field", "Grid Worker", "worker_name"
	),
	"counts by state, of any field": lambda w: call(
		"frappe.workflow.doctype.workflow.workflow.get_workflow_state_count",
		"Grid Worker",
		"worker_name",
		"[]",
	),
	"filter that is SQL": lambda w: call(
		"frappe.desk.calendar.get_events",
		"Grid Worker",
		"2000-01-01",
		"2100-01-01",
		json.dumps({"start": "creation", "end": "modified", "title": "worker_name"}),
		filters=json.dumps([["name", "is", "set"], "1=1 or 1=1"]),
	),
	"field of a linked document": lambda w: call(
		"frappe.client.get_list", "Grid Post Assignment", fields=["name", "worker.worker_name"]
	),
}


@pytest.mark.parametrize("door", READS)
def test_what_lies_outside_is_not_read(world, door):
	check(world, lambda: READS[door](world), SECRET, mended=door in MENDED)


ORACLES: dict[str, Callable[[frappe._dict], object]] = {
	"count with filters": lambda w: call(
		"frappe.client.get_count", "Grid Worker", {"name": w.secret.name, HIDDEN: ["like", "139%"]}
	),
	"link that exists": lambda w: call("frappe.client.validate_link", "Grid Worker", w.secret.name).name,
	"room of a DocType": lambda w: call("frappe.realtime.can_subscribe_doctype", "Grid Worker"),
	"filter on a hidden field": lambda w: call(
		"frappe.client.get_list", "Grid Worker", filters={HIDDEN: ["like", "13900000001"]}
	),
	"filter on a hidden field in the other form": lambda w: call(
		"frappe.client.get_list", "Grid Worker", or_filters=[["Grid Worker", HIDDEN, "like", "13900000001"]]
	),
	"sort by a hidden field": lambda w: call(
		"frappe.client.get_list", "Grid Worker", order_by=f"`tabGrid Worker`.`{HIDDEN}` desc"
	),
	"group by a hidden field": lambda w: frappe.get_list(
		"Grid Worker", fields=["count(name) as n"], group_by=HIDDEN
	),
	"follow": lambda w: (
		frappe.db.set_value("User", w.reader, "document_follow_notify", 1),
		call("frappe.desk.form.document_follow.follow_document", "Grid Worker", w.secret.name, w.reader),
	)[1],
	"like": lambda w: (
		call("frappe.desk.like.toggle_like", "Grid Worker", w.secret.name, "Yes"),
		frappe.db.get_value("Grid Worker", w.secret.name, "_liked_by"),
	)[1],
	"tag": lambda w: (
		call("frappe.desk.doctype.tag.tag.add_tag", "红", "Grid Worker", w.secret.name),
		frappe.db.get_value("Grid Worker", w.secret.name, "_user_tags"),
	)[1],
	"rename by force": lambda w: rename(w.secret.name, "GW-TAKEN"),
	"followers": lambda w: (
		call("frappe.desk.form.document_follow.get_follow_users", "Grid Worker", w.secret.name) is not None
	),
}


@pytest.mark.parametrize("door", ORACLES)
def test_nothing_is_told_or_done_outside(world, door):
	check(world, lambda: ORACLES[door](world), bool, mended=door in MENDED)


def insert(doctype: str, **values: object) -> frappe.model.document.Document:
	"""Put a row into the database as it is: no hooks, no jobs."""
	doc = frappe.get_doc({"doctype": doctype, **values})
	counted = "int" in frappe.db.get_column_type(doctype, "name")
	doc.name = doc.name or (random.randint(10**6, 10**7) if counted else frappe.generate_hash(length=10))
	doc.owner = values.get("owner", "Administrator")
	doc.creation = doc.modified = now_datetime()
	doc.db_insert()
	return doc


def outside(world: frappe._dict, doctype: str, **values: object) -> frappe.model.document.Document:
	"""A stock row that hangs on the secret worker."""
	from grid_governance.scope.registry import ATTACHED

	type_field, name_field = ATTACHED[doctype]
	return insert(doctype, **{type_field: "Grid Worker", name_field: world.secret.name, **values})


def test_lists_of_stock_rows_end_where_their_documents_do(world):
	for doctype, values in {
		"Tag Link": {"title": SECRET, "tag": "红"},
		"Document Follow": {"user": world.other},
		"Energy Point Log": {"reason": SECRET, "user": world.other, "type": "Auto"},
		"File": {"file_name": "a.jpg", "file_url": "/private/files/a.jpg", "is_private": 1},
		"ToDo": {"description": SECRET, "allocated_to": world.reader, "status": "Open"},
		"Notification Log": {"subject": SECRET, "for_user": world.reader},
	}.items():
		row = outside(world, doctype, **values)
		check(
			world,
			lambda doctype=doctype: frappe.get_list(doctype, pluck="name", limit_page_length=0),
			str(row.name),
		)


def test_a_link_search_finds_no_stock_rows_that_the_list_does_not_show(world):
	"""Neither what hangs on documents outside nor, say, the private entries of another one's calendar."""
	for doctype, row in {
		"ToDo": outside(world, "ToDo", description=SECRET, allocated_to=world.other, status="Open"),
		"File": outside(world, "File", file_name=SECRET, file_url="/private/files/a.jpg", is_private=1),
		"Communication": outside(world, "Communication", subject=SECRET, communication_type="Comment"),
		"Event": insert("Event", subject=SECRET, event_type="Private", owner=world.other),
	}.items():
		for search in ("search_link", "search_widget"):
			check(
				world,
				lambda doctype=doctype, search=search: call(
					f"frappe.desk.search.{search}", doctype, "", page_length=1000, ignore_user_permissions=1
				),
				row.name,
			)


def test_stock_rows_of_documents_outside_are_not_opened(world):
	from grid_governance.scope.registry import ATTACHED

	for doctype in ("Tag Link", "Document Follow", "Energy Point Log"):
		row = outside(world, doctype, user=world.other, tag="红", type="Auto")
		check(world, lambda row=row: row.has_permission("read"), bool)
		taken = frappe.get_doc(doctype, row.name)
		taken.set(ATTACHED[doctype][1], world.own.name)
		check(world, lambda taken=taken: taken.has_permission("read"), bool)


def test_what_hangs_on_ones_own_documents_stays(world):
	todo = insert(
		"ToDo",
		reference_type="Grid Worker",
		reference_name=world.own.name,
		allocated_to=world.reader,
		status="Open",
	)
	free = insert("ToDo", allocated_to=world.reader, status="Open", description="x")
	unsaved = insert(
		"File",
		attached_to_doctype="Grid Worker",
		attached_to_name="new-grid-worker-1",
		owner=world.reader,
		is_private=1,
		file_url="/private/files/x",
	)
	frappe.set_user(world.reader)
	assert {todo.name, free.name} <= set(frappe.get_list("ToDo", pluck="name"))
	assert todo.has_permission("read")
	assert free.has_permission("read")
	assert unsaved.name in frappe.get_list("File", pluck="name")
	assert unsaved.has_permission("read")


def test_rows_of_a_child_table_are_seen_and_written_with_their_parent(world):
	world.changed_rights = "Township Profile"
	give(world.role, "Township Profile", "read", "write")
	profiles = [
		insert("Township Profile", grid=grid.name, grid_path=grid.grid_path)
		for grid in (world.town.villages[0], world.town.root)
	]
	own, other = (
		insert(
			"Township Size Rule",
			parent=profile.name,
			parenttype="Township Profile",
			parentfield="size_rules",
			grid_level=world.town.root.grid_level,
		)
		for profile in profiles
	)
	listed = lambda: call(  # noqa: E731
		"frappe.client.get_list", "Township Size Rule", fields=["name"], parent="Township Profile"
	)
	check(world, listed, other.name)
	taken = frappe.get_doc("Township Size Rule", other.name)
	taken.parent = profiles[0].name
	check(world, lambda: taken.has_permission("write"), bool)
	greedy = frappe.get_doc("Township Profile", profiles[0].name)
	greedy.append(
		"size_rules", {"name": other.name, "grid_level": world.town.root.grid_level, "__islocal": 0}
	)
	check(world, lambda: greedy.run_method("before_validate") or True, bool)
	frappe.set_user(world.reader)
	frappe.get_doc("Township Profile", profiles[0].name).run_method("before_validate")
	assert [row.name for row in listed()] == [own.name]
	assert frappe.get_doc("Township Size Rule", own.name).has_permission("write")


def test_a_private_file_is_not_claimed_by_its_address(world):
	path = Path(frappe.get_site_path("private", "files", f"{frappe.generate_hash()}.txt"))
	path.write_text("secret")
	address = f"/private/files/{path.name}"
	outside(world, "File", file_name=path.name, file_url=address, is_private=1)

	def claim() -> str:
		file = frappe.get_doc(doctype="File", file_url=address, file_name=path.name, is_private=1)
		file.update({"attached_to_doctype": "Grid Worker", "attached_to_name": world.own.name})
		return file.insert().get_content()

	try:
		check(world, claim, "secret")
	finally:
		path.unlink(missing_ok=True)


def test_files_of_rows_in_grids_are_private_from_the_start(world):
	file = frappe.get_doc(
		doctype="File", attached_to_doctype="Grid Worker", attached_to_name=world.own.name, file_name="a.txt"
	)
	core.keep_file_private(file)
	assert file.is_private
	file = frappe.get_doc(doctype="File", attached_to_doctype="ToDo", attached_to_name="x", file_name="a.txt")
	core.keep_file_private(file)
	assert not file.is_private


def test_a_tag_finds_documents_in_scope_only(world):
	for worker in (world.own, world.secret):
		frappe.db.set_value("Grid Worker", worker.name, "_user_tags", ",红")
	attack = lambda: call("frappe.desk.doctype.tag.tag.get_tagged_docs", "Grid Worker", ",红")  # noqa: E731
	check(world, attack, world.secret.name)
	frappe.set_user(world.reader)
	assert attack() == ((world.own.name,),)


def test_the_map_shows_the_list(world, monkeypatch):
	monkeypatch.setattr(
		"frappe.geo.utils.return_coordinates",
		lambda doctype, condition: frappe.db.sql(
			f"select name, 30.0 latitude, 120.0 longitude from `tab{doctype}` where {condition or '1=1'}",  # noqa: S608
			as_dict=True,
		),
	)
	filters = json.dumps([["Grid Worker", "active", "in", [0, 1]]])
	check(
		world,
		lambda: call("frappe.geo.utils.get_coords", "Grid Worker", filters, "coordinates"),
		world.secret.name,
	)


def test_hits_of_the_global_search_are_checked(world):
	hits = [frappe._dict(doctype="Grid Worker", name=doc.name) for doc in (world.own, world.secret)]
	frappe.set_user(world.reader)
	assert wrappers.global_search(lambda *args: hits, "张") == hits[:1]


def heat_map(user: str | None = None) -> dict:
	return call(
		"frappe.desk.doctype.dashboard_chart.dashboard_chart.get",
		chart=json.dumps(
			{
				"name": "x",
				"document_type": "Grid Worker",
				"chart_type": "Count",
				"type": "Heatmap",
				"based_on": "creation",
				"filters_json": "[]",
				"heatmap_year": now_datetime().year,
			}
		),
		no_cache=1,
	)


def test_a_heat_map_counts_nothing_outside(world):
	check(world, heat_map, lambda answer: sum(answer["dataPoints"].values()) >= 4)
	assert heat_map()["dataPoints"]


def test_a_chart_is_not_served_from_another_users_answer(world):
	frappe.cache.set_value("chart-data:secret", frappe.as_json({"labels": [SECRET]}))
	chart = json.dumps(
		{
			"name": "secret",
			"document_type": "Grid Worker",
			"chart_type": "Group By",
			"group_by_type": "Count",
			"group_by_based_on": "worker_name",
			"filters_json": "[]",
		}
	)
	try:
		check(
			world,
			lambda: call("frappe.desk.doctype.dashboard_chart.dashboard_chart.get", chart=chart),
			SECRET,
		)
	finally:
		frappe.cache.delete_value("chart-data:secret")


def test_a_share_grants_nothing_outside_the_receivers_scope(world):
	for doc in (world.own, world.secret):
		insert(
			"DocShare", user=world.reader, share_doctype="Grid Worker", share_name=doc.name, read=1, write=1
		)
	check(world, lambda: frappe.has_permission("Grid Worker", "read", doc=world.secret.name), bool)
	check(world, lambda: frappe.has_permission("Grid Worker", "write", doc=world.secret.name), bool)
	everyone = world.other
	frappe.get_doc("User", everyone).remove_roles(world.role)
	assert frappe.share.get_shared("Grid Worker", world.reader) == [world.own.name]
	assert frappe.share.get_shared("Grid Worker", everyone) == []


def test_an_assignment_shares_nothing(world):
	def assign(doc: str, user: str) -> bool:
		call(
			"frappe.desk.form.assign_to.add",
			{"doctype": "Grid Worker", "name": doc, "assign_to": [user], "description": "x"},
		)
		return True

	frappe.db.set_single_value("System Settings", "disable_document_sharing", 0)
	check(world, lambda: assign(world.secret.name, world.other), bool, mended=True)
	check(world, lambda: assign(world.own.name, world.other), bool)
	frappe.set_user(world.reader)
	assert assign(world.own.name, world.reader)


def test_printing_needs_the_right_to_print(world):
	page = lambda: call("frappe.www.printview.get_html_and_style", "Grid Worker", world.own.name)  # noqa: E731
	check(world, page, world.own.worker_name)
	world.changed_rights = "Grid Worker"
	give(world.role, "Grid Worker", "read", "print")
	frappe.set_user(world.reader)
	assert world.own.worker_name in page()["html"]


def test_a_share_key_opens_no_document_in_a_grid(world):
	insert(
		"Document Share Key",
		reference_doctype="Grid Worker",
		reference_docname=world.secret.name,
		key="0123456789",
		expires_on=add_days(nowdate(), 9),
	)

	def show() -> bool:
		frappe.local.form_dict.key = "0123456789"
		call("frappe.www.printview.validate_print_permission", world.secret)
		return True

	check(world, show, bool, user="Guest")


def test_hidden_fields_are_not_sent_back_after_writing(world):
	def save() -> str:
		frappe.local.response["message"] = frappe.client.set_value(
			"Grid Worker", world.own.name, "employer", "x"
		)
		return frappe.utils.response.as_json().get_data(as_text=True)

	check(world, save, "13900000001")


def test_hidden_fields_are_not_in_the_history(world):
	insert(
		"Version",
		ref_doctype="Grid Worker",
		docname=world.own.name,
		data=json.dumps({"changed": [[HIDDEN, "13911112222", "1"], ["employer", "a", "b"]]}),
	)
	history = lambda: call("frappe.desk.form.load.get_versions", world.own)  # noqa: E731
	check(world, history, "13911112222")
	frappe.set_user(world.reader)
	assert "employer" in history()[0].data


def sql_report(world: frappe._dict) -> dict:
	return call("frappe.desk.query_report.run", report_name="All Workers By SQL", filters={})


def test_a_report_in_sql_is_closed_to_whoever_does_not_see_every_grid(world):
	frappe.get_doc(
		doctype="Report",
		report_name="All Workers By SQL",
		ref_doctype="Grid Worker",
		report_type="Query Report",
		is_standard="No",
		query="select worker_name as 'Name:Data:100' from `tabGrid Worker`",
	).insert()
	check(world, lambda: sql_report(world), SECRET)
	assert SECRET in json.dumps(sql_report(world), default=str, ensure_ascii=False)


def test_a_prepared_result_is_for_whoever_had_it_made(world):
	made = insert("Prepared Report", report_name="Anything", status="Completed", owner=world.other).name
	served = lambda stock_report, filters, dn, user: SECRET  # noqa: E731
	frappe.set_user(world.reader)
	with pytest.raises(frappe.PermissionError):
		core.prepared_result(served, None, {}, made)
	with pytest.raises(frappe.PermissionError):
		call("frappe.core.doctype.prepared_report.prepared_report.download_attachment", made)
	with pytest.raises(frappe.PermissionError):
		call("frappe.core.doctype.prepared_report.prepared_report.delete_prepared_reports", [{"name": made}])
	frappe.set_user(world.other)
	assert core.prepared_result(served, None, {}, made) == SECRET


def test_reports_over_rows_in_grids_are_neither_prepared_nor_turn_so(world, monkeypatch):
	report = "Workers For Preparation"
	frappe.get_doc(
		doctype="Report",
		report_name=report,
		ref_doctype="Grid Worker",
		report_type="Query Report",
		is_standard="No",
		query="select 1",
	).insert()
	frappe.set_user(world.reader)
	with pytest.raises(doors.ClosedDoorError):
		call("frappe.core.doctype.prepared_report.prepared_report.make_prepared_report", report, {})
	marks = []
	monkeypatch.setattr(Report, "execute_script", lambda doc, filters: marks.append(doc.prepared_report))
	for active in (True, False):
		frappe.local.grid_doors_active = active
		run = frappe.get_doc("Report", report)
		run.execute_script_report({})
		assert not run.prepared_report
	assert marks == [1, 0], "a report that says it is prepared is not watched for being slow"


def test_a_web_form_is_no_way_back_for_an_owner(world):
	form = frappe.get_doc(doctype="Web Form", doc_type="Grid Worker", title="x")
	frappe.db.set_value("Grid Worker", world.secret.name, "owner", world.reader)
	check(world, lambda: form.has_web_form_permission("Grid Worker", world.secret.name), bool)


def test_a_kanban_board_stores_no_names(world):
	board = frappe.get_doc(
		doctype="Kanban Board",
		kanban_board_name="Workers",
		reference_doctype="Grid Worker",
		field_name="sex",
		columns=[{"column_name": "Male", "order": json.dumps([world.secret.name])}],
	).insert()
	assert board.columns[0].order == "[]"


def test_connections_of_a_form_are_counted_in_scope(world, monkeypatch):
	monkeypatch.setattr(
		"frappe.model.meta.Meta.get_dashboard_data",
		lambda meta: frappe._dict(
			fieldname="grid", transactions=[{"items": ["Grid Worker"]}], non_standard_fieldnames={}
		),
	)
	frappe.db.set_value("Grid Worker", world.secret.name, "grid", world.town.villages[0].name)
	check(
		world,
		lambda: call(
			"frappe.desk.notifications.get_open_count", doctype="Grid", name=world.town.villages[0].name
		),
		lambda answer: [row["count"] for _linked, row in compat.counted_connections(answer)] == [2],
	)


def test_a_column_is_added_to_the_rows_asked_for(world):
	frappe.set_user(world.reader)
	asked = json.dumps([world.own.name, world.secret.name])
	assert set(wrappers.values_by_name(None, "Grid Worker", "worker_name", asked)) == {world.own.name}
	assert world.secret.name not in wrappers.values_by_name(None, "Grid Worker", "worker_name")


def test_assignees_are_counted_in_scope(world):
	outside(world, "ToDo", allocated_to=world.other, status="Open")
	check(
		world,
		lambda: call("frappe.desk.listview.get_group_by_count", "Grid Worker", "[]", "assigned_to"),
		world.other,
	)


def test_events_and_user_permissions_are_ones_own(world):
	insert(
		"Event",
		subject=SECRET,
		owner=world.other,
		event_type="Private",
		status="Open",
		starts_on=now_datetime(),
		ends_on=now_datetime(),
	)
	insert("User Permission", user=world.other, allow="Grid", for_value=world.town.villages[1].name)
	frappe.cache.hdel("user_permissions", world.other)
	day = nowdate()
	check(
		world, lambda: call("frappe.desk.doctype.event.event.get_events", day, day, user=world.other), SECRET
	)
	check(
		world,
		lambda: call(
			"frappe.core.doctype.user_permission.user_permission.get_user_permissions", user=world.other
		),
		world.town.villages[1].name,
	)
	frappe.cache.hdel("user_permissions", world.other)


def test_passwords_are_given_to_nobody(world):
	frappe.utils.password.set_encrypted_password("User", world.reader, "geheim", "api_secret")
	check(
		world,
		lambda: call("frappe.client.get_password", "User", world.reader, "api_secret"),
		"geheim",
		user="Administrator",
	)


@pytest.mark.parametrize("path", [path for path in table.CLOSED if path != "frappe.client.get_password"])
def test_closed_doors_refuse_whoever_is_no_system_manager(world, path):
	_owner, _name, method = standing(path)
	given = dict.fromkeys(inspect.signature(method).parameters, "x")
	frappe.set_user(world.reader)
	with pytest.raises(frappe.PermissionError):
		method(**given)


def test_followers_who_left_are_told_nothing(world):
	outside(world, "Document Follow", user=world.reader)
	check(
		world,
		lambda: call("frappe.desk.form.document_follow.get_document_followed_by_user", world.reader),
		world.secret.name,
	)


CHECKED = {
	"frappe.automation.doctype.auto_repeat.auto_repeat.make_auto_repeat": ("doctype", "docname"),
	"frappe.client.is_document_amended": ("doctype", "docname"),
	"frappe.core.doctype.submission_queue.submission_queue.get_latest_submissions": ("doctype", "docname"),
	"frappe.desk.doctype.tag.tag.remove_tag": ("dt", "dn"),
	"frappe.desk.form.assign_to.close": ("doctype", "name"),
	"frappe.desk.form.assign_to.remove": ("doctype", "name"),
	"frappe.printing.page.print.print.get_print_settings_to_show": ("doctype", "docname"),
	"frappe.social.doctype.energy_point_log.energy_point_log.get_reviews": ("doctype", "docname"),
	"frappe.templates.includes.comments.comments.add_comment": ("reference_doctype", "reference_name"),
	"frappe.templates.includes.likes.likes.like": ("reference_doctype", "reference_name"),
	"frappe.utils.file_manager.add_attachments": ("doctype", "name"),
	"frappe.website.doctype.discussion_topic.discussion_topic.submit_discussion": ("doctype", "docname"),
}


@pytest.mark.parametrize("path", CHECKED)
def test_methods_that_take_a_document_ask_for_it_first(world, path):
	_owner, _name, method = standing(path)
	given = dict.fromkeys(inspect.signature(method).parameters, "x")
	given.update(zip(CHECKED[path], ("Grid Worker", world.secret.name), strict=True))
	frappe.set_user(world.reader)
	with pytest.raises(frappe.PermissionError):
		method(**given)
