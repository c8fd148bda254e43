"""What an administrator opens to change the product works: lists, forms, the Workflow Builder."""

import pytest

pytestmark = pytest.mark.commits

LISTS = (
	"grid",
	"grid-level",
	"grid-post",
	"grid-worker",
	"grid-post-assignment",
	"grid-issue",
	"issue-category",
	"issue-log",
	"resolution-level",
	"seed-record",
)


@pytest.fixture
def administrator(desk, admin_password):
	"""A window at a desk, logged in as Administrator."""
	screen = desk()
	screen.login("Administrator", admin_password)
	return screen


def test_every_list_opens(township, administrator):
	administrator.look("administrator-home")
	for route in (*LISTS, "account-log"):
		administrator.go(f"{route}/view/list")
		administrator.page.locator(".frappe-list:visible").first.wait_for()
		_look(administrator, route, "list")


def test_every_form_opens(township, administrator, records):
	for route in LISTS:
		doctype = route.replace("-", " ").title()
		name = records.rows(doctype, {})[-1]["name"]
		administrator.go(f"{route}/{name}")
		administrator.page.locator(".form-layout:visible").first.wait_for()
		_look(administrator, route, "form")
		assert not administrator.page.evaluate("cur_frm.is_dirty()"), (
			f"{doctype} {name} is unsaved when opened"
		)


def test_the_workflow_builder_opens(administrator, records):
	workflow = records.one("Workflow", {"document_type": "Grid Issue", "is_active": 1})["name"]
	administrator.page.goto(f"/app/workflow-builder/{workflow}")
	administrator.page.locator(".vue-flow__node:visible").first.wait_for()
	administrator.settle()
	administrator.shot("administrator-workflow-builder")
	shown = administrator.page.locator(".vue-flow__node:visible").all_inner_texts()
	for state in records.rows("Workflow Document State", {"parent": workflow}, "state", order_by="idx asc"):
		assert any(state["state"] in text for text in shown), state["state"]


def _look(screen, route: str, view: str) -> None:
	"""Look at a screen; the ledger of seeds shows keys, which are no words."""
	name = f"administrator-{route}-{view}"
	if route == "seed-record":
		screen.shot(name)
	else:
		screen.look(name)
