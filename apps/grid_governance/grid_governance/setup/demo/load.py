"""Loading a demo township: divisions, grids, people with their posts, households, and issues with their log."""

import json
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import frappe
from frappe.query_builder import DocType
from frappe.utils import now_datetime

from grid_governance import scope
from grid_governance.setup.demo import caches, grids, issues, ledger, manifest, notices, people, visits
from grid_governance.setup.demo.course import Holder
from grid_governance.setup.demo.manifest import Manifest
from grid_governance.setup.demo.passwords import password

FOLDER = Path(__file__).parent
TOWNSHIPS = FOLDER / "townships"


def names() -> list[str]:
	"""Return the names of the demo townships that the app brings."""
	return sorted(path.stem for path in TOWNSHIPS.glob("*.json"))


def load(name: str = "tulingdi", now: datetime | None = None) -> None:
	"""Load the demo township *name* as it would stand at *now*; once loaded, a second call changes nothing.

	All of it is one transaction, so that a load which is cut off leaves nothing.
	"""
	data, name = description(name), _known_as(name)
	if not manifest.stored(name):
		manifest.store(name, make(data, now or now_datetime()))


def make(data: dict[str, Any], now: datetime) -> Manifest:
	"""Make the township that *data* describes (README.md) as it would stand at *now*; return what was made."""
	made, before = Manifest(), manifest.counters()
	random = Random(data["seed"])
	tree = grids.make(data, made)
	asked = _departments(data, tree, made)
	people.make(data, _texts("names"), tree, [name for name, _takes in asked], made, random, now)
	if "ledger" in data:
		texts = {name: _texts(name) for name in ("names", "elements")}
		ledger.make(data, texts, tree, _holders(made), made, random, now)
	caches.forget(caches.forget_users)
	scope.forget()
	if "issues" in data:
		issues.make(data["issues"], _texts("matters"), _holders(made), asked, made, random, now)
	if "ledger" in data and "visits" in data:
		_call_on_households(data, tree, made, now)
	made.series = {
		series: [before.get(series), current]
		for series, current in manifest.counters().items()
		if before.get(series) != current
	}
	return made


def _call_on_households(data: dict[str, Any], tree: grids.Tree, made: Manifest, now: datetime) -> None:
	"""Make the visits and notices of *data*, by dice of their own: the rest is as it would be without them."""
	random, holders = Random(f"{data['seed']} visits"), _holders(made)
	called = visits.Visits(data["visits"], _texts("doorsteps"), tree, holders, random, now)
	called.draw()
	with issues.in_language_of_site():
		notices.make(data.get("notices", []), called, tree, holders, made, random)
	called.write()


def accounts(name: str = "tulingdi") -> list[dict[str, str]]:
	"""Return the accounts shown of the loaded demo *name*, in the order of its posts; empty while it is not loaded.

	Each with `user`, `username`, `password`, `full_name`, `post`, `grid` and `grid_name`. A password that its
	owner has changed since is not known; accounts without one are left out.
	"""
	made = manifest.stored(_known_as(name))
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
		.where(assignment.name.isin(made.rows["Grid Post Assignment"]) & (assignment.is_primary == 1))
		.where(user.name.isin([*made.shown, ""]))
		.orderby(assignment.name)
		.run(as_dict=True)
	)
	return [{**row, "password": password(row.user)} for row in rows]


def description(name: str) -> dict[str, Any]:
	"""Return what `townships/<name>.json` says. Raises DoesNotExistError for a demo that is not shipped."""
	path = TOWNSHIPS / f"{_known_as(name)}.json"
	if not path.is_file():
		frappe.throw(frappe._("There is no demo township {0}.").format(name), frappe.DoesNotExistError)
	return json.loads(path.read_text("utf-8"))


def _known_as(name: str) -> str:
	"""Return how the demo *name* is spelt in files and manifests, however it was typed."""
	return Path(name).name.lower()


def _texts(name: str) -> dict[str, Any]:
	return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def _departments(data: dict[str, Any], tree: grids.Tree, made: Manifest) -> list[tuple[str, list[str]]]:
	"""Make the departments of the township; return the names of their records with the categories they take."""
	found = []
	categories = dict(
		frappe.get_all("Issue Category", fields=["code", "name"], order_by="code asc", as_list=True)
	)
	for each in data.get("departments", []):
		department = frappe.new_doc("Township Department")
		department.update(
			{"department_name": each["name"], "grid": tree.places({"at": data["township"]})[0].name}
		)
		for code in each.get("takes", []):
			if code in categories:  # an administrator may have deleted one
				department.append("answers_for", {"category": categories[code]})
		department.insert()
		made.add(department.doctype, department.name)
		found.append((department.name, each.get("takes", [])))
	return found


def _holders(made: Manifest) -> dict[str, list[Holder]]:
	"""Return who holds posts with an account, by grid path, in the order of appointment."""
	by_path: dict[str, list[Holder]] = defaultdict(list)
	rows = frappe.get_all(
		"Grid Post Assignment",
		filters={"name": ("in", made.rows["Grid Post Assignment"]), "user": ("is", "set")},
		fields=["grid", "grid_path", "user", "worker", "role", "department"],
		order_by="name asc",
		limit_page_length=0,
	)
	for row in rows:
		by_path[row.grid_path].append(Holder(**row))
	return by_path
