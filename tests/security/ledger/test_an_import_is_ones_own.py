"""An import is worked on by whoever uploaded it, with her own file, in her own grids; what the room says of it nobody forges."""

import io
import json
from collections.abc import Callable
from typing import Any

import frappe
import openpyxl
import pytest

from grid_governance.grid_ledger.importing import columns
from tests.factories import (
	make_assignment,
	make_citizen_number,
	make_holder,
	make_photo,
	make_post,
	make_user,
	seeded,
)
from tests.security.ledger.conftest import COLUMN, HOUSEHOLD, IMPORT, LINE, RESIDENT, SECRET
from tests.security.ledger.imports import head, planned, told, written
from tests.web import Answer, call, request

DESK = "grid_governance.grid_ledger.importing.desk."

METHODS: dict[str, dict[str, Any]] = {
	"look": {},
	"choices": {},
	"check": {"columns": "{}"},
	"write": {},
	"cancel": {},
	"answer": {"choice": "Leave Out"},
	"clear": {},
}


def others(world: frappe._dict) -> dict[str, str]:
	"""All but the uploader, with her colleague and the office above, and the site's administrator."""
	administrator = make_user()
	frappe.get_doc("User", administrator).add_roles("Governance Administrator", "Governance Auditor")
	return {**world.outsiders, **world.inside, "office": world.office, "administrator": administrator}


def standing(world: frappe._dict) -> list[Any]:
	"""What a step would change of the import, its rows and its files."""
	doc = frappe.get_doc(IMPORT, world.kept[IMPORT])
	line = frappe.db.get_value(LINE, world.kept[LINE], "*", as_dict=True)
	files = frappe.get_all("File", {"attached_to_name": doc.name}, pluck="file_url", order_by="name asc")
	return [doc.as_dict(convert_dates_to_str=True), dict(line), files]


@pytest.mark.parametrize("method", METHODS)
def test_its_steps_are_taken_by_nobody_else(world, method):
	given = {"name": world.kept[IMPORT], **METHODS[method]}
	if method == "answer":
		given["line"] = world.kept[LINE]
	before = standing(world)
	for who, user in [*others(world).items(), ("nobody", "Guest")]:
		http = "GET" if method == "choices" else "POST"
		answer = call(user, DESK + method, http=http, **given)
		assert answer.status == 403, (who, answer.text)
		assert SECRET not in answer.text
	assert standing(world) == before
	if method != "cancel":  # nothing is to be cancelled
		answer = call(world.uploader, DESK + method, http="GET" if method == "choices" else "POST", **given)
		assert answer.status in (200, 417), answer.fault or answer.text
		assert answer.status == 200 or method == "check", answer.text


def test_whose_post_has_ended_has_no_import_any_more(world):
	worker = frappe.db.get_value("Grid Worker", {"user": world.uploader})
	for name in frappe.get_all("Grid Post Assignment", {"worker": worker}, pluck="name", order_by="name asc"):
		held = frappe.get_doc("Grid Post Assignment", name)
		held.to_date = "2020-02-01"
		held.save()
	for method, given in METHODS.items():
		if method != "answer":
			answer = call(world.uploader, DESK + method, name=world.kept[IMPORT], **given)
			assert answer.status == 403, method
	assert request(world.uploader, "GET", f"/api/resource/{IMPORT}").message in ([], None)


FORGED: dict[str, Any] = {
	"state": "Writing",
	"stage": "Writing",
	"position": 7,
	"parts": 9,
	"rows_new": 99,
	"started_at": "2020-01-01 00:00:00",
	"error": "<img src=x onerror=alert(1)>",
	"file_name": "<img src=x onerror=alert(1)>",
	"refused_file": "/private/files/x.xlsx",
	"outcome_file": "/private/files/x.xlsx",
	"cleared_on": "2020-01-01",
	"columns": [{"sheet": 0, "position": 0, "target": "Resident.merged_into", "taken": 1, "heading": "<b>"}],
	"flags": {"by_room": 1},
}


