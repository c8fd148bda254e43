"""An empty township sets itself up: its villages, its grids and its people.

A township that no demo has. The tests of this file are the steps of one story and run in their order.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.browser.conftest import Person
from tests.browser.screen import until

pytestmark = pytest.mark.commits

CODE, NAME, VILLAGES = "320404004", "西林街道", 8
PATIENCE = 120
"""Seconds that the work of a job may take behind others."""


@dataclass
class Story:
	"""What one step leaves to the next."""

	villages: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def story(records) -> Iterator[Story]:
	"""A site on which the township is not there yet; whatever was made of it is removed."""
	import frappe

	forget_township()
	frappe.db.commit()
	yield Story()
	frappe.db.rollback()
	forget_township()
	frappe.db.commit()


@pytest.fixture
def administrator(desk, admin_password):
	"""The administrator's window at the first run, with the township chosen once it is there."""
	screen = desk(Person("Administrator", admin_password, "", "", "", "", ""))
	screen.go("township-setup")
	chosen = screen.page.locator('select[data-fieldname="township"]')
	if chosen.locator(f'option[value="{CODE}"]').count():
		chosen.select_option(CODE)
		screen.settle()
	return screen


def forget_township() -> None:
	"""Remove the township with all that hangs on it, past the rules that protect records."""
	import frappe

	from grid_governance.grid_structure import actions, queries

	path = frappe.db.get_value("Grid", CODE, "grid_path")
	if not path:
		return
	below = {"grid_path": ["like", f"{path}%"]}
	users = frappe.get_all("Grid Worker", {**below, "user": ["is", "set"]}, pluck="user")
	for doctype in ("Account Batch", "Structure Import"):
		for name in frappe.get_all(doctype, below, pluck="name"):
			for file in frappe.get_all("File", {"attached_to_name": name}, pluck="name"):
				frappe.delete_doc("File", file, force=True)
	for doctype in queries.doctypes_with_path():
		frappe.db.delete(doctype, below)
	for user in users:
		frappe.delete_doc("User", user, force=True, ignore_permissions=True)
	actions.renumber()
	frappe.clear_cache()


def press(screen, text: str) -> None:
	screen.tap(screen.page.locator("button:visible", has_text=text).last)
	screen.settle()


def test_the_villages_come_by_the_code_and_grids_by_rule(story, administrator, records):
	screen = administrator
	press(screen, "导入乡镇")
	screen.choose("code", CODE, NAME)
	screen.confirm()
	screen.look("setup-villages")
	villages = records.rows("Grid", {"parent_grid": CODE}, "name", "grid_name", order_by="name asc")
	assert len(villages) == VILLAGES
	story.villages = [village["name"] for village in villages]

	press(screen, "按规则划分网格")
	dialog = screen.page.locator(".modal.show")
	press_draw = dialog.locator(".modal-footer .btn-primary:visible")
	screen.type("target", "100")
	screen.type(story.villages[0], "-1")
	screen.allow("417")
	screen.tap(press_draw)
	refused = screen.page.locator(".msgprint:visible")
	refused.wait_for()
	assert "户数不能小于0" in refused.inner_text()
	screen.dismiss(refused)
	assert screen.control("target").locator("input").input_value() == "100"  # nothing typed is lost
	screen.type(story.villages[0], "310")
	screen.shot("setup-draw")
	screen.tap(press_draw)
	dialog.wait_for(state="hidden")
	screen.settle()
	drawn = records.rows("Grid", {"parent_grid": story.villages[0]}, "planned_households")
	assert sorted(grid["planned_households"] for grid in drawn) == [103, 103, 104]


def test_people_come_by_excel_and_bad_rows_go_back(story, administrator, records, tmp_path):
	screen = administrator
	screen.tap(screen.page.locator("button:visible", has_text="从Excel文件导入").last)
	screen.page.wait_for_url("**/structure-import/new-*")
	screen.settle()
	screen.save()
	screen.page.wait_for_url("**/structure-import/SI-*")
	screen.settle()
	with screen.page.expect_download() as download:
		press(screen, "下载模板")
	attach(screen, filled(Path(download.value.path()), tmp_path / "花名册.xlsx", story, records))
	screen.look("setup-import-checked")
	assert records.rows("Grid Worker", {"grid_path": ["like", f"{path(records)}%"]}) == []
	assert "此岗位限1人" in screen.page.locator('[data-fieldname="lines_view"]').inner_text()

	press(screen, "导入3行正确数据")
	name = screen.page.url.rsplit("/", 1)[1]
	done = until(
		lambda: records.one("Structure Import", {"name": name}, "status")["status"] == "Done",
		screen.page,
		PATIENCE,
	)
	assert done
	people = records.rows("Grid Worker", {"grid_path": ["like", f"{path(records)}%"]}, "worker_name")
	assert {person["worker_name"] for person in people} == {"周书记", "吴网格", "郑小员"}
	refused = records.one("Structure Import", {"name": name}, "refused_file")["refused_file"]
	answer = screen.page.request.get(refused)
	rows = list(load_workbook(BytesIO(answer.body())).active.iter_rows(values_only=True))
	assert [row[6] for row in rows[1:]] == ["王多余"]


def path(records) -> str:
	"""The path of the township."""
	return records.one("Grid", {"name": CODE}, "grid_path")["grid_path"]


def filled(template: Path, to: Path, story: Story, records) -> Path:
	"""The template with three good rows and one that is one leader too many."""
	village = records.one("Grid", {"name": story.villages[0]}, "grid_name")["grid_name"]
	grid = records.rows("Grid", {"parent_grid": story.villages[0]}, "grid_name", order_by="name asc")[0]
	lead, leader, member = (
		records.seeded(f"grid_post/{post}") for post in ("general-grid-leader", "grid-leader", "grid-member")
	)
	book = load_workbook(BytesIO(template.read_bytes()))
	sheet = book.active
	at = {cell.value: cell.column for cell in sheet[1]}
	rows = [
		(village, None, lead, "周书记", "13900000201"),
		(village, grid["grid_name"], leader, "吴网格", "139 0000 0202"),
		(village, grid["grid_name"], member, "郑小员", 13900000203),
		(village, grid["grid_name"], leader, "王多余", "13900000204"),
	]
	for number, row in enumerate(rows, start=2):
		for heading, value in zip(("村居", "网格", "网格岗位", "姓名", "工作电话"), row, strict=True):
			sheet.cell(number, at[heading], value)
	book.save(to)
	return to


def attach(screen, file: Path) -> None:
	"""Attach a file by the field's button; it is saved and checked at once."""
	screen.tap(screen.control("file").locator(".btn-attach"))
	dialog = screen.page.locator(".modal.show", has=screen.page.locator(".file-uploader"))
	with screen.page.expect_file_chooser() as chooser:
		screen.tap(dialog.locator(".btn-file-upload").first)
	chooser.value.set_files(file)
	dialog.locator(".file-preview").wait_for()
	screen.tap(dialog.locator(".modal-footer .btn-primary, .btn-modal-primary").first)
	dialog.wait_for(state="hidden")
	screen.page.locator("button:visible", has_text="重新核对").wait_for()
	screen.page.locator(".form-message:visible", has_text="检查完毕").wait_for()
	screen.settle()
