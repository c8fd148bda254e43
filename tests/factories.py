"""Makes rows for tests: unique names, through the ORM, rolled back with the test."""

import io
import random
from itertools import cycle
from unittest.mock import patch

import frappe
from frappe.core.doctype.user import user as stock_user
from frappe.utils import add_days, now_datetime
from PIL import Image
from stdnum.iso7064 import mod_11_2

from grid_governance.grid_structure import rules
from grid_governance.scope.custom_fields import BY_POST

_random = random.SystemRandom()
_serials = cycle(_random.sample(range(500), 500))
"""Of citizen numbers: none comes again soon, for two people of a household may not have the same."""


def level_at(position: int) -> str:
	"""The name of the Grid Level at *position*, made when the site has none there."""
	name = frappe.db.get_value("Grid Level", {"position": position})
	if name:
		return name
	return (
		frappe.get_doc(doctype="Grid Level", level_name=f"Level {position}", position=position)
		.insert(ignore_permissions=True)
		.name
	)


def make_grid(parent: str | None, position: int, **fields: object) -> frappe.model.document.Document:
	"""A grid at *position* below *parent*, with a division code that no real division has."""
	if position <= rules.VILLAGE and "division_code" not in fields:
		fields["division_code"] = _division_code(parent, position)
	values = {"grid_name": f"Grid {frappe.generate_hash(length=8)}", **fields}
	return frappe.get_doc(doctype="Grid", parent_grid=parent, grid_level=level_at(position), **values).insert(
		ignore_permissions=True
	)


def make_township(villages: int = 2, grids: int = 2) -> frappe._dict:
	"""A township with *villages*, each with *grids* grids.

	Returns `root`, `villages` (list of documents) and `grids` (list of lists of documents).
	"""
	root = make_grid(None, rules.TOWNSHIP)
	of_root = [make_grid(root.name, rules.VILLAGE) for _ in range(villages)]
	return frappe._dict(
		root=root,
		villages=of_root,
		grids=[[make_grid(village.name, rules.GRID) for _ in range(grids)] for village in of_root],
	)


def make_post(role: str, **fields: object) -> frappe.model.document.Document:
	"""A post that gives *role* at any level."""
	values = {"post_name": f"Post {frappe.generate_hash(length=8)}", **fields}
	return frappe.get_doc(doctype="Grid Post", role=role, **values).insert(ignore_permissions=True)


def make_role(**fields: object) -> str:
	"""A role that posts may give and that has no permissions yet."""
	values = {"role_name": f"Role {frappe.generate_hash(length=8)}", BY_POST: 1, **fields}
	return frappe.get_doc(doctype="Role", **values).insert(ignore_permissions=True).name


def make_user(**fields: object) -> str:
	"""A system user without roles."""
	values = {"email": f"{frappe.generate_hash(length=10)}@example.com", "first_name": "测试", **fields}
	user = frappe.get_doc(doctype="User", send_welcome_email=0, user_type="System User", **values)
	user.flags.no_welcome_mail = True
	# Sets a default that stays what it is, and drops all caches for it, those of DocTypes too.
	with patch.object(stock_user, "ask_pass_update"):
		return user.insert(ignore_permissions=True).name


def make_worker(grid: str, **fields: object) -> frappe.model.document.Document:
	"""A worker with a user account whose file is kept by *grid*."""
	values = {"worker_name": f"Worker {frappe.generate_hash(length=8)}", **fields}
	if "user" not in values:
		values["user"] = make_user()
	return frappe.get_doc(doctype="Grid Worker", grid=grid, **values).insert(ignore_permissions=True)


def make_assignment(
	worker: str, post: str, grid: str, from_date: str = "2020-01-01", **fields: object
) -> frappe.model.document.Document:
	"""*worker* holds *post* in *grid* since *from_date*."""
	return frappe.get_doc(
		doctype="Grid Post Assignment", worker=worker, post=post, grid=grid, from_date=from_date, **fields
	).insert(ignore_permissions=True)


def make_department(township: str, **fields: object) -> frappe.model.document.Document:
	"""A department of *township*."""
	values = {"department_name": f"Department {frappe.generate_hash(length=8)}", **fields}
	return frappe.get_doc(doctype="Township Department", grid=township, **values).insert(
		ignore_permissions=True
	)


def make_officer(role: str, *departments: str, **period: object) -> str:
	"""A user who works with *role* for each of *departments*; returns the user's name."""
	grids = [frappe.db.get_value("Township Department", name, "grid") for name in departments]
	worker = make_worker(grids[0])
	post = make_post(role, works_for_department=1)
	for department, grid in zip(departments, grids, strict=True):
		make_assignment(worker.name, post.name, grid, department=department, **period)
	return worker.user


def make_holder(role: str, *grids: str, **period: object) -> str:
	"""A user who holds a post with *role* in each of *grids*; returns the user's name."""
	worker = make_worker(grids[0])
	post = make_post(role)
	for grid in grids:
		make_assignment(worker.name, post.name, grid, **period)
	return worker.user


