"""Requests of residents about their own data: see, correct, delete; each answered by its day (PIPL Art. 44 to 50)."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_days, getdate

from grid_governance.grid_ledger import CARE, CONTACT, IDENTITY, RESIDENT
from grid_governance.grid_ledger.actions import accesses, anonymising
from grid_governance.grid_ledger.queries import dossier
from grid_governance.grid_ledger.rules import households
from grid_governance.grid_ledger.rules.requests import (
	ALIVE_ONLY,
	ANSWERED,
	CORRECT,
	DELETE,
	OPEN,
	REFUSED,
	SEE,
	relation_problem,
)

REQUEST = "Personal Data Request"
GIVEN = ("resident", "kind", "asked_by", "relation", "asked", "received_on", "wrong", "right_value")
"""What is written while a request is open."""
MADE = (
	"status",
	"due_by",
	"answered_on",
	"answered_by",
	"refusal_ground",
	"answer",
	"file",
	"holds_identity",
)
"""What the steps write, and nobody else."""
CONSENTED = ("occupation", "employer", "education", "political_status", "ethnicity", "consent_on")
"""What the ledger keeps of somebody living here for no legal duty."""


class RequestDayError(frappe.ValidationError):
	"""A request was received after today."""


class RequestFixedError(frappe.ValidationError):
	"""A request that was answered is changed, or the answer is written by hand."""


class AskerError(frappe.ValidationError):
	"""Somebody asks who may not, or nobody looked who she is."""


class GroundError(frappe.ValidationError):
	"""A request is refused without a ground, or answered without words."""


class StepError(frappe.ValidationError):
	"""A step does not fit what was asked."""


def prepare(doc: Document) -> None:
	"""Take over where the resident lives, and set by when the request is to be answered."""
	before = doc.get_doc_before_save()
	if not doc.flags.by_room:
		_refuse_by_hand(doc, before)
	doc.grid = frappe.db.get_value(RESIDENT, doc.resident, "grid")
	if not before or doc.has_value_changed("received_on"):
		days = frappe.db.get_single_value("Governance Settings", "data_request_days")
		doc.due_by = add_days(doc.received_on, days)
	else:
		doc.due_by = before.due_by


def _refuse_by_hand(doc: Document, before: Document | None) -> None:
	if not before:
		doc.update(dict.fromkeys(MADE))
		doc.status = OPEN
		return
	if before.status != OPEN and any(doc.has_value_changed(field) for field in GIVEN):
		frappe.throw(_("This request was answered. Enter what is asked now as a new one."), RequestFixedError)
	if any((doc.get(field) or None) != (before.get(field) or None) for field in MADE if field != "due_by"):
		frappe.throw(_("A request is answered with its buttons, not by hand."), RequestFixedError)


def check(doc: Document) -> None:
	"""Refuse a day of receipt that lies ahead, and an asker who has no right to ask."""
	if getdate(doc.received_on) > getdate():
		frappe.throw(_("The day of receipt lies ahead. Correct it."), RequestDayError)
	if not doc.is_new() and doc.status != OPEN:
		return
	dead = frappe.db.get_value(RESIDENT, doc.resident, "status") == households.DECEASED
	problem = relation_problem(doc.relation, dead)
	if problem:
		said = (
			_("She has died: her next of kin ask for her data. Choose “Next of Kin”.")
			if problem == ALIVE_ONLY
			else _(
				"Next of kin ask for the data of the dead alone. The living ask themselves or send somebody."
			)
		)
		frappe.throw(said, AskerError)


@frappe.whitelist(methods=["POST"])
def produce(request: str) -> str:
	"""Make the file with everything kept of the resident, attach it to *request*, answer the request; return the address.

	Whoever makes it reads identities where the resident lives: the file holds the whole number, and this is logged as a
	reveal. From then on only such readers see the request. Raises PermissionError, StepError, AskerError.
	"""
	doc = _open(request, SEE)
	identity = frappe.db.get_value(IDENTITY, {"resident": doc.resident})
	if not frappe.has_permission(IDENTITY, "read", doc=identity) or (
		identity and not frappe.has_permission(IDENTITY, "write", doc=identity)
	):
		frappe.throw(
			_("The file holds the identity number. The village secretary makes it."), frappe.PermissionError
		)
	reason = _("Request {0}").format(doc.name)  # the log names nobody: those who read it need not know people
	if identity:
		accesses.note(accesses.REVEAL, doc.grid, IDENTITY, identity, reason=reason)
	accesses.note(accesses.REQUEST, doc.grid, RESIDENT, doc.resident, reason=reason, detail=_(SEE))
	made = dossier.pdf(doc)
	file = frappe.get_doc(
		doctype="File",
		file_name=f"{_('Personal Data')}-{doc.name}.pdf",
		attached_to_doctype=REQUEST,
		attached_to_name=doc.name,
		attached_to_field="file",
		is_private=1,
		content=made,
	)
	file.insert()
	_answer(doc, _("Everything kept of her was handed over as a file."), file=file.file_url, holds_identity=1)
	return file.file_url


@frappe.whitelist(methods=["POST"])
def corrected(request: str, answer: str) -> None:
	"""Note that the ledger was corrected as *request* asks, with what was changed. The change itself is made there."""
	doc = _open(request, CORRECT)
	if not frappe.has_permission(RESIDENT, "write", doc=doc.resident):
		raise frappe.PermissionError
	accesses.note(accesses.REQUEST, doc.grid, RESIDENT, doc.resident, detail=_(CORRECT))
	_answer(doc, _said(answer))


@frappe.whitelist(methods=["POST"])
def deletion(request: str) -> dict[str, object]:
	"""Return what a deletion does: `whole` (everything that tells who she was) and `stays`, the reasons for what stays."""
	doc = frappe.get_doc(REQUEST, request)
	doc.check_permission("read")
	return _deletion(doc)


@frappe.whitelist(methods=["POST"])
def delete(request: str) -> str:
	"""Delete what may be deleted, answer *request* with what stays and why (PIPL Art. 47); return that answer.

	Of somebody who has moved away or died everything goes that tells who she was. Of somebody who lives here what rests
	on her consent goes; what a law makes the township keep stays.
	"""
	doc = _open(request, DELETE)
	if not frappe.has_permission(RESIDENT, "write", doc=doc.resident):
		raise frappe.PermissionError
	found = _deletion(doc)
	if found["whole"]:
		anonymising.residents([doc.resident], getdate())
		answer = _(
			"Everything that tells who she was has been deleted. Only sex, year of birth and grid stay, for counting."
		)
	else:
		_delete_consented(doc.resident)
		answer = " ".join((_("What rested on her consent has been deleted."), *found["stays"]))
	accesses.note(accesses.ANONYMISE if found["whole"] else accesses.DELETE, doc.grid, RESIDENT, doc.resident)
	_answer(doc, answer)
	return answer


@frappe.whitelist(methods=["POST"])
def refuse(request: str, ground: str, answer: str) -> None:
	"""Refuse *request* on a *ground* (an option of the field), with the *answer* that the asker is given (Art. 50)."""
	doc = _open(request)
	if ground not in (doc.meta.get_field("refusal_ground").options or "").split("\n") or not ground:
		frappe.throw(_("Choose the ground on which the request is refused."), GroundError)
	_answer(doc, _said(answer), status=REFUSED, refusal_ground=ground)


def _open(request: str, kind: str | None = None) -> Document:
	"""Return *request*, which the session's user may answer, whose asker was looked at, and which asks for *kind*."""
	doc = frappe.get_doc(REQUEST, request, for_update=True)
	doc.check_permission("write")
	if not frappe.has_permission(RESIDENT, "read", doc=doc.resident):
		raise frappe.PermissionError
	if doc.status != OPEN:
		frappe.throw(_("This request was answered. Enter what is asked now as a new one."), StepError)
	if kind and doc.kind != kind:
		frappe.throw(_("This request asks for something else: {0}.").format(_(doc.kind)), StepError)
	if kind and not doc.identity_checked:
		frappe.throw(
			_("Look who asks, by an identity card or a power of attorney, and tick that you did."), AskerError
		)
	return doc


