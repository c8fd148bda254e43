"""The one table of what lies in a grid, by kind.

`hooks.py` takes the permission hooks and the stamping from here. The kinds are:

- **grid**: the row carries `grid_path`, stamped from a Link field. Listed in `GRID_DOCTYPES`.
- **linked**: a DocType that an administrator made or extended on the screen; its Link to Grid says where a
  row lies. Nothing is listed: `limiting_field` reads it from the DocType and the administrator's answer.
- **department**, **case**, **own household**: further ways to a row of the kind grid or linked, listed in
  `BRANCHES`. A row is seen by whoever has its grid *or* one of these. For what is referred to departments::

        GRID_DOCTYPES["Referral"] = "grid"  # the DocType has grid, grid_path and department
        BRANCHES["Referral"] = (OfDepartment("department"),)  # seen by the department's officers
        BRANCHES["Matter"] = (Through("Referral", "matter"),)  # seen with the referral that names it
        BRANCHES["Grid"] = (Through("Referral", "grid"),)  # and its grid by name

  The officers' role needs its permission rules on each of them. The DocType that is looked through wants an index
  on (department, link): ``frappe.db.add_index("Referral", ["department", "matter"])``.
- **attached**: a row that hangs on a document (file, comment, version, tag, a row of a child table …) and is
  seen by whoever sees that document. The stock ones are listed in `ATTACHED`.
"""

from dataclasses import dataclass

import frappe

from grid_governance.scope.branches import Branch, OfDepartment, Through

GRID_DOCTYPES: dict[str, str] = {
	"Grid": "parent_grid",
	"Grid Worker": "grid",
	"Grid Post Assignment": "grid",
	"Grid Adjustment": "grid",
	"Account Log": "grid",
	"Account Batch": "grid",
	"Structure Import": "grid",
	"Township Profile": "grid",
	"Township Department": "grid",
	"Grid Issue": "grid",
	"Issue Log": "grid",
	"Issue Referral": "grid",
	"Issue Extension": "grid",
	"Clock Failure": "grid",
	"Standard Answer": "grid",
	"Household": "grid",
	"Household Change": "grid",
	"Resident": "grid",
	"Resident Comparison": "grid",
	"Resident Identity": "grid",
	"Resident Contact": "grid",
	"Resident Care": "grid",
	"Party Centre Household": "grid",
	"Grid Place": "grid",
	"Grid Facility": "grid",
	"Grid Organization": "grid",
	"Personal Data Access": "grid",
	"Personal Data Request": "grid",
	"Privacy Notice": "grid",
	"Impact Assessment": "grid",
	"Ledger Import": "grid",
	"Ledger Import Line": "grid",
	"Visit Round": "grid",
	"Round Household": "grid",
	"Must Visit": "grid",
	"Household Visit": "grid",
	"Notice": "grid",
	"Notice Delivery": "grid",
	"Audience Filter": "grid",
	"Grid Chat Group": "grid",
}
"""DocTypes of the kind grid with the Link field that says where a row lies.

Grid itself lies where its parent does until it has a path of its own.
"""

BY_PLACE = frozenset({"Notice Delivery", "Round Household"})
"""DocTypes of the kind grid whose lists are in the order of their places: see `schema.index_place`."""

BRANCHES: dict[str, tuple[Branch, ...]] = {
	"Township Department": (OfDepartment("name"),),
	"Issue Referral": (OfDepartment("department"),),
	"Grid Issue": (Through("Issue Referral", "issue", state="workflow_state"),),
	"Grid": (Through("Issue Referral", "grid", state="workflow_state"),),
}
"""DocTypes of the kind grid, or linked, with the further ways to their rows.

A department keeps its referrals, as the record of what it was asked and what it said; the issue and its grid
it sees until it has returned the issue, or the issue has moved on without it.
"""


@dataclass(frozen=True)
class Guard:
	"""Rows in which the Check *field* is set: seen where the reader has the same right on *doctype*, too."""

	field: str
	doctype: str


GUARDED: dict[str, Guard] = {
	"Resident Care": Guard("is_sensitive", "Resident Identity"),
	"Personal Data Request": Guard("holds_identity", "Resident Identity"),
	"Notice Delivery": Guard("is_sensitive", "Resident Identity"),
}
"""DocTypes of the kind grid of which some rows stand on a higher level of data than the others (domain B3)."""

TITLED_BY_PEOPLE = frozenset({"Household", "Resident"})
"""DocTypes whose titles are people's names: a record that links to one outside its reader's scope does not tell them."""

PERSONS = frozenset(
	(
		"Household",
		"Household Change",
		"Household Change Member",
		"Household Visit",
		"Ledger Import",
		"Ledger Import Column",
		"Ledger Import Line",
		"Must Visit",
		"Notice Delivery",
		"Personal Data Request",
		"Resident",
		"Resident Care",
		"Resident Comparison",
		"Resident Comparison Value",
		"Resident Contact",
		"Resident Identity",
		"Resident Skill",
		"Round Household",
		"Visit Companion",
		"Visit Effect",
		"Visit Person",
	)
)
"""DocTypes whose rows tell of residents: whoever exports or prints them has that right, and is noted (domain B3)."""


