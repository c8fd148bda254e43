"""Every way of reading over HTTP, tried on visits and notices by those who have nothing to do with them."""

from collections.abc import Iterator

import frappe
import pytest

from tests.security import ways
from tests.security.visits.conftest import (
	CHILDREN,
	DELIVERY,
	MUST,
	NOTICE,
	ROUND,
	ROW,
	SECRET,
	VISIT,
	WORDS,
)
from tests.security.ways import Way
from tests.web import call, request

ATTACHED = {
	"Comment": ("reference_name", "content"),
	"ToDo": ("reference_name", "description"),
	"Tag Link": ("document_name", "tag"),
	"Version": ("docname", "data"),
	"View Log": ("reference_name", "viewed_by"),
}
"""Stock DocTypes whose rows hang on the visit and the notice: the field with its name, and one to look at."""

LISTS: dict[str, Way] = {}
BY_NAME: dict[str, Way] = {}

for each, word in WORDS.items():
	LISTS |= ways.lists(each, word, lambda w, dt=each: w.kept[dt])
	BY_NAME |= ways.by_name(each, word, lambda w, dt=each: w.kept[dt], printed=each in (VISIT, NOTICE, ROW))
for each in ATTACHED:
	for about in (VISIT, NOTICE):
		LISTS[f"{each} of a {about}"] = lambda w, user, dt=each, of=about: request(
			user,
			"GET",
			f"/api/resource/{dt}",
			fields=["name", *ATTACHED[dt]],
			filters={ATTACHED[dt][0]: w.kept[of]},
			limit_page_length=0,
		)


def rows(doctype: str, *fields: str, **given: object) -> Way:
	"""The list of *doctype* as a client asks for it."""
	return lambda w, user: call(
		user,
		"frappe.client.get_list",
		doctype=doctype,
		fields=["name", *fields],
		limit_page_length=0,
		**given,
	)


for child, (parent, field) in CHILDREN.items():
	LISTS[f"rows of {child}"] = rows(child, "parent", field, parent=parent)

LISTS |= {
	"address of who was visited": rows(VISIT, "household.address"),
	"address of a row of a round": rows(ROW, "household.address"),
	"name of a must-visit": rows(MUST, "resident.resident_name"),
	"title of a delivery's notice": rows(DELIVERY, "notice.notice_title"),
	"visit of a row of a round": rows(ROW, "visit.note"),
	"household of a delivery": rows(
		DELIVERY, "household.title", order_by="`tabNotice Delivery`.`creation` asc"
	),
	"either of two filters": rows(
		VISIT, "note", or_filters=[[VISIT, "note", "like", f"{SECRET}%"], [VISIT, "note", "is", "set"]]
	),
	"groups of the sidebar": lambda w, user: call(
		user,
		"frappe.desk.listview.get_group_by_count",
		doctype=NOTICE,
		current_filters="[]",
		field="notice_title",
	),
	"documents of a tag": lambda w, user: call(
		user, "frappe.desk.doctype.tag.tag.get_documents_for_tag", tag=f"#{SECRET} 标签"
	),
	"what hangs on the grid": lambda w, user: call(
		user, "frappe.desk.form.linked_with.get", doctype="Grid", docname=w.grid
	),
}

ON_A_ROW: dict[str, Way] = {}
for each in (VISIT, NOTICE):
	ON_A_ROW |= {
		f"timeline of {each}": lambda w, user, dt=each: call(
			user, "frappe.desk.form.load.get_docinfo", doctype=dt, name=w.kept[dt]
		),
		f"tags of {each}": lambda w, user, dt=each: call(
			user, "frappe.client.get_value", doctype=dt, fieldname=WORDS[dt], filters=w.kept[dt]
		),
		f"with its connections {each}": lambda w, user, dt=each: call(
			user, "frappe.desk.form.linked_with.get", doctype=dt, docname=w.kept[dt]
		),
	}
ON_A_ROW |= {
	"what hangs on the household": lambda w, user: call(
		user, "frappe.desk.form.linked_with.get", doctype="Household", docname=w.household
	),
}
del ON_A_ROW[f"with its connections {VISIT}"]  # to which no text hangs
ON_A_ROW["page of the household"] = lambda w, user: call(
	user, "grid_governance.grid_ledger.queries.page.page", http="GET", household=w.household
)


@pytest.fixture(autouse=True)
def _as_text() -> Iterator[None]:
	with ways.papers_as_text():
		yield


@pytest.mark.parametrize("way", LISTS)
def test_no_list_holds_them(world, way):
	assert ways.found(LISTS[way], world, world.outsiders, *world.secrets, *world.names) == {}


@pytest.mark.parametrize("way", BY_NAME)
def test_a_name_opens_nothing(world, way):
	assert ways.found(BY_NAME[way], world, world.outsiders, *world.secrets) == {}


@pytest.mark.parametrize("way", ON_A_ROW)
def test_nothing_is_told_of_them(world, way):
	assert ways.found(ON_A_ROW[way], world, world.outsiders, *world.secrets) == {}


@pytest.mark.parametrize("doctype", sorted(WORDS))
def test_a_department_has_nothing_to_do_with_them(world, doctype):
	for way in (f"resource {doctype}", f"link search {doctype}"):
		assert ways.told(LISTS[way](world, world.officer), *world.secrets, *world.names) == []


def test_an_auditor_sees_figures_and_nobody(world):
	auditor = world.site_wide["Governance Auditor"]
	seen = {
		doctype: bool(ways.told(LISTS[f"resource {doctype}"](world, auditor), *world.secrets))
		for doctype in WORDS
	}
	assert {doctype for doctype, told in seen.items() if told} == {ROUND, NOTICE, "Grid Chat Group"}


def test_another_session_ends_with_the_post(world):
	user = world.inside["Grid Member"]
	way = LISTS[f"resource {VISIT}"]
	assert ways.told(way(world, user), SECRET)
	frappe.set_user("Administrator")
	post = frappe.get_doc("Grid Post Assignment", {"user": user})
	post.to_date = frappe.utils.add_days(frappe.utils.nowdate(), -1)
	post.save()
	assert ways.told(way(world, user), *world.secrets, *world.names) == []
