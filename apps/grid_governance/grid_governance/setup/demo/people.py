"""The people of a demo: workers, posts and accounts by the rules of saved ones, written as sets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import add_days, getdate
from frappe.utils.password import update_password

from grid_governance.grid_structure import actions
from grid_governance.grid_structure.rules import is_current
from grid_governance.setup import seeds
from grid_governance.setup.demo import rules
from grid_governance.setup.demo.grids import Tree
from grid_governance.setup.demo.manifest import Manifest, name_by_series, write
from grid_governance.setup.demo.passwords import password

WORKER, ASSIGNMENT = "Grid Worker", "Grid Post Assignment"


def make(
	data: Mapping[str, Any],
	names: Mapping[str, Any],
	tree: Tree,
	departments: Sequence[str],
	made: Manifest,
	random: Random,
	now: datetime,
) -> None:
	"""Write the holders of the posts that *data* describes, with their accounts; a few of those have a password.

	Each of `posts` says where (as `Tree.places` reads it) and by how many `people` a post is held, whether they have
	an `account`, and how many of the accounts are `shown`, by default all. Only these have a password: one is
	costly to store, and whoever else is to sign in gets the first one on a slip or from the leader above. A post that
	works for a department is held for each of *departments* by one.
	"""
	taken = frappe.get_all(
		"User", {"username": ("is", "set")}, pluck="username", order_by="name asc", limit_page_length=0
	)
	people = rules.people(names, random, taken)
	since = add_days(getdate(now), -data["held_for_days"])
	workers, posts, shown = [], [], []
	for each in data["posts"]:
		post = frappe.get_cached_doc("Grid Post", seeds.name_of(each["post"]))
		places = tree.places(each)
		served = departments if post.works_for_department else []
		count = len(served) or each.get("people", len(places))
		held = rules.holdings([place.village or "" for place in places], count)
		accounts = len(held) if each.get("account", True) else 0
		for number, units in enumerate(held):
			person = next(people)
			user = f"{person.login}@{data['mail_domain']}" if number < accounts else None
			if number < min(accounts, each.get("shown", accounts)):
				shown.append(user)
			at = [places[unit] for unit in units]
			drawn = random.random() < data["party_members"]
			worker = _worker(person, user, at[0], each.get("party_member", drawn))
			workers.append(worker)
			department = served[number] if served else None
			posts += [_assignment(worker, post, place, since, place is at[0], department) for place in at]
	_write_workers(workers, posts, made, now)
	_write_accounts(workers, posts, made)
	_give_passwords(shown)
	made.shown = shown


def _worker(person: rules.Person, user: str | None, place: frappe._dict, is_party_member: bool) -> Document:
	return frappe.new_doc(
		WORKER,
		worker_name=person.full_name,
		sex=person.sex,
		user=user,
		grid=place.name,
		grid_path=place.grid_path,
		phone="",
		active=1,
		is_party_member=int(is_party_member),
	)


def _assignment(
	worker: Document, post: Document, place: frappe._dict, since: str, first: bool, department: str | None
) -> tuple[Document, Document]:
	"""Return *worker* and the post she holds at *place*; of several the *first* is her main one."""
	return worker, frappe.new_doc(
		ASSIGNMENT,
		worker_name=worker.worker_name,
		post=post.name,
		grid=place.name,
		grid_path=place.grid_path,
		from_date=since,
		is_primary=int(first),
		works_for_department=post.works_for_department,
		department=department,
		user=worker.user,
		role=post.role,
	)


def _write_workers(
	workers: list[Document], posts: list[tuple[Document, Document]], made: Manifest, now: datetime
) -> None:
	"""Write *workers* and *posts*, which obey the rules of saved ones: an error undoes the load."""
	name_by_series(workers, now.year)
	for worker, assignment in posts:
		assignment.worker = worker.name
	held = [assignment for _worker, assignment in posts]
	name_by_series(held, now.year)
	for doc in (*workers, *held):
		doc.set_user_and_timestamp()
	one_of_each = {(post.post, len(post.grid_path)): post for post in held}
	for assignment in one_of_each.values():
		assignment.check_level()
	write(workers, made)
	write(held, made)
	for assignment in held:
		assignment.check_room()  # asks the database, where all of them stand by now


def _write_accounts(workers: list[Document], posts: list[tuple[Document, Document]], made: Manifest) -> None:
	by_worker: dict[str, list[frappe._dict]] = {}
	today = getdate()
	for worker, post in posts:
		held = frappe._dict(post.as_dict(), current=is_current(getdate(post.from_date), None, today))
		by_worker.setdefault(worker.name, []).append(held)
	due = [
		frappe._dict(worker.as_dict(), number=None, posts=by_worker[worker.name])
		for worker in workers
		if worker.user
	]
	if due:
		actions.write_accounts(due)
		made.add("User", *(worker.user for worker in due))


def _give_passwords(users: list[str]) -> None:
	"""Give *users* the passwords by which they are shown; unlike first ones these need not be changed."""
	for name in users:
		update_password(name, password(name))
	user = DocType("User")
	frappe.qb.update(user).set(user.last_password_reset_date, None).where(user.name.isin([*users, ""])).run()
