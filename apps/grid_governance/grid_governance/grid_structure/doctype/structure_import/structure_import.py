import json
from pathlib import Path

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.translate import get_user_lang, print_language

from grid_governance import scope
from grid_governance.grid_structure.workbook import actions, sheets
from grid_governance.grid_structure.workbook import queries as workbook
from grid_governance.grid_structure.workbook.plan import Plan, explain

CHUNK = 100
"""Rows after which the job commits and tells how far it is."""


class ImportNotReadyError(frappe.ValidationError):
	"""An import has no file, or runs already."""


class StructureImport(Document):
	"""A sheet of grids, workers and posts: looked at first, then written, with the bad rows coming back."""

	def plan(self) -> Plan:
		"""Read the file and say what each row would do."""
		root = frappe.get_doc("Grid", self.grid)
		root.check_permission("read")
		return Plan(root, sheets.read(self.content(), self.file))

	def content(self) -> bytes:
		"""Return the attached file. Raises ImportNotReadyError where there is none."""
		if not self.file:
			frappe.throw(_("Attach the Excel file first."), ImportNotReadyError)
		file = frappe.get_doc("File", {"file_url": self.file, "attached_to_name": self.name})
		return Path(file.get_full_path()).read_bytes()  # `get_content` guesses at the encoding of text

	def note(self, plan: Plan, status: str, figures: dict[str, int]) -> None:
		"""Keep what was found: *figures*, the refused rows with their reasons, and a file of them to correct."""
		refused = [[line.number, [explain(problem) for problem in line.problems]] for line in plan.refused]
		url = None
		if plan.refused:
			url = self.attach_refused(sheets.to_correct(plan.refused, *workbook.choices(self.grid)))
		self.db_set({"status": status, "lines": json.dumps(refused), "refused_file": url, **figures})

	def attach_refused(self, content: bytes) -> str:
		"""Keep the Excel file of the refused rows and return its address."""
		title = frappe.db.get_value("Grid", self.grid, "grid_name")
		file = frappe.get_doc(
			doctype="File",
			file_name=f"{title}-{_('Rows to Correct')}-{frappe.generate_hash(length=6)}.xlsx",
			attached_to_doctype=self.doctype,
			attached_to_name=self.name,
			is_private=1,
			content=content,
		)
		return file.insert(ignore_permissions=True).file_url  # for whoever may write this import


@frappe.whitelist(methods=["POST"])
def check_file(name: str) -> None:
	"""Say on the import *name* what its file would do; writes nothing but that."""
	doc = frappe.get_doc("Structure Import", name)
	doc.check_permission("write")
	plan = doc.plan()
	doc.note(plan, "Checked", plan.figures())


@frappe.whitelist(methods=["POST"])
def start(name: str) -> None:
	"""Begin to write the good rows of the import *name* in the background."""
	doc = frappe.get_doc("Structure Import", name)
	doc.check_permission("write")
	doc.content()
	doc.db_set("status", "Running")
	frappe.enqueue(
		run,
		queue="long",
		timeout=3600,
		job_id=f"structure-import-{name}",
		deduplicate=True,
		enqueue_after_commit=True,
		import_name=name,
	)


def run(import_name: str) -> None:
	"""Write the good rows of an import. Can be started again after it was killed: what is done changes nothing."""
	doc = frappe.get_doc("Structure Import", import_name)

	def progress(done: int, total: int) -> None:
		if done % CHUNK == 0 or done == total:
			frappe.db.commit()  # a job of its own: what is written stays when it is killed
			frappe.publish_progress(100 * done / total, _("Importing"), doctype=doc.doctype, docname=doc.name)

	try:
		with print_language(get_user_lang(frappe.session.user)):  # a job has none of its own
			plan = doc.plan()
			found = plan.figures()
			actions.carry_out(plan, progress)
			doc.note(plan, "Done", {**found, "rows_refused": len(plan.refused)})
	except Exception:
		frappe.db.rollback()
		doc.db_set("status", "Failed")
		frappe.db.commit()  # the job ends with the error; its state must be seen on the form
		raise
	doc.notify_update()


def on_doctype_update() -> None:
	"""Lists in scope."""
	scope.index_path("Structure Import", "modified")
