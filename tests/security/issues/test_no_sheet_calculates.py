"""Whatever people type is text in every workbook and every CSV that leaves the site: lists, reports, data exports."""

import csv
import io
import json
import re
from collections.abc import Callable

import frappe
import openpyxl
import pytest

from tests.factories import make_category, make_issue
from tests.web import call
from tests.world import REPORTS

FORMULAS = (
	"=1+1",
	"+SUM(A1)",
	"-2+3",
	"@SUM(A1)",
	"\t=1+1",
	"\r=1+1",
	" =1+1",
	"\x01=1+1",
	"＝1+1",
	"<p>=1+1</p>",
	'=HYPERLINK("http://x.example","点")',
	"=cmd|'/C calc'!A0",
)
"""What a spreadsheet calculates: some of it once a control character or a tag is dropped, or a wide sign read as narrow."""

CALCULATED = re.compile(r"^[\s\x00-\x1f]*[=+\-@＝＋－＠]\s*[^\s\d]|^[\s\x00-\x1f]*[=＝]|^-2\+3")
KINDS = ("Excel", "CSV")
TEXTS = {
	"Grid Issue": "description",
	"Issue Log": "opinion",
	"Issue Referral": "opinion",
	"Issue Extension": "reason",
}
PERIOD = {"from_date": "2024-03-01", "to_date": "2024-03-31"}
Export = Callable[[frappe._dict, str, str], bytes]


def sent(method: str, **given: object) -> bytes:
	answer = call("Administrator", method, **given)
	assert answer.status == 200, answer.fault or answer.text
	return answer.body


def list_of(doctype: str) -> Export:
	return lambda world, kind, text: sent(
		"frappe.desk.reportview.export_query",
		doctype=doctype,
		fields=json.dumps([f"`tab{doctype}`.`{field}`" for field in ("name", TEXTS[doctype])]),
		filters=json.dumps([[doctype, "grid", "=", world.grid]]),
		file_format_type=kind,
		title=doctype,
		view="Report",
		page_length=0,
	)


def report(name: str) -> Export:
	return lambda world, kind, text: sent(
		"frappe.desk.query_report.export_query",
		report_name=name,
		file_format_type=kind,
		filters=json.dumps({**PERIOD, "grid": world.village}),
		visible_idx=json.dumps(list(range(1000))),
		custom_columns="[]",
		include_indentation=0,
	)


def mailed(name: str) -> Export:
	"""A report as the site mails it every week."""

	def made(world: frappe._dict, kind: str, text: str) -> bytes:
		order = frappe.get_doc(
			doctype="Auto Email Report",
			report=name,
			user="Administrator",
			email_to="x@example.com",
			format={"Excel": "XLSX"}.get(kind, kind),
			frequency="Daily",
			filters=json.dumps({**PERIOD, "grid": world.village}),
		).insert()
		return sent("frappe.email.doctype.auto_email_report.auto_email_report.download", name=order.name)

	return made


EXPORTS: dict[str, Export] = {
	**{f"list of {doctype}": list_of(doctype) for doctype in TEXTS},
	**{f"report {name}": report(name) for name in REPORTS},
	"report by mail": mailed("Issue Closing and Timeliness"),
	"data export": lambda world, kind, text: sent(
		"frappe.core.doctype.data_export.exporter.export_data",
		doctype="Grid Issue",
		parent_doctype="Grid Issue",
		all_doctypes="true",
		with_data=1,
		select_columns=json.dumps({"Grid Issue": ["name", "description"]}),
		filters=json.dumps([["Grid Issue", "grid", "=", world.grid]]),
		file_type=kind,
		export_without_column_meta="true",
	),
	"template of an import": lambda world, kind, text: sent(
		"frappe.core.doctype.data_import.data_import.download_template",
		doctype="Grid Issue",
		export_fields=json.dumps({"Grid Issue": ["name", "description"]}),
		export_records="by_filter",
		export_filters=json.dumps([["Grid Issue", "grid", "=", world.grid]]),
		file_type=kind,
	),
}


@pytest.fixture
def calculating(world) -> Callable[[str], None]:
	"""Put a formula into every text, as something that writes past the cleaning of a save would leave it."""
	group = make_category(is_group=1)
	category = make_category(parent_category=group)
	for source in ("Superior Assignment", "Online Referral", "Patrol"):
		issue = make_issue(
			world.grid, "settle-on-the-spot", "give-feedback", source=source, category=category
		)
		moments = dict.fromkeys(("found_at", "resolved_at", "closed_at"), "2024-03-05 09:00:00")
		frappe.db.set_value("Grid Issue", issue.name, moments)

	def put(text: str) -> None:
		frappe.db.set_value("Grid", world.grid, "grid_name", text)
		frappe.db.set_value("Issue Category", group, "category_name", text)
		for doctype, field in TEXTS.items():
			frappe.db.set_value(doctype, {"grid": world.grid}, field, text)

	return put


def cells(kind: str, content: bytes) -> list[str]:
	"""All texts of a sheet; fails on one that is a formula."""
	if kind == "CSV":
		texts = [
			cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in row
		]
		assert [cell for cell in texts if CALCULATED.match(cell)] == []
		return texts
	sheet = openpyxl.load_workbook(io.BytesIO(content)).active
	found = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
	assert [cell.value for cell in found if cell.data_type == "f"] == []
	return [str(cell.value) for cell in found]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("export", EXPORTS)
def test_no_sheet_calculates_it(world, calculating, export, kind):
	for text in FORMULAS:
		calculating(text)
		texts = cells(kind, EXPORTS[export](world, kind, text))
		core = re.sub(r"<[^>]*>|[\s\x00-\x1f]", "", text)
		assert any(core in re.sub(r"[\s\x00-\x1f]", "", each) for each in texts), (text, texts)


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_stay_numbers(world, calculating, kind):
	for text in ("-5", "+8613800000000", "-3.5%", "-"):
		calculating(text)
		assert text in cells(kind, EXPORTS["list of Grid Issue"](world, kind, text))


def test_what_an_import_takes_back_is_as_it_was(world, calculating):
	"""A workbook knows that a text is one, so nothing is put before it."""
	calculating("- 第一处")
	assert "- 第一处" in cells("Excel", EXPORTS["template of an import"](world, "Excel", ""))
