"""A village's file comes in: its columns are confirmed, a question is answered, the good rows are written, the others
come back to be corrected."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from grid_governance.grid_ledger.importing import run
from tests.browser.screen import Screen, until
from tests.factories import make_citizen_number, make_household, make_resident

pytestmark = pytest.mark.commits

HEADINGS = ("网格", "户号", "姓名", "与户主关系", "性别", "身份证号", "职业", "备用栏")
NUMBER = make_citizen_number(division="990101", born="19701203")
BAD = NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")
SECONDS = 120
"""A job takes its time on a machine that has other work."""


@pytest.fixture
def secretary(township):
	member = township.holder("Grid Member")
	return township.holder("Village Secretary", above=member.grid_path)


@pytest.fixture
def home(township) -> str:
	"""A household with two members of one name. The demo's end takes it and what is imported."""
	import frappe

	frappe.set_user("Administrator")
	grid = township.holder("Grid Member").grid
	frappe.db.delete("Household", {"household_no": ["in", ["9101", "9102", "9103"]]})
	household = make_household(grid, household_no="9103", address="村西头")
	make_resident(household.name, resident_name="李丁四", birth_date="1950-05-05", occupation="务农")
	for _twin in range(2):
		make_resident(household.name, "Other Relative", resident_name="周戊五", birth_date=None)
	frappe.db.commit()
	return household.name


@pytest.fixture
def village_file(township, home, tmp_path) -> Iterator[Path]:
	"""A file with a new household, one with a wrong number, a changed occupation and somebody who may be two."""
	grid = township.holder("Grid Member").grid_name
	book = Workbook()
	sheet = book.active
	sheet.title = "人口台账"
	sheet.append(["村民花名册"])
	sheet.append(HEADINGS)
	for row in (
		("9101", "赵甲一", "户主", "男", NUMBER, "务农", "甲"),
		("9101", "钱乙二", "配偶", "女", "", "务工", ""),
		("9102", "孙丙三", "户主", "男", BAD, "", ""),
		("9103", "李丁四", "户主", "男", "", "木匠", ""),
		("9103", "周戊五", "其他亲属", "男", "", "务工", ""),
	):
		sheet.append((grid, *row))
	path = tmp_path / "里溪村花名册.xlsx"
	book.save(path)
	return path


@pytest.fixture
def uploaded(secretary, village_file) -> Callable[[Screen], Screen]:
	"""`uploaded(screen)`: the file is there and its columns are shown."""

	def go(screen: Screen) -> Screen:
		screen.data.add("Administrator")
		screen.go("ledger-import/new")
		until(lambda: screen.control("grid").locator("input").input_value(), screen.page)
		screen.attach("file", village_file)
		screen.page.locator(".import-columns").wait_for()
		screen.settle()
		return screen

	return go


def press(screen: Screen, label: str) -> None:
	screen.tap(screen.page.locator(".import-page button:visible", has_text=label).first)


def work(screen: Screen, label: str, job: Callable[[str], None]) -> None:
	"""Press a button that orders *job* and do it here: the worker may have other work. One of the two finds it done."""
	name = screen.page.url.rpartition("/")[2]
	press(screen, label)
	screen.page.locator(".import-progress").wait_for()
	job(name)


def figures(screen: Screen) -> dict[str, int]:
	screen.page.locator(".import-figures").wait_for(timeout=SECONDS * 1000)
	screen.settle()
	words = screen.page.locator(".import-word").all_inner_texts()
	numbers = screen.page.locator(".import-number").all_inner_texts()
	return dict(zip(words, map(int, numbers), strict=True))


def rows(screen: Screen, label: str) -> str:
	"""The rows behind a figure."""
	screen.tap(screen.page.locator("button.import-figure", has_text=label))
	screen.settle()
	return screen.page.locator(".import-rows").inner_text()


def test_a_village_comes_in(secretary, uploaded, desk, records):
	screen = uploaded(desk(secretary))
	screen.look("ledger-import-columns")
	unknown = screen.page.locator(".import-open")
	assert unknown.count() == 1
	assert "备用栏" in unknown.inner_text()
	assert NUMBER not in screen.page.locator(".import-page").inner_text()
	work(screen, "核对文件", run.check)
	found = figures(screen)
	screen.look("ledger-import-checked")
	assert (found["读入行数"], found["新增行数"], found["退回行数"]) == (5, 2, 1)
	assert found["待确认行数"] == 1
	assert records.rows("Household", {"household_no": "9101"}) == []
	assert "孙丙三" in rows(screen, "退回行数")
	changed = rows(screen, "有改动行数")
	assert "李丁四" in changed
	assert changed.index("务农") < changed.index("木匠")
	screen.look("ledger-import-changed")
	rows(screen, "待确认行数")
	choices = screen.page.locator(".import-line", has_text="周戊五").locator(".import-choices button")
	wanted = choices.first.get_attribute("data-record")
	screen.tap(choices.first)
	screen.page.locator(".import-choices .btn-primary").wait_for()
	screen.look("ledger-import-answered")
	work(screen, "重新核对", run.check)
	until(lambda: figures(screen)["待确认行数"] == 0, screen.page, SECONDS)
	work(screen, "写入", run.write)
	screen.page.locator(".import-say", has_text="已写入").wait_for(timeout=SECONDS * 1000)
	screen.look("ledger-import-done")
	household = records.one("Household", {"household_no": "9101"}, "name", "member_count", "owner")
	assert household["member_count"] == 2
	assert household["owner"] == secretary.user
	assert records.one("Resident", {"resident_name": "李丁四"}, "occupation")["occupation"] == "木匠"
	twins = records.rows("Resident", {"resident_name": "周戊五"}, "name", "occupation")
	assert {twin["name"]: twin["occupation"] for twin in twins}[wanted] == "务工"
	assert len(twins) == 2
	with screen.page.expect_download() as download:
		screen.tap(screen.page.locator(".import-page a", has_text="需改正的行"))
	sheet = load_workbook(BytesIO(Path(download.value.path()).read_bytes())).worksheets[0]
	told = [[cell.value for cell in row] for row in sheet.iter_rows()]
	assert [row[2] for row in told if row[2] not in (None, "姓名")] == ["孙丙三"]
	screen.go("ledger-import")
	screen.look("ledger-import-list")
	screen.go("grid-ledger")
	screen.look("ledger-workspace")
	assert screen.page.locator(".shortcut-widget-box", has_text="批量导入").is_visible()


def test_the_same_on_a_phone(secretary, uploaded, phone):
	screen = uploaded(phone(secretary))
	screen.look("ledger-import-columns")
	work(screen, "核对文件", run.check)
	figures(screen)
	screen.look("ledger-import-checked")
	rows(screen, "待确认行数")
	screen.tap(screen.page.locator(".import-choices button", has_text="不导入").first)
	screen.page.locator(".import-choices .btn-primary").wait_for()
	screen.look("ledger-import-answered")
	smallest = screen.page.locator(".import-page button:visible").evaluate_all(
		"all => Math.min(...all.map((each) => each.getBoundingClientRect().height))"
	)
	assert smallest >= 44
	screen.go("ledger-import")
	screen.look("ledger-import-list")