def _said(answer: str) -> str:
	answer = (answer or "").strip()
	if not answer:
		frappe.throw(_("Write down what the asker is told."), GroundError)
	return answer


def _answer(doc: Document, answer: str, status: str = ANSWERED, **values: object) -> None:
	doc.update({"status": status, "answer": answer, "answered_on": getdate(), **values})
	doc.answered_by = frappe.session.user
	doc.flags.by_room = True
	doc.save()


def _deletion(doc: Document) -> dict[str, object]:
	gone = frappe.db.get_value(RESIDENT, doc.resident, "status") in households.GONE
	# The categories of care that she is in are told to those who may read them; whether one binds is asked of all.
	bound = frappe.get_all(
		CARE,
		filters={"resident": doc.resident, "until": ["is", "not set"]},
		fields=["category"],
		order_by="category asc",
	)
	duties = [row.category for row in bound if _by_law(row.category)]
	if gone and not duties:
		return {"whole": True, "stays": []}
	stays = []
	if not gone:
		stays.append(
			_(
				"Name, birth, number, household and address stay while she lives here: the township keeps the register of its residents by law."
			)
		)
	if duties:
		stays.append(_("Care that rests on a legal duty stays until it ends."))
	return {"whole": False, "stays": stays}


def _by_law(category: str) -> bool:
	return frappe.get_cached_value("Care Category", category, "legal_basis") != "Consent"


def _delete_consented(resident: str) -> None:
	"""Delete of somebody who stays in the ledger what rests on her consent: contacts, skills, files, such care."""
	rows = {
		doctype: frappe.get_all(doctype, {"resident": resident}, pluck="name", order_by="name asc")
		for doctype in (CONTACT,)
	}
	care = frappe.get_all(CARE, {"resident": resident}, ["name", "category"], order_by="name asc")
	rows[CARE] = [row.name for row in care if not _by_law(row.category)]
	anonymising.hanging(rows)
	anonymising.partly(resident, CONSENTED)
