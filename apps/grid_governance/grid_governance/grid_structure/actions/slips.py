"""Slips with first passwords, to be cut apart and handed to people: 8 on a sheet of A4."""

from collections.abc import Iterable

import frappe
import pdfkit
from frappe import _
from frappe.query_builder import DocType
from frappe.utils import get_url

from grid_governance.grid_structure import queries

TEMPLATE = "grid_governance/grid_structure/slips.html"
A_SHEET = 8
OPTIONS = {
	"page-size": "A4",
	"margin-top": "8mm",
	"margin-bottom": "8mm",
	"margin-left": "8mm",
	"margin-right": "8mm",
	"encoding": "UTF-8",
	"disable-javascript": "",
	"disable-local-file-access": "",
	"disable-external-links": "",
	"quiet": "",
}


def slip(user: str, password: str) -> dict[str, str]:
	"""Return what the slip of one *user* says."""
	return slips({user: password})[0]


def slips(passwords: dict[str, str]) -> list[dict[str, str]]:
	"""Return what the slips say, one for each user of *passwords*, by grid and name.

	Each has `person`, `post`, `grid`, `village` ("" where there is none above), `sign_in`, `password` and `site`.
	"""
	worker, user = DocType("Grid Worker"), DocType("User")
	people = (
		frappe.qb.from_(worker)
		.join(user)
		.on(user.name == worker.user)
		.select(worker.name, worker.worker_name, worker.user, worker.grid, user.mobile_no, user.username)
		.where(worker.user.isin([*passwords]))
		.run(as_dict=True)
	)
	posts = queries.posts_of_many([person.name for person in people])
	names = queries.GridNames([post.grid_path for held in posts.values() for post in held])
	site, made = get_url(), []
	for person in people:
		post = (posts.get(person.name) or [frappe._dict(post="", grid_path="")])[0]
		made.append(
			{
				"person": person.worker_name,
				"post": post.post,
				"grid": names.grid(post.grid_path),
				"village": names.village(post.grid_path),
				"sign_in": person.mobile_no or person.username,
				"password": passwords[person.user],
				"site": site,
				"order": (post.grid_path, person.name),
			}
		)
	return sorted(made, key=lambda one: one["order"])


def html(made: Iterable[dict[str, str]]) -> str:
	"""Return the page with the slips *made*, ready to print."""
	made = list(made)
	sheets = [made[at : at + A_SHEET] for at in range(0, len(made), A_SHEET)]
	return frappe.render_template(TEMPLATE, {"sheets": sheets, "title": _("First Passwords")})


def pdf(made: Iterable[dict[str, str]]) -> bytes:
	"""Return the slips *made* as a PDF.

	Not by way of Frappe's `get_pdf`, which prints the page into the log when something goes wrong.
	"""
	return pdfkit.from_string(html(made), False, options=OPTIONS)
