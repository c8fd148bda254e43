"""The data of the suite `ledger_lists`: a town of 60,000 households and 180,000 people, and who reads them.

The town is that of the demo `shanyang`, made by the same generator: 33 villages, 200 grids of 300 households. Its
matters and most of its posts are left out. The same households and people, with their contacts and care, stand in
custom DocTypes with the same fields, an index on each Link by which they are looked up, and otherwise what Frappe makes
by itself; their readers are bound to a grid by a User Permission.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import frappe
from frappe.custom.doctype.property_setter.property_setter import make_property_setter
from frappe.utils import now_datetime

from grid_governance import scope
from grid_governance.grid_ledger import CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.scope.registry import LIMIT, UNLIMITED
from grid_governance.setup import demo
from grid_governance.setup.demo import ledger, manifest
from grid_governance.setup.demo.load import TOWNSHIPS, make

TOWN = "shanyang"
KNOWN_AS = "benchmark-ledger"
LOADED = "grid_benchmark_ledger"
STOCK_ROLE = "Plain Ledger Reader"
PLAIN = {
	HOUSEHOLD: "Plain Household",
	RESIDENT: "Plain Resident",
	CONTACT: "Plain Contact",
	CARE: "Plain Care",
}
BESIDE = (
	*("Resident Skill", "Household Change", "Household Change Member"),
	*("Grid Place", "Grid Facility", "Grid Organization"),
)
"""What the generator writes beside households and people."""

INDEXED = ("grid", "household", "resident")
"""Links that are looked up by, which a plain DocType would be given an index for."""

POSTS = {
	"grid member": ("Grid Member", "grid-member"),
	"township official": ("Township Office", "township-official"),
}


@dataclass(frozen=True)
class Reader:
	"""Who reads: a user of ours and one of stock Frappe with their API keys, and the grid that both are bound to."""

	name: str
	ours: str
	stock: str
	grid: str


def readers() -> list[Reader]:
	"""Return the readers. Needs the data."""
	found = []
	for name, (role, post) in POSTS.items():
		user, grid = frappe.get_all(
			"Grid Post Assignment",
			filters={"role": role, "name": ["in", manifest.stored(KNOWN_AS).rows["Grid Post Assignment"]]},
			fields=["user", "grid"],
			order_by="name asc",
			limit_page_length=1,
			as_list=True,
		)[0]
		found.append(Reader(name, user, f"stock-{post}@example.com", grid))
	return found


def ensure() -> None:
	"""Load the data unless this very data is there. Takes a few minutes."""
	sources = [Path(__file__), Path(ledger.__file__), TOWNSHIPS / f"{TOWN}.json"]
	version = hashlib.sha256(b"".join(each.read_bytes() for each in sources)).hexdigest()
	if frappe.db.get_global(LOADED) == version and _whole():
		return
	for step in (_remove, _make_town, _make_stock, _make_readers):
		step()
		scope.forget()
		frappe.db.commit()
	frappe.clear_cache()
	for doctype in (*PLAIN, *PLAIN.values(), IDENTITY, "Grid"):
		frappe.db.sql_ddl(f"analyze table `tab{doctype}`")
	frappe.db.set_global(LOADED, version)
	frappe.db.commit()


def _whole() -> bool:
	"""Whether another suite has left the town and its posts alone."""
	made = manifest.stored(KNOWN_AS)
	return bool(made) and all(
		frappe.db.count(doctype, {"name": ["in", made.rows[doctype]]}) == len(made.rows[doctype])
		for doctype in ("Grid", "Grid Worker", "Grid Post Assignment")
	)


def _remove() -> None:
	"""Empty everything that the suite fills, whatever was left of an interrupted or older load."""
	frappe.db.set_global(LOADED, "")
	for doctype in (*PLAIN, IDENTITY, *BESIDE):
		frappe.db.truncate(doctype)
	frappe.db.delete("__Auth", {"doctype": IDENTITY})
	demo.remove(KNOWN_AS)
	for doctype in PLAIN.values():
		if frappe.db.exists("DocType", doctype):
			frappe.delete_doc("DocType", doctype, force=True)
		frappe.db.sql_ddl(f"drop table if exists `tab{doctype}`")


def _make_town() -> None:
	data = demo.description(TOWN)
	data["centre"] = data.pop("issues")["centre"]
	posts = {f"grid_post/{post}" for _role, post in POSTS.values()}
	data["posts"] = [
		{key: value for key, value in each.items() if key != "people"} | {"shown": 0}
		for each in data["posts"]
		if each["post"] in posts
	]
	manifest.store(KNOWN_AS, make(data, now_datetime()))


def _make_stock() -> None:
	if not frappe.db.exists("Role", STOCK_ROLE):
		frappe.get_doc({"doctype": "Role", "role_name": STOCK_ROLE, "desk_access": 1}).insert()
	for ours, plain in PLAIN.items():
		meta = frappe.get_meta(ours)
		fields = [
			field for field in meta.fields if field.fieldtype != "Table MultiSelect" and not field.is_virtual
		]
		frappe.get_doc(
			{
				"doctype": "DocType",
				"name": plain,
				"custom": 1,
				"module": "Custom",
				"autoname": "hash",
				"title_field": meta.title_field,
				"search_fields": meta.search_fields,
				"sort_field": "modified",
				"sort_order": "DESC",
				"fields": [_plain_field(field.as_dict()) for field in fields],
				"permissions": [{"role": STOCK_ROLE, "read": 1, "report": 1}],
			}
		).insert()
		make_property_setter(plain, None, LIMIT, UNLIMITED, "Data", for_doctype=True)  # as without this app
		columns = ["name", "creation", "modified", "modified_by", "owner", "docstatus", "idx"]
		columns += [field.fieldname for field in fields if field.fieldtype in frappe.model.data_fieldtypes]
		listed = ", ".join(f"`{column}`" for column in columns)
		frappe.db.sql(f"insert into `tab{plain}` ({listed}) select {listed} from `tab{ours}`")  # noqa: S608


def _plain_field(field: Mapping[str, Any]) -> dict[str, Any]:
	kept = ("fieldname", "fieldtype", "label", "options", "in_list_view", "in_standard_filter", "default")
	plain = {key: field.get(key) for key in kept}
	target = PLAIN.get(plain["options"]) if plain["fieldtype"] == "Link" else None
	if target == PLAIN[RESIDENT] and field["parent"] == HOUSEHOLD:
		plain |= {
			"fieldtype": "Data",
			"options": None,
		}  # of two that point to each other the first finds no other yet
	elif target:
		plain["options"] = target
	return plain | {"search_index": int(field["fieldname"] in INDEXED)}


def _make_readers() -> None:
	frappe.flags.in_import = (
		True  # Frappe refuses the next user of an hour in which the town has got its two hundred
	)
	for reader in readers():
		user = frappe.new_doc("User", email=reader.stock, first_name=reader.name, send_welcome_email=0)
		if frappe.db.exists("User", reader.stock):
			user = frappe.get_doc("User", reader.stock)
		user.set("roles", [{"role": STOCK_ROLE}])
		user.save()
		frappe.db.delete("User Permission", {"user": reader.stock})
		frappe.get_doc(
			{"doctype": "User Permission", "user": reader.stock, "allow": "Grid", "for_value": reader.grid}
		).insert()
	frappe.flags.in_import = False