NAMED_BY_READERS = PERSONS | {
	"Audience Filter",
	"Grid Chat Group",
	"Grid Facility",
	"Grid Organization",
	"Grid Place",
	"Notice",
	"Party Centre Household",
	"Personal Data Access",
	"Visit Round",
}
"""DocTypes that a record links to only where its writer may read the row that she names."""


def is_about_persons(doctype: str | None) -> bool:
	"""Say whether rows of *doctype* tell of residents: a shipped one, or one made on the screen that links to them."""
	if doctype in PERSONS:
		return True
	if not doctype or doctype in GRID_DOCTYPES or doctype in ATTACHED:
		return False
	try:
		meta = frappe.get_meta(doctype)
	except frappe.DoesNotExistError:  # what a client names need not exist
		frappe.clear_last_message()
		return False
	return bool(meta.custom and any(field.options in PERSONS for field in meta.get_link_fields()))


ATTACHED: dict[str, tuple[str, str]] = {
	"Access Log": ("export_from", "reference_document"),
	"Activity Log": ("reference_doctype", "reference_name"),
	"Comment": ("reference_doctype", "reference_name"),
	"Communication": ("reference_doctype", "reference_name"),
	"Deleted Document": ("deleted_doctype", "deleted_name"),
	"Digest Entry": ("document_type", "document_name"),
	"DocShare": ("share_doctype", "share_name"),
	"Document Follow": ("ref_doctype", "ref_docname"),
	"Document Share Key": ("reference_doctype", "reference_docname"),
	"Email Queue": ("reference_doctype", "reference_name"),
	"Energy Point Log": ("reference_doctype", "reference_name"),
	"File": ("attached_to_doctype", "attached_to_name"),
	"Milestone": ("reference_type", "reference_name"),
	"Notification Log": ("document_type", "document_name"),
	"Reminder": ("reminder_doctype", "reminder_docname"),
	"Submission Queue": ("ref_doctype", "ref_docname"),
	"Tag Link": ("document_type", "document_name"),
	"ToDo": ("reference_type", "reference_name"),
	"Version": ("ref_doctype", "docname"),
	"View Log": ("reference_doctype", "reference_name"),
	"Workflow Action": ("reference_doctype", "reference_name"),
}
"""Stock DocTypes of the kind attached with the fields that hold the DocType and the name of the document."""


def attachment(doctype: str) -> tuple[str, str] | None:
	"""Return the fields that hold the DocType and the name of the document a row of *doctype* hangs on.

	None for a DocType that stands on its own. Rows of a child table hang on their parent: Frappe lists them
	for whoever may read some document of the parent's DocType.
	"""
	if doctype in ATTACHED:
		return ATTACHED[doctype]
	return ("parenttype", "parent") if frappe.is_table(doctype) else None


LIMIT = "limited_by_grid"
"""Property of a DocType: the Link field that limits it by grid, or `UNLIMITED`. Set from the form's question."""

UNLIMITED = "no"


def limiting_field(doctype: str) -> str | None:
	"""Return the Link field to Grid that limits the rows of *doctype*, or None if nothing does.

	A DocType made on the screen is limited as soon as it links to Grid, until an administrator says that it
	is not; a DocType of Frappe or of another app only after she says that it is.
	"""
	if doctype in GRID_DOCTYPES:
		return GRID_DOCTYPES[doctype]
	if doctype in ATTACHED:
		return None
	try:
		meta = frappe.get_meta(doctype)
	except frappe.DoesNotExistError:  # what a client names need not exist
		frappe.clear_last_message()
		return None
	answer = meta.get(LIMIT)
	if answer == UNLIMITED or meta.istable or meta.issingle:
		return None
	links = links_to_grid(meta)
	if answer:
		return answer if answer in links else next(iter(links), None)
	return next(iter(links), None) if meta.custom else None


def links_to_grid(meta: "frappe.model.meta.Meta") -> list[str]:
	"""Return the Link fields of a DocType that point to a Grid, in the order of the form."""
	return [field.fieldname for field in meta.get_link_fields() if field.options == "Grid"]


def limited_doctypes() -> list[str]:
	"""Return every DocType of this site whose rows lie in a grid: the shipped ones and the administrator's.

	A shipped one that a site has not been migrated to yet is left out.
	"""
	shipped = frappe.get_all(
		"DocType", filters={"name": ["in", list(GRID_DOCTYPES)]}, pluck="name", order_by="name asc"
	)
	linking = frappe.get_all(
		"DocField", filters={"fieldtype": "Link", "options": "Grid"}, pluck="parent", order_by="parent asc"
	) + frappe.get_all(
		"Custom Field", filters={"fieldtype": "Link", "options": "Grid"}, pluck="dt", order_by="dt asc"
	)
	return shipped + sorted({dt for dt in linking if dt not in GRID_DOCTYPES and limiting_field(dt)})
