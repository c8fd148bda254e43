"""Loading a demo township: divisions, grids, people with their posts, and issues with their log."""

import base64
import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import frappe
from frappe.desk.doctype.notification_settings.notification_settings import create_notification_settings
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import add_days, cstr, getdate, now_datetime
from frappe.utils.password import get_encryption_key, update_password

from grid_governance import scope
from grid_governance.setup import seeds
from grid_governance.setup.demo import issues, manifest, rules
from grid_governance.setup.demo.manifest import Manifest
from grid_governance.setup.divisions import actions as divisions

FOLDER = Path(__file__).parent
PASSWORD_CHARACTERS = 12


@dataclass(frozen=True)
class Place:
	"""A post to be filled in one grid."""

	key: str
	post: str
	grid: str
	has_account: bool


def load(name: str = "tulingdi", now: datetime | None = None) -> None:
	"""Load the demo township *name* as it would stand at *now*; once loaded, a second call changes nothing."""
	if manifest.stored(name):
		return
	data, now = description(name), now or now_datetime()
	made, before = Manifest(), manifest.counters()
	random = Random(data["seed"])
	_make_grids(data, made)
	_make_people(data, made, random, now)
	scope.forget()
	issues.make(data["issues"], _holders(made), made, random, now)
	made.series = {
		series: [before.get(series), current]
		for series, current in manifest.counters().items()
		if before.get(series) != current
	}
	manifest.store(name, made)


def accounts(name: str = "tulingdi") -> list[dict[str, str]]:
	"""Return the accounts of the loaded demo *name*, highest grid first; empty while it is not loaded.

	Each with `user`, `username`, `password`, `full_name`, `post`, `grid` and `grid_name`. A password that its
	owner has changed since is not known.
	"""
	made = manifest.stored(name)
	if not made:
		return []
	assignment, grid, user = DocType("Grid Post Assignment"), DocType("Grid"), DocType("User")
	rows = (
		frappe.qb.from_(assignment)
		.join(grid)
		.on(grid.name == assignment.grid)
		.join(user)
		.on(user.name == assignment.user)
		.select(
			assignment.user, user.username, user.full_name, assignment.post, assignment.grid, grid.grid_name
		)
		.where(assignment.name.isin(made.rows["Grid Post Assignment"]))
		.orderby(assignment.name)
		.run(as_dict=True)
	)
	return [{**row, "password": password(row.user)} for row in rows]


def password(user: str) -> str:
	"""Return the password given to the demo account *user*: made from the site's own key, so never the same twice."""
	key = hmac.new(get_encryption_key().encode(), f"demo:{user}".encode(), hashlib.sha256).digest()
	text = base64.b32encode(key).decode().lower()[:PASSWORD_CHARACTERS]
	return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def description(name: str) -> dict[str, Any]:
	"""Return what `<name>.json` says. Raises DoesNotExistError for a demo that is not shipped."""
	path = FOLDER / f"{Path(name).name}.json"
	if not path.is_file():
		frappe.throw(frappe._("There is no demo township {0}.").format(name), frappe.DoesNotExistError)
	return json.loads(path.read_text("utf-8"))


def _make_grids(data: dict[str, Any], made: Manifest) -> None:
	there = set(frappe.get_all("Grid", {"division_code": ("like", f"{data['township']}%")}, pluck="name"))
	made.villages = {
		village.name: [village.planned_households, village.is_group]
		for village in frappe.get_all(
			"Grid",
			filters={"division_code": ("in", list(data["households"]))},
			fields=["name", "planned_households", "is_group"],
		)
	}
	imported = divisions.import_division(data["township"])
	made.add("Grid", *({imported.township, *imported.villages} - there))
	households = {_grid_of(code): planned for code, planned in data["households"].items()}
	made.add("Grid", *divisions.draw_grids(households, target=data["households_a_grid"]))


def _make_people(data: dict[str, Any], made: Manifest, random: Random, now: datetime) -> None:
	people = rules.people(data["names"], random)
	since = add_days(getdate(now), -data["held_for_days"])
	for place, person in zip(_places(data), people, strict=False):
		post = frappe.get_cached_doc("Grid Post", place.post)
		user = (
			_make_user(f"{person.login}@{data['mail_domain']}", person, post.role, made)
			if place.has_account
			else None
		)
		worker = _insert(
			frappe.new_doc(
				"Grid Worker",
				worker_name=person.full_name,
				sex=person.sex,
				user=user,
				grid=place.grid,
				active=1,
				is_party_member=int(random.random() < 0.7),
			),
			made,
		)
		_insert(
			frappe.new_doc(
				"Grid Post Assignment",
				worker=worker.name,
				worker_name=person.full_name,
				post=place.post,
				grid=place.grid,
				from_date=since,
				is_primary=1,
			),
			made,
		)


def _places(data: dict[str, Any]) -> Iterator[Place]:
	for each in data["posts"]:
		post = seeds.name_of(each["post"])
		if "at" in each:
			grids = [_grid_of(each["at"])]
		else:
			below = {"parent_grid": _grid_of(each["in_grids_of"])}
			grids = frappe.get_all("Grid", filters=below, pluck="name", order_by="grid_path asc")
		for grid in grids:
			for _number in range(each.get("count", 1)):
				yield Place(each["key"], post, grid, each.get("account", True))


def _grid_of(code: str) -> str:
	return frappe.db.get_value("Grid", {"division_code": code})


def _make_user(address: str, person: rules.Person, role: str, made: Manifest) -> str:
	"""Make an account without the mails, contacts and look-ups at public hosts that saving a User sets off."""
	user = frappe.new_doc(
		"User",
		email=address,
		username=person.login,
		first_name=person.full_name,
		full_name=person.full_name,
		enabled=1,
		user_type="System User",
		language=frappe.get_system_settings("language"),
		send_welcome_email=0,
		roles=[{"role": role}],
	)
	user.name = address
	_write(user)
	made.add("User", address)
	update_password(address, password(address))
	create_notification_settings(address)
	frappe.share.add_docshare(
		"User", address, address, write=1, share=1, flags={"ignore_share_permission": True}
	)
	return address


def _insert(doc: Document, made: Manifest) -> Document:
	"""Insert *doc* by its own rules, without the effects of a save on the accounts of others."""
	doc.set_new_name()
	doc.grid_path = frappe.db.get_value("Grid", doc.grid, "grid_path")
	doc.run_method("validate")
	_write(doc)
	made.add(doc.doctype, doc.name)
	return doc


def _write(doc: Document) -> None:
	doc.owner = doc.modified_by = frappe.session.user
	doc.creation = doc.modified = cstr(now_datetime())
	doc.set_parent_in_children()
	doc.db_insert()
	for child in doc.get_all_children():
		child.set_new_name()
		child.owner, child.creation, child.modified_by, child.modified = (
			doc.owner,
			doc.creation,
			doc.owner,
			doc.modified,
		)
		child.db_insert()


def _holders(made: Manifest) -> dict[str, list[issues.Holder]]:
	"""Return who holds posts with an account, by grid path, in the order of appointment."""
	by_path: dict[str, list[issues.Holder]] = defaultdict(list)
	rows = frappe.get_all(
		"Grid Post Assignment",
		filters={"name": ("in", made.rows["Grid Post Assignment"]), "user": ("is", "set")},
		fields=["grid", "grid_path", "user", "worker", "role"],
		order_by="name asc",
		limit_page_length=0,
	)
	for row in rows:
		by_path[row.grid_path].append(issues.Holder(**row))
	return by_path