def test_what_the_room_says_of_it_is_not_forged(world):
	for user in (world.secretary, world.uploader):
		grid = world.near_village if user == world.secretary else world.village
		sent = {"doctype": IMPORT, "grid": grid, "owner": "Administrator", **FORGED}
		for answer in (
			request(user, "POST", f"/api/resource/{IMPORT}", data=sent),
			call(user, "frappe.client.insert", doc=sent),
			call(user, "frappe.desk.form.save.savedocs", doc={**sent, "__islocal": 1}, action="Save"),
		):
			assert answer.status == 200, answer.text
			made = answer.message if answer.message else json.loads(answer.body)["docs"][0]
			doc = frappe.get_doc(IMPORT, made["name"])
			assert (doc.owner, doc.state, doc.columns, doc.position, doc.rows_new) == (
				user,
				"Draft",
				[],
				0,
				0,
			)
			assert not (doc.refused_file or doc.outcome_file or doc.error or doc.started_at or doc.file_name)
			request(user, "PUT", f"/api/resource/{IMPORT}/{doc.name}", data=FORGED)
			call(user, "frappe.client.set_value", doctype=IMPORT, name=doc.name, fieldname=FORGED)
			again = frappe.get_doc(IMPORT, doc.name)
			assert (again.state, again.columns, again.position, again.refused_file) == ("Draft", [], 0, None)


def test_it_lies_in_ones_own_grids(world):
	"""Where her post lets her enter people; a second post of another kind elsewhere opens nothing there."""
	both = make_holder("Village Secretary", world.near_village)
	worker = frappe.db.get_value("Grid Worker", {"user": both})
	make_assignment(worker, make_post("Grid Member").name, world.grid)
	refused = {
		"outside": (world.secretary, world.grid),
		"village outside": (world.secretary, world.village),
		"township": (world.secretary, world.town.root.name),
		"member": (world.member, world.near),
		"member with a post of a secretary elsewhere": (both, world.grid),
		"officer of a department": (
			world.outsiders["officer of a department"],
			world.town.root.name,
		),
		"somebody without a post": (world.outsiders["somebody without a post"], world.near),
	}
	count = frappe.db.count(IMPORT)
	for who, (user, grid) in refused.items():
		assert request(user, "POST", f"/api/resource/{IMPORT}", grid=grid).status == 403, who
	assert frappe.db.count(IMPORT) == count
	own = request(both, "POST", f"/api/resource/{IMPORT}", grid=world.near_village).message["name"]
	assert request(both, "PUT", f"/api/resource/{IMPORT}/{own}", grid=world.grid).refused
	assert frappe.db.get_value(IMPORT, own, "grid") == world.near_village


def own_import(world: frappe._dict, user: str, grid: str) -> str:
	return request(user, "POST", f"/api/resource/{IMPORT}", grid=grid).message["name"]


