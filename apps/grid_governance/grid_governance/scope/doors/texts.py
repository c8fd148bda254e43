"""Text stays text: what people type holds no markup on a screen or a sheet, and no formula in a spreadsheet."""

import re
from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import frappe
from bs4 import BeautifulSoup
from frappe.model.document import Document
from frappe.utils import escape_html
from frappe.utils.html_utils import is_json
from frappe.utils.xlsxutils import ILLEGAL_CHARACTERS_RE, handle_html
from openpyxl.cell import WriteOnlyCell

from grid_governance.scope import rules
from grid_governance.scope.doors.patches import APP, is_active
from grid_governance.scope.registry import ATTACHED, limiting_field

LINES = ("Data", "Small Text", "Text")
"""Types of fields for text without markup."""

RICH = ("Text Editor", "HTML Editor")
"""Types of fields for text with markup, which Frappe cleans."""

ACCOUNT: dict[str, Callable[[str], str]] = {
	"Data": rules.plain_name,
	"Small Text": rules.plain,
	"Attach Image": rules.plain_address,
}
"""What a User is shown by, beside everything that she does, and may set herself."""

_FORMULA = re.compile(r"^[\s\x00-\x1f]*[=+\-@＝＋－＠]\s*\S")
_NUMBER = re.compile(r"^[+-]?\d+([.,:]\d+)*%?$")
_SHEET = SimpleNamespace(title="")
"""What a cell not yet written names as its sheet."""
_AS_THEY_ARE = ("Data Import Template", "Data Export")
"""Sheets into which Frappe writes texts without making them readable: they come back."""


def make_plain(doc: Document, method: str | None = None) -> None:
	"""Take the markup out of the texts of *doc* before it is validated.

	Frappe keeps elements that run no script, and shows them; and it keeps whatever reads as JSON or never ends its
	tag; and it puts texts into attributes, which a quotation mark ends. In a line of text these signs become the wide
	ones of Chinese type, so that what was typed is still read. A rich text that no editor has made is escaped.
	"""
	if not is_active():
		return
	makers = _makers(doc)
	for row in (doc, *doc.get_all_children()) if makers else ():
		for field in row.meta.fields:
			text = row.get(field.fieldname) if field.fieldtype in makers else None
			if text and isinstance(text, str):
				row.set(field.fieldname, makers[field.fieldtype](text))


def csv_without_formulas(
	stock: Callable[..., bytes], data: Iterable[Iterable[Any]], *args: Any, **kwargs: Any
) -> bytes:
	"""Put an apostrophe before text that a spreadsheet would take for a formula; CSV knows no types."""
	return stock([_inert(row) for row in data], *args, **kwargs)


def csv_row_without_formulas(stock: Callable[..., None], writer: object, row: Iterable[Any]) -> None:
	"""Do the same for the rows of an export for an import, and of a report by e-mail."""
	stock(writer, _inert(row))


def workbook_without_formulas(
	stock: Callable[..., Any], data: Iterable[Iterable[Any]], sheet_name: str, *args: Any, **kwargs: Any
) -> Any:
	"""Write text into a workbook as text, whatever it begins with: openpyxl makes a formula of an equals sign."""
	readable = sheet_name not in _AS_THEY_ARE
	rows = ([_text_cell(cell, readable) if isinstance(cell, str) else cell for cell in row] for row in data)
	return stock(rows, sheet_name, *args, **kwargs)


def _makers(doc: Document) -> Mapping[str, Callable[[str], str]]:
	"""Return what makes the texts of *doc* plain, by type of field; nothing for what is none of ours."""
	if doc.doctype == "User":
		return ACCOUNT
	app = frappe.local.module_app.get(frappe.scrub(doc.meta.module))
	if app == APP or doc.doctype == "File" or limiting_field(doc.doctype):
		return dict.fromkeys(LINES, rules.plain)
	return dict.fromkeys((*LINES, *RICH), _cleaned) if doc.doctype in ATTACHED else {}


def _cleaned(text: str) -> str:
	"""Escape what Frappe's own cleaning would not look at; it does the rest."""
	unseen = "<" in text and (is_json(text) or not BeautifulSoup(text, "html.parser").find())
	return escape_html(text) if unseen else text


def _inert(row: Iterable[Any]) -> list[Any]:
	return [f"'{cell}" if _looks_like_formula(cell) else cell for cell in row]


def _looks_like_formula(cell: Any) -> bool:
	"""Say whether a spreadsheet calculates *cell*. A number with its sign is a number."""
	return isinstance(cell, str) and bool(_FORMULA.match(cell)) and not _NUMBER.match(cell)


def _text_cell(cell: str, readable: bool) -> Any:
	"""Return *cell* as Frappe would write it, typed as text where openpyxl would not have it so."""
	text = ILLEGAL_CHARACTERS_RE.sub("", handle_html(cell) if readable else cell)
	if not text.startswith("="):
		return cell
	written = WriteOnlyCell(_SHEET, text)
	written.data_type = "s"
	return written
