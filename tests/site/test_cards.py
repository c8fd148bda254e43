"""The notice board, the worker's card and the public page of a grid."""

import frappe
import pytest
from frappe.utils import add_days, nowdate
from frappe.www.printview import get_html_and_style

from grid_governance.grid_structure.queries import cards
from grid_governance.setup.seeds import name_of
from tests.factories import make_assignment, make_post, make_role, make_township, make_worker

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def town() -> frappe._dict:
	made = make_township(1, 2)
	grid = made.grids[0][0]
	lead = make_post(make_role(), post_name="甲岗", is_lead=1, duties="带队巡查")
	member = make_post(make_role(), post_name="乙岗")
	made.leader = make_worker(grid.name, worker_name="丙", phone="13800000001", user=None)
	others = [make_worker(grid.name, worker_name=name, user=None) for name in ("甲", "乙")]
	make_assignment(made.leader.name, lead.name, grid.name)
	make_assignment(others[0].name, member.name, grid.name)
	make_assignment(others[1].name, member.name, grid.name, to_date=add_days(nowdate(), -1))
	frappe.get_doc(doctype="Township Profile", grid=made.root.name, supervision_phone="0355-7000000").insert(
		ignore_permissions=True
	)
	made.grid = grid
	return made


def printed(doctype: str, name: str, seed: str) -> str:
	return get_html_and_style(doctype, name, name_of(f"print_format/{seed}"))["html"]


def test_the_board_names_those_who_serve_today_leads_first(town):
	board = cards.grid_notice_board(town.grid.name)
	assert [(one.post, one.worker_name) for one in board.people] == [("甲岗", "丙"), ("乙岗", "甲")]
	assert board.place == [town.root.grid_name, town.villages[0].grid_name]
	assert board.supervision_phone == "0355-7000000"
	assert board.address.endswith(f"/grid/{town.grid.name}")
	assert board.qr.startswith("data:image/svg+xml;base64,")


def test_the_board_prints_with_everything_that_must_be_published(town):
	html = printed("Grid", town.grid.name, "grid-notice-board")
	for text in (town.grid.grid_name, town.grid.grid_code, "丙", "13800000001", "0355-7000000"):
		assert text in html


def test_a_board_escapes_what_people_typed(town):
	frappe.db.set_value("Grid Worker", town.leader.name, "worker_name", "<b>丙</b>")
	html = printed("Grid", town.grid.name, "grid-notice-board")
	assert "<b>丙</b>" not in html


def test_the_card_shows_who_what_for_and_with_what_result(town):
	card = cards.grid_worker_card(town.leader.name)
	assert [(post.post, post.grid_name) for post in card.posts] == [("甲岗", town.grid.grid_name)]
	assert [result["value"] for result in card.results] == [0, 0]
	html = printed("Grid Worker", town.leader.name, "grid-worker-card")
	assert "带队巡查" in html


def public_page(code: str) -> frappe._dict:
	from grid_governance.www import grid as page

	frappe.set_user("Guest")
	frappe.form_dict.code = code
	context = frappe._dict()
	page.get_context(context)
	return context


def test_the_public_page_is_for_everybody_and_ends_with_the_grid(town):
	assert public_page(town.grid.name).board.people[0].worker_name == "丙"
	frappe.set_user("Administrator")
	frappe.db.set_value("Grid", town.grid.name, "status", "Closed")
	for code in (town.grid.name, "no such code", ""):
		with pytest.raises(frappe.PageDoesNotExistError):
			public_page(code)
