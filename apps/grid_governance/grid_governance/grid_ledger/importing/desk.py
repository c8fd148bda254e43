"""What the form of an import calls: the columns of a file to confirm, its check, questions answered, the writing."""

import json
from itertools import groupby
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_to_date, now_datetime

from grid_governance.grid_ledger.importing import columns, needs, templates, uploads
from grid_governance.grid_ledger.importing.columns.recognising import Found, is_example, recognise
from grid_governance.grid_ledger.importing.shapes import Choice, Verdict
from grid_governance.grid_ledger.importing.uploads import IMPORT, LINE, ImportNotReadyError
from grid_governance.spreadsheet.book import Sheet

JOBS = {
	uploads.CHECKING: "grid_governance.grid_ledger.importing.run.check",
	uploads.WRITING: "grid_governance.grid_ledger.importing.run.write",
}
"""The job that works on an import in a state."""

JOB_SECONDS = 4 * 3600
"""What a job may take: a county's file of a million rows, several times over."""

STALE_MINUTES = 3
"""Without a word from a job (`modified` of its import, written with each part) it counts as gone."""

NEEDED = {
	columns.PEOPLE: ("Resident.resident_name",),
	"Grid Place": ("Grid Place.place_name",),
	"Grid Facility": ("Grid Facility.facility_name",),
	"Grid Organization": ("Grid Organization.org_name",),
}
"""Targets without which no row of a file can be told from another, by kind."""


class ColumnsError(frappe.ValidationError):
	"""Columns are given a meaning that they cannot have."""


class AnswerError(frappe.ValidationError):
	"""An answer is given to a row that asks nothing, or names what is not to be chosen from."""


@frappe.whitelist(methods=["POST"])
def look(name: str) -> None:
	"""Read the headings of the file of the import *name* and say on it what each column is taken as, to be confirmed."""
	doc = _own(name)
	_refuse_begun(doc)
	content, file_name = uploads.content(doc)
	book = uploads.read(content, file_name)
	doc.set("columns", [row for at, sheet in enumerate(book.sheets) for row in _columns(at, sheet, doc.kind)])
	doc.update({"file_name": file_name, "state": uploads.TO_CONFIRM, "error": None})
	_forget_figures(doc)
	_save(doc)


@frappe.whitelist()
def choices(name: str) -> list[dict[str, Any]]:
	"""Return what a column of the import *name* can be taken as: `key`, `label`, `group`, whether one `may_write` it
	and whether `several` columns may be."""
	doc = _own(name)
	return [
		{
			"key": target.key,
			"label": target.label,
			"group": _(target.doctype),
			"may_write": target.may_write,
			"several": target.key in columns.SEVERAL,
		}
		for target in columns.targets(doc.kind).values()
	]


@frappe.whitelist()
def why_slow(name: str) -> str | None:
	"""Return why the rows of the import *name* have to be saved one by one; None where they are written in bulk."""
	return needs.of_kind(_own(name).kind)


@frappe.whitelist(methods=["POST"])
def check(name: str, columns: str | None = None) -> None:
	"""Order the check of the import *name*; nothing of the file is written by it.

	*columns*, where given, is a JSON object with the key of the target by "sheet:position" (both from 0; an empty key
	leaves the column out). Raises ColumnsError for one that is not to be had, or is given twice in a sheet.
	"""
	order(ready_to_check(_own(name), columns))


def ready_to_check(doc: Document, columns: str | None = None) -> Document:
	"""Set the import *doc* to be checked by its job; *columns* and errors as of `check`."""
	_refuse_begun(doc)
	uploads.content(doc)
	if columns is not None:
		_take_columns(doc, _chosen(columns))
	elif doc.state in (uploads.DRAFT, uploads.TO_CONFIRM):
		frappe.throw(_("Confirm first what the columns mean."), ImportNotReadyError)
	uploads.delete_files(doc, uploads.RESULTS)
	doc.update({"state": uploads.CHECKING, "error": None, **dict.fromkeys(uploads.RESULTS)})
	_forget_figures(doc)
	_save(doc)
	return doc


