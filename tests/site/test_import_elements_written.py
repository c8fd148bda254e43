"""A file of facilities, from the upload to the rows that come back: checked, written, corrected, brought once more."""

from collections.abc import Iterator
from io import BytesIO

import frappe
import pytest
from openpyxl import Workbook, load_workbook

from grid_governance.grid_ledger.importing import desk
from grid_governance.grid_ledger.importing.uploads import IMPORT
from tests import import_town

pytestmark = pytest.mark.commits

FACILITY = "Grid Facility"
HEADINGS = ["村", "所属网格", "设施名称", "设施类别", "完好情况", "最近巡检日期", "备注"]


@pytest.fixture(scope="module")
def town(site: str) -> Iterator[frappe._dict]:
	with import_town.taken_away(1, 1) as town:
		yield town
		frappe.db.delete(FACILITY, {"grid_path": ["like", f"{town.path}%"]})
		frappe.db.commit()


def excel(town: frappe._dict, *rows: list[object]) -> bytes:
	book, place = Workbook(), town.places[0]
	book.active.append(["里溪村设施一览"])
	book.active.append(HEADINGS)
	for row in rows:
		book.active.append([place.village, place.grid, *row])
	book.active.append(["合计", f"{len(rows)}处"])
	for cell in book.active["G"]:
		cell.data_type = (
			"s" if cell.data_type == "f" else cell.data_type
		)  # typed as text, whatever it begins with
	out = BytesIO()
	book.save(out)
	return out.getvalue()


def brought(town: frappe._dict, content: bytes) -> frappe._dict:
	"""Upload *content* as a file of facilities, check it and write it; the row of the import."""
	with import_town.speaking_chinese(town.user):
		doc = frappe.get_doc(doctype=IMPORT, grid=town.root, kind=FACILITY).insert()
		attached = {"attached_to_doctype": IMPORT, "attached_to_name": doc.name, "attached_to_field": "file"}
		file = frappe.get_doc(
			doctype="File", file_name=f"{doc.name}.xlsx", is_private=1, content=content, **attached
		).insert()
		doc.file = file.file_url
		doc.save()
		desk.look(doc.name)
		desk.ready_to_check(frappe.get_doc(IMPORT, doc.name), "{}")
	frappe.db.commit()
	checked = import_town.check(doc.name)
	assert (checked.state, import_town.count(town, FACILITY, creation=[">=", doc.creation])) == ("Checked", 0)
	return import_town.write(town, doc.name)


def figures(row: frappe._dict) -> tuple[str, int, int, int, int]:
	return row.state, row.rows_new, row.rows_changed, row.rows_unchanged, row.rows_refused


def test_good_rows_are_written_and_the_others_come_back_and_are_corrected(town):
	rows = (
		["村口路灯", "路灯", "完好", "2026.1.5", ""],
		["路灯", "路灯", "", "", "桥头"],
		["路灯", "路灯", "待修", "", "校门口"],
		["农家书屋", "看书的地方", "", "", ""],
		["水井", "水井", "", "2026年2月30日", "=1+1"],
	)
	first = brought(town, excel(town, *rows))
	assert figures(first) == ("Done", 3, 0, 0, 2)
	assert [line.who for line in import_town.lines(first.name, "Refused")] == ["农家书屋", "水井"]
	made = frappe.get_all(
		FACILITY, {"grid_path": ["like", f"{town.path}%"]}, ["facility_name", "owner", "condition"]
	)
	assert sorted(row.facility_name for row in made) == ["村口路灯", "路灯", "路灯"]
	assert {row.owner for row in made} == {town.user}

	again = brought(town, excel(town, *rows[:3]))
	assert figures(again) == ("Done", 0, 0, 3, 0)

	file = frappe.get_doc("File", {"file_url": first.refused_file})
	assert (file.is_private, file.attached_to_name) == (1, first.name)
	book = load_workbook(BytesIO(file.get_content()))
	sheet = book.worksheets[0]
	assert [cell.value for cell in sheet[1]] == [*HEADINGS, "退回原因"]
	assert [cell.coordinate for row in sheet.iter_rows(min_row=2) for cell in row if cell.comment] == [
		"D2",
		"F3",
	]
	sheet["D2"], sheet["F3"] = "农家书屋", "2026-02-28"
	out = BytesIO()
	book.save(out)
	corrected = brought(town, out.getvalue())
	assert figures(corrected) == ("Done", 2, 0, 0, 0)
	well = frappe.get_last_doc(FACILITY, {"facility_name": "水井", "grid_path": ["like", f"{town.path}%"]})
	assert (well.note, str(well.last_check_on)) == ("=1+1", "2026-02-28")
