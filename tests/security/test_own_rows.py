"""What a role opens to its owner alone stays hers: for a colleague of the same village and whoever sends herself as the owner."""

import json
from collections.abc import Callable, Iterator

import frappe
import pytest

from tests.factories import make_holder, make_photo, make_township, make_user
from tests.web import Answer, call, request
from tests.world import give, inside_savepoint, taken_back

OWN = "Structure Import"
"""A DocType whose rows are their owner's by every rule."""

SECRET = "机密七七"


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""An import of a village secretary, with what hangs on it; her colleague, the office above, the site's administrator."""
	with taken_back():
		town = make_township(1, 1)
		village = town.villages[0].name
		owner = make_holder("Village Secretary", village)
		administrator = make_user()
		frappe.get_doc("User", administrator).add_roles("Governance Administrator")
		frappe.set_user(owner)
		row = frappe.get_doc(doctype=OWN, grid=village).insert()
		file = make_photo(attached_to_doctype=OWN, attached_to_name=row.name, file_name=f"{SECRET}.jpg")
		of_row = {"reference_doctype": OWN, "reference_name": row.name}
		frappe.set_user("Administrator")
		frappe.get_doc(
			{"doctype": "Comment", "comment_type": "Comment", "content": SECRET, **of_row}
		).insert()
		data = json.dumps({"changed": [["lines", SECRET, "x"]]}, ensure_ascii=False)
		frappe.get_doc(doctype="Version", ref_doctype=OWN, docname=row.name, data=data).insert()
		yield frappe._dict(
			village=village,
			owner=owner,
			row=row.name,
			file=file,
			others={
				"colleague": make_holder("Village Secretary", village),
				"office above": make_holder("Township Office", town.root.name),
				"administrator of the site": administrator,
			},
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)

LISTS: dict[str, Callable[[frappe._dict, str], Answer]] = {
	"rows": lambda w, user: request(user, "GET", f"/api/resource/{OWN}", fields=["*"]),
	"files": lambda w, user: request(
		user, "GET", "/api/resource/File", fields=["file_url"], filters={"attached_to_doctype": OWN}
	),
	"files by their text": lambda w, user: call(
		user, "frappe.core.api.file.get_files_by_search_text", text=SECRET
	),
	"comments": lambda w, user: request(
		user, "GET", "/api/resource/Comment", fields=["content"], filters={"reference_doctype": OWN}
	),
	"versions": lambda w, user: request(
		user, "GET", "/api/resource/Version", fields=["data"], filters={"ref_doctype": OWN}
	),
	"form": lambda w, user: call(user, "frappe.desk.form.load.getdoc", doctype=OWN, name=w.row),
	"what hangs on it": lambda w, user: call(
		user, "frappe.desk.form.load.get_docinfo", doctype=OWN, name=w.row
	),
	"file": lambda w, user: request(user, "GET", w.file.file_url),
}


@pytest.mark.parametrize("way", LISTS)
def test_nobody_else_is_told(world, way):
	assert {who for who, user in world.others.items() if SECRET in LISTS[way](world, user).text} == set()
	if way != "file":
		answer = LISTS[way](world, "Administrator")
		assert SECRET in answer.text or world.row in answer.text, "nothing is found this way"


def forged(world: frappe._dict, user: str) -> dict[str, object]:
	return {**frappe.get_doc(OWN, world.row).as_dict(convert_dates_to_str=True), "owner": user}


CLAIMS: dict[str, Callable[[frappe._dict, str], Answer]] = {
	"PUT": lambda w, user: request(user, "PUT", f"/api/resource/{OWN}/{w.row}", owner=user),
	"form": lambda w, user: call(user, "frappe.desk.form.save.savedocs", doc=forged(w, user), action="Save"),
	"save": lambda w, user: call(user, "frappe.client.save", doc=forged(w, user)),
	"method of a document": lambda w, user: call(
		user, "run_doc_method", docs=json.dumps(forged(w, user)), method="get_onload"
	),
	"file": lambda w, user: call(
		user, "upload_file", files={"file": ("a.txt", b"x")}, doctype=OWN, docname=w.row, is_private="1"
	),
}


@pytest.mark.parametrize("way", CLAIMS)
def test_nobody_makes_herself_the_owner(world, way):
	for who, user in world.others.items():
		answer = CLAIMS[way](world, user)
		assert answer.status == 403, (who, answer.text)
		assert frappe.db.get_value(OWN, world.row, "owner") == world.owner


def test_a_share_opens_it_to_nobody(world):
	colleague = world.others["colleague"]
	call(world.owner, "frappe.share.add", doctype=OWN, name=world.row, user=colleague, read=1, write=1)
	assert request(colleague, "GET", f"/api/resource/{OWN}/{world.row}").status == 403


def test_a_role_with_the_right_on_everybodys_rows_has_it(world):
	"""Where one rule names the owner and another does not, each counts where its role does."""
	world.changed_rights = OWN
	give("Grid Leader", OWN, "read")
	leader = make_holder("Grid Leader", world.village)
	assert request(leader, "GET", f"/api/resource/{OWN}/{world.row}").status == 200
	assert request(world.owner, "GET", f"/api/resource/{OWN}/{world.row}").status == 200
	assert request(world.others["colleague"], "GET", f"/api/resource/{OWN}/{world.row}").status == 403