def _division_code(parent: str | None, position: int) -> str:
	head = frappe.db.get_value("Grid", parent, "division_code") if parent else ""
	digits = rules.DIVISION_CODE_LENGTH[position] - len(head)
	first = "9" if not head else ""  # no province begins with 9
	while True:
		code = head + first + "".join(_random.choices("0123456789", k=digits - len(first)))
		if not frappe.db.exists("Grid", {"division_code": code}):
			return code


def seeded(key: str) -> str:
	"""The name on this site of the record made from the seed *key*, e.g. ``workflow_state/reported``."""
	return frappe.db.get_value("Seed Record", key, "reference_name")


def make_category(**fields: object) -> str:
	"""A category that asks for nothing."""
	code = frappe.generate_hash(length=8)
	values = {"code": code, "category_name": f"Category {code}", "active": 1, "default_urgency": "General"}
	return (
		frappe.get_doc(doctype="Issue Category", **{**values, **fields}).insert(ignore_permissions=True).name
	)


def make_issue(grid: str, *steps: str, **fields: object) -> frappe.model.document.Document:
	"""An issue in *grid*, reported by the session's user, that has taken *steps* (keys of seeded actions).

	Each step is given a result, feedback, a reason and an instruction for the next day, so that it may resolve, close, be
	explained or be handed down.
	"""
	from grid_governance.grid_issues.steps import take_step

	values = {"title": f"Issue {frappe.generate_hash(length=8)}", "category": None, **fields}
	values["category"] = values["category"] or make_category()
	issue = frappe.get_doc(doctype="Grid Issue", grid=grid, **values).insert()
	for step in steps:
		take_step(
			issue.name,
			seeded(f"workflow_action_master/{step}"),
			opinion="because",
			result="done",
			feedback="thanks",
			instruction="do it",
			instruction_due=str(add_days(now_datetime(), 1)),
		)
	issue.reload()
	return issue


def make_picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **written: object) -> bytes:
	"""The bytes of a picture that no other is like: red in its left half, the rest a colour drawn by lot.

	*written* goes to Pillow's save, for example `exif`.
	"""
	other = tuple(_random.randrange(100) for _ in "rgb")
	image = Image.new("RGB", size, other)
	image.paste((250, 10, 10), (0, 0, size[0] // 2, size[1]))
	file = io.BytesIO()
	image.save(file, kind, **written)
	return file.getvalue()


def make_photo(**fields: object) -> frappe.model.document.Document:
	"""A private photo just sent by the session's user, attached to nothing."""
	name = f"{frappe.generate_hash(length=8)}.jpg"
	values = {"file_name": name, "is_private": 1, "content": make_picture(), **fields}
	return frappe.get_doc(doctype="File", **values).insert()


def make_household(grid: str, **fields: object) -> frappe.model.document.Document:
	"""An empty household in *grid*, with a number that its village has not given yet."""
	values = {"household_no": str(_random.randrange(10**9)), **fields}
	return frappe.get_doc(doctype="Household", grid=grid, **values).insert()


def make_resident(household: str, relation: str = "Head", **fields: object) -> frappe.model.document.Document:
	"""A resident of *household* in *relation* to its head."""
	values = {"resident_name": "甲乙", "birth_date": "1980-01-01", "sex": "Male", **fields}
	return frappe.get_doc(
		doctype="Resident", household=household, relation_to_head=relation, **values
	).insert()


def make_citizen_number(division: str = "110105", born: str = "19800101", male: bool = True) -> str:
	"""A citizen number that is valid in form only."""
	body = f"{division}{born}{next(_serials) * 2 + male:03d}"
	return body + mod_11_2.calc_check_digit(body)


def make_identity(resident: str, **fields: object) -> frappe.model.document.Document:
	"""The identity of *resident*, by default with a citizen number that fits `make_resident`."""
	values = {"id_number": make_citizen_number(), **fields}
	return frappe.get_doc(doctype="Resident Identity", resident=resident, **values).insert()


def make_care(resident: str, category: str, **fields: object) -> frappe.model.document.Document:
	"""*resident* taken into *category*, the key of a seeded one."""
	return frappe.get_doc(
		doctype="Resident Care", resident=resident, category=seeded(f"care_category/{category}"), **fields
	).insert()


def make_notice(grid: str, *steps: str, **fields: object) -> frappe.model.document.Document:
	"""A notice for all of *grid*, written by the session's user, that has taken *steps* (keys of seeded actions).

	*audience* holds the rows of its audience. Its deliveries are not written: call `sending.fan_out`.
	"""
	from frappe.model.workflow import apply_workflow

	values = {
		"notice_title": f"通知 {frappe.generate_hash(length=8)}",
		"notice_type": seeded("notice_type/service"),
		"content": "八月十日上午九点，眼科医生在村卫生室义诊。",
		"audience_rows": fields.pop("audience", []),
	}
	notice = frappe.get_doc(doctype="Notice", grid=grid, **{**values, **fields}).insert()
	for step in steps:
		apply_workflow(notice, seeded(f"workflow_action_master/{step}"))
		notice.reload()
	return notice
