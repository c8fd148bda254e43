"""The data of the suite `visit_save`: a township with a year of visits, and two grid members who go on visiting.

33 villages, 200 grids, 60,000 households with a head each, 720,000 visits, a notice on its way to every household. Households,
visits and deliveries stand once more in custom DocTypes with the same fields, an index on each Link that is looked up by and
what Frappe makes by itself; their writers are bound to a grid by a User Permission.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import frappe
from frappe.custom.doctype.property_setter.property_setter import make_property_setter

from benchmarks.bulk_load import indexes_later
from grid_governance import scope
from grid_governance.grid_issues import ISSUE
from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_structure.actions import tree
from grid_governance.grid_structure.rules import GRID, TOWNSHIP, VILLAGE
from grid_governance.grid_visits import DELIVERY, MUST_VISIT, NOTICE, ROUND, ROUND_HOUSEHOLD, VISIT
from grid_governance.grid_visits.notices import stages
from grid_governance.scope.registry import LIMIT, UNLIMITED

TOWN = "990104101"
VILLAGES, GRIDS, HOUSEHOLDS = 33, 200, 60_000
VISITS = 720_000
MONTHS = VISITS // HOUSEHOLDS
WRITERS = ("writer-one-visits@example.com", "writer-two-visits@example.com")
PLAIN_WRITERS = ("plain-one-visits@example.com", "plain-two-visits@example.com")
PLAIN_ROLE = "Plain Visit Writer"
PLAIN = {
	HOUSEHOLD: "Plain Visit Household",
	VISIT: "Plain Household Visit",
	ISSUE: "Plain Visit Matter",
	DELIVERY: "Plain Visit Delivery",
}
PERSON, PLAIN_PERSON = "Visit Person", "Plain Visit Person"
INDEXED = ("grid", "household")
"""Links that are looked up by, which a plain DocType would be given an index for."""

NOTICE_NAME = "NT-BENCHMARK"
LOADED = "grid_benchmark_visits"
MADE = "bench-"
"""How the keys begin of the visits that the suite makes, which are taken away after each run."""


@dataclass(frozen=True)
class Writer:
	"""Who visits: a grid member of ours and one of stock Frappe, both in the same grid, and the category they report."""

	ours: str
	stock: str
	grid: str
	category: str


def writers() -> list[Writer]:
	"""Return the writers, each in a grid of another village. Needs the data."""
	category = frappe.get_all(
		"Issue Category",
		filters={"is_group": 0, "active": 1},
		pluck="name",
		order_by="code asc",
		limit_page_length=1,
	)[0]
	places = leaves()
	grids = (places[0][0], places[-1][0])
	return [
		Writer(ours, stock, grid, category)
		for ours, stock, grid in zip(WRITERS, PLAIN_WRITERS, grids, strict=True)
	]


def ensure() -> None:
	"""Load the data unless this very data is there. Takes some minutes."""
	version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
	if frappe.db.get_global(LOADED) == version and frappe.db.count(VISIT) >= VISITS:
		forget()
		return
	for step in (_remove, _make_tree, _fill, _make_stock, _make_writers):
		step()
		scope.forget()
		frappe.db.commit()
	frappe.clear_cache()
	for doctype in (*PLAIN, *PLAIN.values(), RESIDENT, ROUND, ROUND_HOUSEHOLD):
		frappe.db.sql_ddl(f"analyze table `tab{doctype}`")
	frappe.db.set_global(LOADED, version)
	frappe.db.commit()


def forget() -> None:
	"""Take away what the suite has made, so that it finds the same table again."""
	made = frappe.get_all(
		VISIT, filters={"client_key": ["like", f"{MADE}%"]}, pluck="name", order_by="name asc"
	)
	for child in ("Visit Effect", PERSON):
		frappe.db.delete(child, {"parent": ["in", made or [""]]})
	frappe.db.delete(VISIT, {"name": ["in", made or [""]]})
	issues = frappe.get_all(ISSUE, filters={"owner": ["in", WRITERS]}, pluck="name", order_by="name asc")
	for doctype, field in (
		("Issue Log", "issue"),
		("Workflow Action", "reference_name"),
		("Notification Log", "document_name"),
		("Digest Entry", "document_name"),
		(ISSUE, "name"),
	):
		frappe.db.delete(doctype, {field: ["in", issues or [""]]})
	again = {"state": "Sent", "told_at": None, "told_by": None, "visit": None}
	frappe.db.set_value(DELIVERY, {"state": "Told"}, again)
	frappe.db.set_value(NOTICE, NOTICE_NAME, "told", 0)
	if frappe.db.table_exists(PLAIN[VISIT]):
		for doctype in (PLAIN[VISIT], PLAIN[ISSUE], PLAIN_PERSON):
			frappe.db.delete(doctype, {"owner": ["in", PLAIN_WRITERS]})
		frappe.db.set_value(PLAIN[DELIVERY], {"state": "Told"}, again)
	frappe.db.commit()


def leaves() -> list[tuple[str, str]]:
	"""Return the grids as (name, path), in the order of their paths."""
	level = frappe.db.get_value("Grid Level", {"position": GRID})
	return frappe.get_all(
		"Grid",
		filters={"grid_level": level, "grid_code": ("like", f"{TOWN}%")},
		fields=["name", "grid_path"],
		order_by="grid_path asc",
		as_list=True,
	)


def deliveries(grid: str) -> list[tuple[str, str]]:
	"""Return what is to be told in *grid*, as (household, delivery)."""
	return frappe.get_all(
		DELIVERY,
		filters={"notice": NOTICE_NAME, "grid": grid, "state": "Sent"},
		fields=["household", "name"],
		order_by="household asc",
		as_list=True,
		limit_page_length=0,
	)


def _remove() -> None:
	"""Empty what the suite fills, whatever was left of an interrupted or older load."""
	frappe.db.set_global(LOADED, "")
	forget()
	for doctype in (VISIT, PERSON, "Visit Effect", DELIVERY, ROUND, ROUND_HOUSEHOLD, MUST_VISIT):
		frappe.db.truncate(doctype)
	within = {"grid": ("like", f"{TOWN}%")}
	frappe.db.delete(NOTICE, {"name": NOTICE_NAME})
	for doctype in (RESIDENT, HOUSEHOLD):
		frappe.db.delete(doctype, within)
	for doctype in ("Grid Post Assignment", "Grid Worker"):
		frappe.db.delete(doctype, {"user": ["in", WRITERS]})
	frappe.db.delete("Grid", {"name": ("like", f"{TOWN}%")})
	for doctype in (*PLAIN.values(), PLAIN_PERSON):
		if frappe.db.exists("DocType", doctype):
			frappe.delete_doc("DocType", doctype, force=True)
		frappe.db.sql_ddl(f"drop table if exists `tab{doctype}`")


def _make_tree() -> None:
	tree.insert_nodes(list(_nodes()))


def _nodes() -> Iterator[dict[str, object]]:
	levels = dict(
		frappe.get_all("Grid Level", fields=["position", "name"], as_list=True, order_by="position asc")
	)
	yield _node(TOWN, levels[TOWNSHIP], None)
	for village in range(VILLAGES):
		yield _node(f"{TOWN}{village + 1:03}", levels[VILLAGE], TOWN)
	for grid in range(GRIDS):
		village = f"{TOWN}{grid % VILLAGES + 1:03}"
		code = f"{village}{grid // VILLAGES + 1:03}"
		yield {
			"grid_name": code,
			"grid_code": code,
			"grid_level": levels[GRID],
			"parent_grid": village,
		}


def _node(code: str, level: str, parent: str | None) -> dict[str, object]:
	values = {"grid_name": code, "grid_code": code, "division_code": code}
	return {**values, "grid_level": level, "parent_grid": parent}


def _fill() -> None:
	frappe.db.sql_ddl("drop temporary table if exists bench_leaves")
	frappe.db.sql_ddl(
		"create temporary table bench_leaves (place int primary key, name varchar(140), path varchar(32))"
	)
	rows = [(place, name, path) for place, (name, path) in enumerate(leaves())]
	frappe.db.sql(f"insert into bench_leaves values {', '.join(['%s'] * len(rows))}", rows)  # noqa: S608
	_fill_ledger()
	with indexes_later(VISIT):
		for month in range(MONTHS):
			_fill_month(month)
			frappe.db.commit()
	_fill_notice()


def _fill_ledger() -> None:
	stamps = "now(), now(), 'Administrator', 'Administrator'"
	source = f"""from seq_0_to_{HOUSEHOLDS - 1} numbers
		join bench_leaves leaf on leaf.place = numbers.seq * {GRIDS} div {HOUSEHOLDS}"""
	frappe.db.sql(
		f"""insert into `tab{HOUSEHOLD}` (name, creation, modified, modified_by, owner, household_no, title, grid,
			grid_path, address, residence_state, status, head, member_count)
		select concat('VH-', lpad(seq, 5, '0')), {stamps}, concat('V', seq), concat('王建国 · V', seq), leaf.name,
			leaf.path, concat('村东头 ', seq, ' 号'), 'Residing', 'Active', concat('VR-', lpad(seq, 5, '0')), 1 {source}"""
	)
	frappe.db.sql(
		f"""insert into `tab{RESIDENT}` (name, creation, modified, modified_by, owner, resident_name, pinyin, initials,
			sex, birth_date, household, relation_to_head, status, population_type, grid, grid_path)
		select concat('VR-', lpad(seq, 5, '0')), {stamps}, '王建国', 'wangjianguo', 'wjg', 'Male',
			date('1960-01-01') + interval mod(seq, 9000) day, concat('VH-', lpad(seq, 5, '0')), 'Head', 'Living Here',
			'Registered', leaf.name, leaf.path {source}"""
	)


def _fill_month(month: int) -> None:
	"""Write the visits of the month so many months ago."""
	frappe.db.sql(
		f"""insert into `tab{VISIT}` (name, creation, modified, modified_by, owner, household, grid, grid_path,
			visit_kind, outcome, visited_at, entered_at, note, client_key)
		select concat('VV-', lpad(%(start)s + seq, 7, '0')), at, at, 'Administrator', 'Administrator', home, grid, path,
			'Ordinary', if(mod(seq, 20), 'Met', 'Nobody Home'), at, at, '家中一切正常，无新增诉求。', concat('vv-', %(start)s + seq)
		from (
			select straight_join seq, concat('VH-', lpad(seq, 5, '0')) as home, leaf.name as grid, leaf.path as path,
				date(now()) - interval %(month)s + 1 month + interval mod(seq, 28) day
					+ interval mod(seq * 13, 660) + 420 minute as at
			from seq_0_to_{HOUSEHOLDS - 1} numbers
			join bench_leaves leaf on leaf.place = seq * {GRIDS} div {HOUSEHOLDS}
		) row""",  # noqa: S608
		{"month": month, "start": month * HOUSEHOLDS},
	)


def _fill_notice() -> None:
	place = frappe.db.get_value("Grid", TOWN, "grid_path")
	doc = frappe.get_doc(
		doctype=NOTICE,
		notice_title="眼科义诊",
		notice_type=frappe.get_all("Notice Type", pluck="name", order_by="name asc", limit_page_length=1)[0],
		content="周三上午在村委会。",
		grid=TOWN,
		workflow_state=stages.state_for(stages.SENT),
		recipients=HOUSEHOLDS,
	)
	doc.name, doc.grid_path = NOTICE_NAME, place
	doc.db_insert()
	frappe.db.sql(
		f"""insert into `tab{DELIVERY}` (name, creation, modified, modified_by, owner, notice, household, resident, state,
			grid, grid_path, sent_at, doorstep_at)
		select concat('VD-', lpad(seq, 5, '0')), now(), now(), 'Administrator', 'Administrator', %s,
			concat('VH-', lpad(seq, 5, '0')), '', 'Sent', leaf.name, leaf.path, now(), now()
		from seq_0_to_{HOUSEHOLDS - 1} numbers
		join bench_leaves leaf on leaf.place = numbers.seq * {GRIDS} div {HOUSEHOLDS}""",  # noqa: S608
		NOTICE_NAME,
	)


def _make_stock() -> None:
	if not frappe.db.exists("Role", PLAIN_ROLE):
		frappe.get_doc({"doctype": "Role", "role_name": PLAIN_ROLE, "desk_access": 1}).insert()
	person = {  # a link that is looked up, to what its writer may name
		"fieldname": "resident",
		"fieldtype": "Link",
		"options": PLAIN[HOUSEHOLD],
		"label": "Resident",
	}
	for ours, plain in PLAIN.items():
		if ours == VISIT:
			_plain_doctype(PLAIN_PERSON, [person], istable=1)
		fields = [
			field.as_dict()
			for field in frappe.get_meta(ours).fields
			if field.fieldtype not in frappe.model.table_fields and not field.is_virtual
		]
		made = [_plain_field(field) for field in fields]
		if ours == VISIT:
			people = {
				"fieldname": "residents_met",
				"fieldtype": "Table",
				"label": "Met",
				"options": PLAIN_PERSON,
			}
			made.append(people)
		_plain_doctype(plain, made)
		make_property_setter(plain, None, LIMIT, UNLIMITED, "Data", for_doctype=True)  # as without this app
		if ours == ISSUE:
			continue
		columns = ["name", "creation", "modified", "modified_by", "owner", "docstatus", "idx"]
		columns += [
			field["fieldname"] for field in fields if field["fieldtype"] in frappe.model.data_fieldtypes
		]
		listed = ", ".join(f"`{column}`" for column in columns)
		frappe.db.sql(f"insert into `tab{plain}` ({listed}) select {listed} from `tab{ours}`")  # noqa: S608
		frappe.db.commit()


def _plain_doctype(name: str, fields: list[dict[str, Any]], **more: object) -> None:
	rule = {"role": PLAIN_ROLE, "read": 1, "write": 1, "create": 1}
	frappe.get_doc(
		{
			"doctype": "DocType",
			"name": name,
			"custom": 1,
			"module": "Custom",
			"autoname": "hash",
			"sort_field": "modified",
			"sort_order": "DESC",
			"fields": fields,
			"permissions": [] if more else [rule],
			**more,
		}
	).insert()


def _plain_field(field: Mapping[str, Any]) -> dict[str, Any]:
	kept = ("fieldname", "fieldtype", "label", "options", "default", "reqd", "unique")
	plain = {key: field.get(key) for key in kept}
	if plain["fieldtype"] == "Link" and plain["options"] in PLAIN:
		plain["options"] = PLAIN[plain["options"]]
	return plain | {"search_index": int(field["fieldname"] in INDEXED)}


def _make_writers() -> None:
	frappe.flags.in_import = True  # Frappe refuses many new users of an hour
	role = "Grid Member"
	post = frappe.get_all(
		"Grid Post", filters={"role": role}, pluck="name", order_by="name asc", limit_page_length=1
	)[0]
	for writer in writers():
		_user(writer.ours, role)
		_user(writer.stock, PLAIN_ROLE)
		frappe.db.delete("User Permission", {"user": writer.stock})
		frappe.get_doc(
			{"doctype": "User Permission", "user": writer.stock, "allow": "Grid", "for_value": writer.grid}
		).insert()
		values = {"worker_name": "基准网格员", "grid": writer.grid, "user": writer.ours}
		worker = frappe.get_doc({"doctype": "Grid Worker", **values}).insert()
		frappe.get_doc(
			{
				"doctype": "Grid Post Assignment",
				"worker": worker.name,
				"post": post,
				"grid": writer.grid,
				"from_date": "2020-01-01",
			}
		).insert()
	frappe.flags.in_import = False


def _user(name: str, role: str) -> None:
	known = frappe.db.exists("User", name)
	user = (
		frappe.get_doc("User", name)
		if known
		else frappe.new_doc("User", email=name, first_name="Writer", send_welcome_email=0)
	)
	user.set("roles", [{"role": role}])
	user.save()