ADDRESSES: dict[str, Callable[[frappe._dict], str]] = {
	"file of another import": lambda w: w.file,
	"rows that came back to another": lambda w: w.refused,
	"photo of somebody": lambda w: w.photo.file_url,
	"guessed": lambda w: "/private/files/geraten.xlsx",
	"outside the folder": lambda w: "/files/../../site_config.json",
	"outside the private folder": lambda w: "/private/files/../../site_config.json",
	"encoded": lambda w: "/files/%2e%2e/%2e%2e/site_config.json",
	"of the machine": lambda w: "file:///etc/passwd",
	"path": lambda w: "/etc/passwd",
	"of the network": lambda w: "http://127.0.0.1:9/x.xlsx",
	"another's by a way round": lambda w: "/files/../private" + w.file.removeprefix("/private"),
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_its_file_is_ones_own(world, address):
	"""Neither named in the field, nor brought as a file with an address in the place of its content."""
	url = ADDRESSES[address](world)
	for user, grid in (
		(world.secretary, world.near_village),
		(world.inside["Village Secretary"], world.village),
	):
		name = own_import(world, user, grid)
		attached = {"attached_to_doctype": IMPORT, "attached_to_name": name, "attached_to_field": "file"}
		sent = request(
			user, "POST", "/api/resource/File", file_url=url, is_private=1, file_name="a.xlsx", **attached
		)
		put = request(user, "PUT", f"/api/resource/{IMPORT}/{name}", file=url)
		assert put.status < 500, put.fault
		look = call(user, DESK + "look", name=name)
		assert 400 <= look.status < 500, look.fault or look.text
		for answer in (sent, put, look):
			assert SECRET not in answer.text.replace(url, "").replace(SECRET + "-file", "")
			assert "db_password" not in answer.text
		assert frappe.db.count(COLUMN, {"parent": name}) == 0


def test_ones_own_file_is_read(world):
	"""Or else that others' are not proves nothing; and what stands in it is kept with its numbers masked."""
	answer = call(world.uploader, DESK + "look", name=world.kept[IMPORT])
	assert answer.status == 200, answer.fault or answer.text
	doc = frappe.get_doc(IMPORT, world.kept[IMPORT])
	assert [column.heading for column in doc.columns] == ["姓名", "身份证号"]
	assert doc.columns[1].target == "Resident Identity.id_number"
	assert world.number not in frappe.as_json(doc)
	assert world.number[6:14] not in doc.columns[1].example


COLUMNS: dict[str, str] = {
	"name": '{"0:0": "Resident.name"}',
	"owner": '{"0:0": "Resident.owner"}',
	"path": '{"0:0": "Resident.grid_path"}',
	"grid": '{"0:0": "Resident.grid"}',
	"household": '{"0:0": "Resident.household"}',
	"merged person": '{"0:0": "Resident.merged_into"}',
	"anonymised": '{"0:0": "Resident.anonymised_on"}',
	"hash": '{"0:1": "Resident Identity.id_number_hash"}',
	"masked": '{"0:1": "Resident Identity.id_number_masked"}',
	"who looked at it": '{"0:1": "Resident Identity.verified_by"}',
	"level of care": '{"0:1": "Resident Care.is_sensitive"}',
	"head": '{"0:0": "Household.head"}',
	"members": '{"0:0": "Household.member_count"}',
	"other DocType": '{"0:0": "User.enabled"}',
	"grid itself": '{"0:0": "Grid.grid_path"}',
	"no object": "[]",
	"number": "1",
	"text": '"x"',
	"nothing": "null",
	"no JSON": "{",
	"target that is none": '{"0:0": {"a": 1}}',
	"list of targets": '{"0:0": ["Resident.resident_name"]}',
	"number for a target": '{"0:0": 5}',
}


@pytest.mark.parametrize("columns", COLUMNS)
def test_no_column_fills_what_people_do_not(world, columns):
	assert call(world.uploader, DESK + "look", name=world.kept[IMPORT]).status == 200
	before = standing(world)
	answer = call(world.uploader, DESK + "check", name=world.kept[IMPORT], columns=COLUMNS[columns])
	assert answer.status == 417, answer.fault or answer.text
	assert standing(world) == before


def test_an_answer_is_one_of_those_offered(world):
	line = {"name": world.kept[IMPORT], "line": world.kept[LINE]}
	own = own_import(world, world.secretary, world.near_village)
	foreign = frappe.copy_doc(frappe.get_doc(LINE, world.kept[LINE]))
	foreign.update({"name": frappe.generate_hash(length=10), "ledger_import": own, "owner": world.secretary})
	foreign.db_insert()
	refused = {
		"a record that is not offered": (
			world.uploader,
			{**line, "choice": "This Record", "record": world.own_head},
		),
		"no record": (world.uploader, {**line, "choice": "This Record"}),
		"a choice that is none": (world.uploader, {**line, "choice": "Overwrite"}),
		"a row of another import": (world.uploader, {**line, "line": foreign.name, "choice": "Leave Out"}),
		"another's row through one's own": (world.secretary, {**line, "name": own, "choice": "Leave Out"}),
		"a row that is none": (world.uploader, {**line, "line": "x", "choice": "New Record"}),
	}
	for why, (user, given) in refused.items():
		answer = call(user, DESK + "answer", **given)
		assert answer.status == 417, (why, answer.fault or answer.text)
		assert SECRET not in answer.text
		for name in (world.kept[LINE], foreign.name):
			assert not frappe.db.get_value(LINE, name, "answer"), why
	frappe.db.set_value(LINE, world.kept[LINE], "verdict", "Refused")
	answer = call(world.uploader, DESK + "answer", **line, choice="New Record")
	assert answer.status == 417
	frappe.db.set_value(LINE, world.kept[LINE], "verdict", "To Be Decided")
	answer = call(world.uploader, DESK + "answer", **line, choice="This Record", record=world.kept[RESIDENT])
	assert answer.status == 200, answer.fault or answer.text
	assert frappe.db.get_value(LINE, world.kept[LINE], "answer_record") == world.kept[RESIDENT]


WRITES: dict[str, Callable[[str, str, dict], Answer]] = {
	"PUT": lambda user, name, given: request(user, "PUT", f"/api/resource/{LINE}/{name}", **given),
	"set_value": lambda user, name, given: call(
		user, "frappe.client.set_value", doctype=LINE, name=name, fieldname=given
	),
	"form": lambda user, name, given: call(
		user,
		"frappe.desk.form.save.savedocs",
		doc={**frappe.get_doc(LINE, name).as_dict(convert_dates_to_str=True), **given},
		action="Save",
	),
	"delete": lambda user, name, given: call(user, "frappe.client.delete", doctype=LINE, name=name),
	"new": lambda user, name, given: request(
		user, "POST", f"/api/resource/{LINE}", ledger_import="x", row_no=9, sheet=0, **given
	),
}


@pytest.mark.parametrize("way", WRITES)
def test_its_rows_are_written_by_nobody(world, way):
	"""Not even by whoever uploaded them: candidates and answers would be of her making."""
	before, count = standing(world), frappe.db.count(LINE)
	given = {"answer": "This Record", "answer_record": world.own_head, "details": "{}", "verdict": "New"}
	answer = WRITES[way](world.uploader, world.kept[LINE], given)
	assert 400 <= answer.status < 500, answer.fault or answer.text
	assert standing(world) == before
	assert frappe.db.count(LINE) == count


@pytest.mark.parametrize("field", ["file", "refused_file", "outcome_file"])
def test_its_files_are_opened_by_nobody_else(world, field):
	frappe.set_user(world.uploader)
	attached = {"attached_to_doctype": IMPORT, "attached_to_name": world.kept[IMPORT]}
	content = f"姓名,身份证号,{field}\n{SECRET},{world.number},\n".encode()
	url = make_photo(file_name="x.csv", content=content, attached_to_field=field, **attached).file_url
	frappe.set_user("Administrator")
	assert request(world.uploader, "GET", url).status == 200
	name = frappe.db.get_value("File", {"file_url": url})
	for who, user in [*others(world).items(), ("nobody", "Guest")]:
		for answer in (
			request(user, "GET", url),
			request(user, "GET", url, fid=name),
			request(user, "GET", url.replace("/private/", "/")),
			call(user, "frappe.handler.download_file", http="GET", file_url=url),
			call(user, "frappe.utils.file_manager.download_file", http="GET", file_url=url),
			request(user, "GET", f"/api/resource/File/{name}"),
			request(user, "DELETE", f"/api/resource/File/{name}"),
		):
			assert answer.refused, who
			assert world.number not in answer.text
	assert frappe.db.exists("File", name)


def test_a_file_that_is_sent_to_it_is_private(world):
	sent = call(
		world.uploader,
		"upload_file",
		files={"file": ("a.csv", "姓名\n张三\n".encode())},
		doctype=IMPORT,
		docname=world.kept[IMPORT],
		fieldname="file",
		is_private="0",
	)
	assert sent.status == 200, sent.text
	assert sent.message["file_url"].startswith("/private/")
	loose = call(
		world.secretary, "upload_file", files={"file": ("b.csv", "姓名\n李四\n".encode())}, is_private="0"
	).message
	name = own_import(world, world.secretary, world.near_village)
	put = request(world.secretary, "PUT", f"/api/resource/{IMPORT}/{name}", file=loose["file_url"])
	assert put.status == 200, put.text
	assert put.message["file"].startswith("/private/")


def test_a_template_has_the_columns_and_the_places_of_who_asks(world):
	def places(user: str) -> set[str]:
		answer = call(user, DESK + "template", what="Households and People")
		assert answer.status == 200, answer.text
		sheets = openpyxl.load_workbook(io.BytesIO(answer.body)).worksheets
		shown = {cell.value for sheet in sheets for row in sheet.iter_rows() for cell in row}
		grids = (world.grid, world.near, world.village, world.near_village)
		return {grid for grid in grids if frappe.db.get_value("Grid", grid, "grid_name") in shown}

	assert places(world.secretary) == {world.near, world.near_village}
	assert places(world.outsiders["somebody without a post"]) == set()
	for user in (world.member, "Guest"):
		assert call(user, DESK + "template", what="Households and People").refused
	assert call(world.office, DESK + "template", what="Resident Identity").refused
	for what in ("x", "../x", "", "User"):
		assert call(world.office, DESK + "template", what=what).status == 404


OUTSIDE: dict[str, Callable[[frappe._dict], dict[str, str]]] = {
	"village and name": lambda w: head(w.grid),
	"name alone": lambda w: head(w.grid) | {"Grid.village": ""},
	"code": lambda w: {"Grid.code": frappe.db.get_value("Grid", w.grid, "grid_code")},
	"code of the village": lambda w: {"Grid.code": w.village},
	"own village, their grid": lambda w: {
		"Grid.village": frappe.db.get_value("Grid", w.near_village, "grid_name"),
		"Grid.name": frappe.db.get_value("Grid", w.grid, "grid_name"),
	},
	"record": lambda w: {"Grid.name": w.grid, "Grid.code": ""},
}


@pytest.mark.parametrize("place", OUTSIDE)
def test_no_row_lies_outside(world, place):
	"""A place that others work in is refused with the words for one that there is not."""
	wrong = {"Grid.village": "无此村", "Grid.name": "无此格", "Grid.code": "999999999999999"}
	there = {key: value for key, value in OUTSIDE[place](world).items() if key.startswith("Grid.")}
	nowhere = {
		key: wrong[key]
		if value and value != frappe.db.get_value("Grid", world.near_village, "grid_name")
		else value
		for key, value in there.items()
	}
	answers = []
	for names in (there, nowhere):
		row = {key: value for key, value in head(world.near).items() if not key.startswith("Grid.")}
		part = planned(world.secretary, world.near_village, row | names)
		assert written(part) == {}
		said = json.dumps(told(part), ensure_ascii=False)
		assert '"verdict": "Refused"' in said
		for key in sorted(names, key=lambda key: -len(names[key])):
			if names[key]:
				said = said.replace(names[key], key)
		answers.append(said)
	assert answers[0] == answers[1]


def test_nothing_is_planned_below_a_grid_of_others(world):
	"""Whatever the root: what nobody lets her enter is not entered, and nobody there is found."""
	number = frappe.db.get_value(HOUSEHOLD, world.kept[HOUSEHOLD], "household_no")
	for user in (world.secretary, world.member, world.inside["Grid Instructor"]):
		for no in (number, "990077"):
			row = head(world.grid, no) | {
				"Resident.resident_name": "公羊乙",
				"Resident Contact.phone": "13911110000",
			}
			part = planned(user, world.town.root.name, row)
			assert written(part) == {}
			assert SECRET not in json.dumps(told(part), ensure_ascii=False)


def test_rows_of_one_file_in_two_places_keep_their_levels(world):
	"""Secretary here and member there: numbers and sensitive care are written here only."""
	both = make_holder("Village Secretary", world.near_village)
	worker = frappe.db.get_value("Grid Worker", {"user": both})
	make_assignment(worker, make_post("Grid Member").name, world.grid)
	care = f"Resident Care.{seeded('care_category/disabled')}"
	rows = [
		head(grid, f"99010{at}") | {"Resident.resident_name": "公羊丙", key: value}
		for at, (grid, key, value) in enumerate(
			(grid, key, value)
			for grid in (world.near, world.grid)
			for key, value in (("Resident Identity.id_number", make_citizen_number()), (care, "是"))
		)
	]
	part = planned(both, world.town.root.name, *rows)
	assert [each["verdict"] for each in told(part)] == ["New", "New", "Refused", "Refused"]
	assert {row["grid"] for rows_ in part.new.values() for row in rows_ if "grid" in row} == {world.near}
	assert len(part.secrets) == 1


def test_a_file_of_others_is_not_hung_on_ones_import_by_its_name(world):
	"""Its name alone, as the form sends it when a file was chosen from those that are there."""
	name = own_import(world, world.secretary, world.near_village)
	loose = make_photo(file_name="x.csv", content=b"a,b\n")
	answer = call(
		world.secretary,
		"frappe.client.set_value",
		doctype="File",
		name=loose.name,
		fieldname={"attached_to_doctype": IMPORT, "attached_to_name": name},
	)
	assert answer.refused
	assert frappe.db.get_value("File", loose.name, "attached_to_name") != name
	assert request(world.secretary, "PUT", f"/api/resource/File/{loose.name}", is_private=0).refused
	assert frappe.db.get_value("File", loose.name, "is_private")


ASIDE: dict[str, Callable[[frappe._dict, str], Answer]] = {
	"columns": lambda w, user: call(
		user, "frappe.client.get_list", doctype=COLUMN, parent=IMPORT, fields=["example", "heading"]
	),
	"columns of the list": lambda w, user: call(
		user,
		"frappe.desk.reportview.get",
		doctype=IMPORT,
		fields=[f"`tab{IMPORT}`.`name`", f"`tab{COLUMN}`.`example`"],
	),
	"filter by a column": lambda w, user: call(
		user, "frappe.client.get_list", doctype=IMPORT, filters=[[COLUMN, "example", "=", SECRET]]
	),
	"rows by the import": lambda w, user: call(
		user,
		"frappe.client.get_list",
		doctype=LINE,
		filters={"ledger_import": w.kept[IMPORT]},
		fields=["who", "ledger_import.file_name"],
	),
	"connections": lambda w, user: call(
		user, "frappe.desk.form.linked_with.get", doctype=IMPORT, docname=w.kept[IMPORT]
	),
	"what hangs on the grid": lambda w, user: call(
		user, "frappe.desk.form.linked_with.get", doctype="Grid", docname=w.village
	),
	"files": lambda w, user: request(
		user, "GET", "/api/resource/File", fields=["file_url"], filters={"attached_to_doctype": IMPORT}
	),
	"search of files": lambda w, user: call(
		user, "frappe.core.api.file.get_files_by_search_text", text=SECRET
	),
}


@pytest.mark.parametrize("way", ASIDE)
def test_nor_are_its_parts_found_aside(world, way):
	secrets = (SECRET, world.kept[IMPORT], world.kept[LINE])
	shown = ASIDE[way](world, world.uploader)
	assert [secret for secret in secrets if secret in shown.text], "not even its owner finds anything"
	for who, user in others(world).items():
		if who in ("Village Secretary", "office", "administrator", *world.outsiders):
			answer = ASIDE[way](world, user)
			found = "" if answer.refused else answer.text  # a refusal says the name that was sent
			for secret in (world.kept[IMPORT], world.kept[LINE], f"{SECRET} 表头", f"{SECRET}-file"):
				assert secret not in found, who
			assert way not in ("columns", "columns of the list") or SECRET not in found, who


def test_nobody_else_hears_how_far_it_is(world):
	for who, user in [*others(world).items(), ("nobody", "Guest")]:
		room = {"doctype": IMPORT, "docname": world.kept[IMPORT]}
		assert call(user, "frappe.realtime.can_subscribe_doc", http="GET", **room).refused, who


FIELDS: dict[str, dict[str, Any]] = {
	**{
		kind: {"fieldtype": kind}
		for kind in (
			*("Attach", "Attach Image", "HTML", "HTML Editor", "Text Editor", "Code", "Markdown Editor"),
			*("JSON", "Password", "Signature", "Geolocation", "Button", "Dynamic Link"),
		)
	},
	"person": {"fieldtype": "Link", "options": RESIDENT},
	"household": {"fieldtype": "Link", "options": HOUSEHOLD},
	"grid": {"fieldtype": "Link", "options": "Grid"},
	"table": {"fieldtype": "Table", "options": "Resident Skill"},
	"read only": {"fieldtype": "Data", "read_only": 1},
	"hidden": {"fieldtype": "Data", "hidden": 1},
	"computed": {"fieldtype": "Data", "is_virtual": 1},
	"fetched": {"fieldtype": "Data", "fetch_from": "household.address"},
	"above her level": {"fieldtype": "Data", "permlevel": 1},
	"users": {"fieldtype": "Link", "options": "User"},
	"workers": {"fieldtype": "Link", "options": "Grid Worker"},
}
"""Fields that an administrator may add."""


@pytest.mark.parametrize("field", FIELDS)
def test_no_added_field_opens_more_than_its_form(world, monkeypatch, field):
	df = frappe.get_doc(
		{"doctype": "DocField", "parent": RESIDENT, "fieldname": "added", "label": "添加", **FIELDS[field]}
	)
	df.is_custom_field = 1
	meta = frappe.get_meta(RESIDENT)
	monkeypatch.setattr(meta, "fields", [*meta.fields, df])
	monkeypatch.setitem(meta._fields, "added", df)
	frappe.set_user(world.secretary)
	target = columns.targets(columns.PEOPLE).get(f"{RESIDENT}.added")
	if target and field in ("users", "workers"):
		assert not {world.uploader, world.worker, *world.inside.values()} & set(target.words.values())
		return
	assert not (target and target.may_write)