@frappe.whitelist(methods=["POST"])
def write(name: str) -> None:
	"""Order the writing of the import *name*, or go on with it where it stopped.

	One that is done is gone through again, for the rows that were answered since: what is written changes nothing.
	"""
	order(ready_to_write(_own(name)))


def ready_to_write(doc: Document) -> Document:
	"""Set the import *doc* to be written by its job, or to be gone on with. Raises ImportNotReadyError."""
	begun = bool(doc.started_at)
	allowed = (
		(uploads.STOPPED, uploads.CANCELLED, uploads.FAILED, uploads.DONE) if begun else (uploads.CHECKED,)
	)
	if doc.state not in allowed:
		frappe.throw(_("Let the file be checked first."), ImportNotReadyError)
	uploads.content(doc)
	if not begun or doc.state == uploads.DONE:
		doc.position = 0
	doc.update({"state": uploads.WRITING, "stage": "Waiting", "error": None, "cancel_asked": 0})
	doc.update({"started_at": doc.started_at or now_datetime(), "ended_at": None})
	_save(doc)
	return doc


@frappe.whitelist(methods=["POST"])
def cancel(name: str) -> None:
	"""Ask the job that works on the import *name* to stop after the part it is at.

	Of one from whose job nothing has been heard for a while it is the end at once.
	"""
	doc = _own(name)
	if doc.state not in uploads.RUNNING:
		frappe.throw(_("Nothing is going on that could be cancelled."), ImportNotReadyError)
	if doc.modified < add_to_date(now_datetime(), minutes=-STALE_MINUTES):
		doc.db_set({"state": uploads.CANCELLED, "ended_at": now_datetime()})
	else:
		doc.db_set("cancel_asked", 1, update_modified=False)


@frappe.whitelist(methods=["POST"])
def answer(name: str, line: str, choice: str, record: str | None = None) -> None:
	"""Say what the row *line* of the import *name* means: *choice* is a value of `Choice`, *record* one of its candidates.

	Raises AnswerError.
	"""
	doc = _own(name)
	if doc.state in uploads.RUNNING or doc.cleared_on:
		frappe.throw(_("Wait until the import stands still."), ImportNotReadyError)
	row = frappe.db.get_value(
		LINE, {"name": line, "ledger_import": doc.name}, ["verdict", "details"], as_dict=True
	)
	if not row or row.verdict != Verdict.TO_DECIDE.value or choice not in [each.value for each in Choice]:
		frappe.throw(_("This row asks nothing. Load the page again."), AnswerError)
	candidates = [each["name"] for each in json.loads(row.details or "{}").get("candidates", [])]
	if choice != Choice.RECORD.value:
		record = None
	elif record not in candidates:
		frappe.throw(_("Choose one of those that are offered."), AnswerError)
	frappe.db.set_value(LINE, line, {"answer": choice, "answer_record": record})


@frappe.whitelist(methods=["POST"])
def clear(name: str) -> None:
	"""Remove the rows and files of the import *name*; its figures stay, for the history."""
	doc = _own(name)
	if doc.state in uploads.RUNNING:
		frappe.throw(_("Wait until the import stands still."), ImportNotReadyError)
	uploads.forget([doc.name])


@frappe.whitelist(methods=["POST"])
def template(what: str) -> None:
	"""Send the template *what* (one of `templates.KINDS`) as an Excel file, with the columns that one may fill."""
	if not frappe.has_permission(IMPORT, "create"):
		raise frappe.PermissionError
	if what not in templates.KINDS:
		raise frappe.DoesNotExistError
	frappe.local.response.update(
		{"filename": f"{_(what)}.xlsx", "filecontent": templates.template(what), "type": "binary"}
	)


