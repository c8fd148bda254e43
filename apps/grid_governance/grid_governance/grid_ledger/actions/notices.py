"""The privacy notice and the impact assessment: what is shipped to begin with, and what each has to hold."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_years, getdate

from grid_governance.grid_structure import rules

NOTICE, ASSESSMENT = "Privacy Notice", "Impact Assessment"
APPROVED = "Approved"
KEPT_YEARS = 3
"""How long an assessment is kept at the least (PIPL Art. 56)."""


class TownshipError(frappe.ValidationError):
	"""A notice or an assessment is made for a grid that is no township."""


class AssessmentError(frappe.ValidationError):
	"""An assessment is approved unfinished, or its days contradict each other."""


class AssessmentKeptError(frappe.ValidationError):
	"""An assessment is deleted before its time."""


def prefill(doc: Document) -> None:
	"""Write what is shipped into the empty texts of a new *doc*; the handler's name is the township's."""
	for field, text in texts(doc.doctype).items():
		if not doc.get(field):
			doc.set(field, text)
	if doc.doctype == NOTICE and not doc.handler and doc.grid:
		doc.handler = frappe.db.get_value("Grid", doc.grid, "grid_name")


def check(doc: Document) -> None:
	"""Refuse a grid that is no township: the township handles the data. Raises TownshipError."""
	grid = frappe.db.get_value("Grid", doc.grid, ["grid_name", "grid_path"], as_dict=True)
	if not grid or rules.position(grid.grid_path) != rules.TOWNSHIP:
		frappe.throw(
			_("{0} is no township or sub-district. Choose one: it is who handles the data.").format(
				grid.grid_name if grid else doc.grid
			),
			TownshipError,
		)


def check_assessment(doc: Document) -> None:
	"""Refuse to approve what is not filled in, and a review that lies before the assessment. Raises AssessmentError."""
	if doc.next_review_on and getdate(doc.next_review_on) <= getdate(doc.assessed_on):
		frappe.throw(_("The next review lies after the day of the assessment. Correct it."), AssessmentError)
	if doc.status != APPROVED:
		return
	needed = ("processing", "purposes", "risks", "measures", "conclusion", "reviewed_by", "approved_on")
	missing = [_(doc.meta.get_label(field)) for field in (*needed, "next_review_on") if not doc.get(field)]
	if missing:
		frappe.throw(_("Fill in before it is approved: {0}").format(", ".join(missing)), AssessmentError)


def keep_assessment(doc: Document) -> None:
	"""Refuse to delete an approved assessment for three years (PIPL Art. 56). Raises AssessmentKeptError."""
	until = add_years(getdate(doc.assessed_on), KEPT_YEARS)
	if doc.status == APPROVED and getdate() < until:
		frappe.throw(
			_("An assessment is kept for three years, this one until {0}.").format(
				frappe.format(until, "Date")
			),
			AssessmentKeptError,
		)


@frappe.whitelist(methods=["POST"])
def shipped(doctype: str) -> dict[str, Any]:
	"""Return the texts that a new document of *doctype* begins with, by field."""
	if doctype not in (NOTICE, ASSESSMENT) or not frappe.has_permission(doctype, "create"):
		raise frappe.PermissionError
	return texts(doctype)


def texts(doctype: str) -> dict[str, str]:
	"""Return the shipped texts of *doctype* by field, in the reader's language; none for other DocTypes."""
	if doctype == NOTICE:
		return {
			"purposes": _(
				"To serve and to govern in the grids: registering households and residents, visiting, care and help, telling of notices, handling what residents report, settling disputes, managing public safety. The basis is our duty by law (Personal Information Protection Law, Article 13 no. 3) or your consent. Data is entered by grid staff at your door, taken over from registers that the law provides, or sent by you. It is not used for anything else, and no decision about you is made by a machine."
			),
			"kinds": _(
				"Of the household: number, address, place on the map, last visit. Of a resident: name, sex, date of birth, relation in the household, ethnicity, political status, education, occupation, employer, kind of registration, phone, WeChat, skills, and the help and care she gets. We collect no religion, no biometric features, and no tracks of movement."
			),
			"sensitive": _(
				"Identity numbers, disability, minimum living allowance and extreme hardship support, special groups, and all data of children below 14 are sensitive. They are needed to tell people of the same name apart, to give help that the law provides, and to visit those who need it. Misused they can lead to fraud, discrimination or harm. Numbers are stored encrypted; only the village secretary sees such data, and each look at a number is logged with its reason."
			),
			"minors": _(
				"Data of a child below 14 is handled with the consent of a parent or another guardian only, or where a law makes it our duty (left-behind children, children in need). The guardian is entered beside the child and has all rights of this notice."
			),
			"sharing": _(
				"Data is passed on to other authorities only where a law provides it or you agree. It is not published; lists that the law makes us publish, such as those of allowances, hold no numbers, phones or addresses. Whoever runs the computers for us is bound by contract and may do nothing else with it."
			),
			"rights": _(
				"You may know what is kept of you and have a copy, have it corrected or completed, have it deleted, withdraw a consent, and ask for these rules to be explained. Of a deceased person, next of kin may ask. Go to the village (community) office with your identity card, call the contact above, or ask your grid member for a visit. If we refuse, we tell you why; you may complain to the authorities or go to court."
			),
		}
	if doctype == ASSESSMENT:
		return {
			"subject": _("Personal data in grid governance"),
			"processing": _(
				"The system keeps households and residents by grid (name, sex, birth, relation, address), contacts, identity numbers, care and help, visits and reported matters. Some of it is sensitive: identity numbers, disability, allowances, special groups, children below 14 (Article 55 no. 1). Users are the staff of the township and villages, each in her own grids; volumes are told by the report Grid Structure and Size."
			),
			"purposes": _(
				"Purpose: services and governance in the grids, a duty of townships by law. Ways: entry at the door, import of registers, matters reported by residents. Necessary? Each field serves a task named in the privacy notice; religion, biometric features, tracks of movement and scores of people are not kept. To be examined here: fields added on the screen, registers that are imported, data that nobody used in the last year."
			),
			"risks": _(
				"1. Staff look at people out of curiosity or pass data on (likely: medium, grave: high). 2. An account is taken over by a weak or shared password (medium, high). 3. A list is exported and lost (medium, high). 4. A backup or the encryption key is stolen (low, very high). 5. Wrong or old data leads to help that is refused or to a wrong visit (medium, medium). 6. Sensitive categories become known in the village and people are stigmatised (medium, high)."
			),
			"measures": _(
				"To 1: scope by grid and post, sensitive data on a level of its own, each opening, reveal, export and print logged, the access log read each month. To 2: own accounts by phone number, first passwords changed at the first login, posts with an end. To 3: grid members export and print nobody; each export stands in the log with number and filters. To 4: numbers encrypted, backups and key kept apart, access to the server limited to named people. To 5: near-duplicates and data quality reports, requests for correction with a deadline, retention rules. To 6: categories marked sensitive seen by the village secretary only, nothing published. Measures fit the risks if: … To be improved: …"
			),
		}
	return {}