def order(doc: Document) -> None:
	"""Have the job of the import's state begin once this transaction is committed."""
	frappe.enqueue(
		JOBS[doc.state], queue="long", timeout=JOB_SECONDS, enqueue_after_commit=True, name=doc.name
	)


def _own(name: str) -> Document:
	doc = frappe.get_doc(IMPORT, name)
	doc.check_permission("write")
	return doc


def _refuse_begun(doc: Document) -> None:
	if doc.state in uploads.RUNNING:
		frappe.throw(_("Wait until the import stands still."), ImportNotReadyError)
	if doc.started_at:
		frappe.throw(
			_("Rows of this file are written already. Make a new import for another file."),
			ImportNotReadyError,
		)


def _columns(at: int, sheet: Sheet, kind: str) -> list[dict[str, Any]]:
	"""Return rows of Ledger Import Column for *sheet*: one of a sheet without headings says so and has no letter."""
	place = {"sheet": at, "sheet_name": sheet.name}
	heading, found = recognise(sheet, kind)
	if heading:
		return [place | _column(each) for each in found]
	if is_example(sheet.name):
		return []
	note = _("No row of headings was found on this sheet, so it is not read.")
	return [{**place, "position": -1, "note": note}]


def _column(found: Found) -> dict[str, Any]:
	return {
		"position": found.index,
		"letter": found.letter,
		"heading": found.heading,
		"example": found.example,
		"target": found.key,
		"found": found.found,
		"taken": int(found.taken),
		"note": found.note,
	}


def _chosen(sent: str) -> dict[str, str]:
	"""Read what a client says of the columns. Raises ColumnsError for anything but texts by texts."""
	try:
		chosen = json.loads(sent)
	except ValueError:
		chosen = None
	if not isinstance(chosen, dict) or not all(isinstance(key, str) for key in chosen.values()):
		frappe.throw(
			_("What the columns mean did not arrive whole. Load the page again and confirm it."), ColumnsError
		)
	return chosen


def _take_columns(doc: Document, chosen: dict[str, str]) -> None:
	"""Set what the columns of *doc* mean, and keep for other files what somebody said of a heading."""
	found = columns.targets(doc.kind)
	for _sheet, rows in groupby(doc.columns, key=lambda row: row.sheet):
		taken: dict[str, str] = {}
		for row in rows:
			key = chosen.get(f"{row.sheet}:{row.position}", row.target if row.taken else "") or ""
			target = found.get(key)
			if key and not (target and target.may_write):
				frappe.throw(_("Your posts do not let you enter {0}.").format(row.heading), ColumnsError)
			if key in taken and key not in columns.SEVERAL:
				frappe.throw(
					_(
						"On the sheet {0}, the columns {1} and {2} are both taken as {3}. Leave one of them out."
					).format(row.sheet_name, taken[key], row.letter, target.label),
					ColumnsError,
				)
			if key:
				taken[key] = row.letter
			_take_column(doc.kind, row, key)
	missing = [key for key in NEEDED[doc.kind] if key not in {row.target for row in doc.columns if row.taken}]
	if missing:
		frappe.throw(
			_("No column is taken as {0}. Say which it is.").format(found[missing[0]].label), ColumnsError
		)


def _take_column(kind: str, row: Document, key: str) -> None:
	if key == (row.target or "") and row.taken == bool(key):
		return
	if key and key != row.target:
		columns.learn_heading(kind, row.heading, key)
		row.found = "Chosen"
	row.update({"target": key, "taken": int(bool(key)), "note": None})


def _forget_figures(doc: Document) -> None:
	"""What an earlier look or check has found is no more; its answers stay until the check finds other questions."""
	for field in doc.meta.get("fields", {"fieldtype": "Int"}):
		doc.set(field.fieldname, 0)
	doc.update({"stage": "Waiting", "cancel_asked": 0, "started_at": None, "ended_at": None})


def _save(doc: Document) -> None:
	doc.flags.by_room = True
	doc.save()
