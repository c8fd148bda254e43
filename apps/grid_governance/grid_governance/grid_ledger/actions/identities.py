"""Identity numbers: checked, kept encrypted, told apart by a keyed hash, shown masked, revealed for a reason."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType, Order
from frappe.utils import getdate
from frappe.utils.password import get_decrypted_password, get_encryption_key

from grid_governance import scope
from grid_governance.grid_ledger import IDENTITY, RESIDENT
from grid_governance.grid_ledger.actions import accesses, residents
from grid_governance.grid_ledger.rules import numbers

CITIZEN = "Citizen Number"
REASON_MIN = 2
"""Characters of a reason: two of Chinese say something."""


class NumberError(frappe.ValidationError):
	"""A number is not what its standard says, or contradicts the date of birth or the sex of its bearer."""


class NumberKnownError(frappe.ValidationError):
	"""Another member of the same household has this number."""


class ReasonError(frappe.ValidationError):
	"""A number is to be shown without a reason."""


def prepare(doc: Document) -> None:
	"""Check a number that was entered and make from it what is stored beside it; an untouched one stays."""
	resident = frappe.db.get_value(
		RESIDENT,
		doc.resident,
		["household", "grid", "resident_name", "birth_date", "sex"],
		as_dict=True,
	)
	if not resident:
		return
	if doc.is_new():
		residents.refuse_merged(doc.resident)
	doc.household, doc.grid = resident.household, resident.grid
	if doc.has_value_changed("verified_on"):
		doc.verified_by = frappe.session.user if doc.verified_on else None
	typed = doc.id_number and not doc.is_dummy_password(doc.id_number)
	if typed:
		_take(doc, resident)
	known = {"household": doc.household, "id_number_hash": doc.id_number_hash, "name": ["!=", doc.name]}
	if frappe.db.exists(IDENTITY, known):
		if typed:
			frappe.throw(_("Another member of this household has this number."), NumberKnownError)
		doc.household = None  # moved here beside somebody with her number: see residents.place_what_hangs


def _take(doc: Document, resident: frappe._dict) -> None:
	doc.id_number = numbers.clean(doc.id_number)
	doc.number_birth_date = doc.number_sex = None
	if doc.id_type == CITIZEN:
		doc.id_number = _checked(doc, resident)
	doc.id_number_masked = numbers.masked(doc.id_number)
	doc.id_number_hash = keyed_hash(doc.id_number)


def _checked(doc: Document, resident: frappe._dict) -> str:
	found = _citizen(doc.id_number, resident)
	# What the number says stays beside it, so that a later change of the record that contradicts it is found.
	doc.number_birth_date, doc.number_sex = found.birth_date, found.sex
	doc.flags.fills = {"birth_date": found.birth_date, "sex": found.sex}
	return found.number


def check_against(identity: frappe._dict, resident: Document) -> None:
	"""Refuse to leave *resident* with a number that contradicts her date of birth or her sex. Raises NumberError.

	*identity*: name and id_type of the row.
	"""
	if identity.id_type == CITIZEN:
		_citizen(get_decrypted_password(IDENTITY, identity.name, "id_number"), resident)


def _citizen(number: str, resident: Document | frappe._dict) -> numbers.Citizen:
	"""What the citizen *number* says. Raises NumberError when it is none, or not this *resident*'s."""
	try:
		found = numbers.citizen(number, getdate())
	except numbers.NumberProblem as problem:
		frappe.throw(message(problem.kind), NumberError)
	contradicting = contradiction(found, resident)
	if contradicting:
		frappe.throw(contradicting, NumberError)
	return found


def contradiction(found: numbers.Citizen, resident: Mapping[str, Any] | Document) -> str:
	"""Return what the record of *resident* says otherwise than her number, empty for nothing.

	*resident*: resident_name, birth_date, sex (domain D11).
	"""
	born, sex = resident.get("birth_date"), resident.get("sex")
	if born and getdate(born) != found.birth_date:
		return _(
			"By this number {0} was born on {1}, by the ledger on {2}. Correct the one that is wrong."
		).format(
			resident.get("resident_name"),
			frappe.format(found.birth_date, "Date"),
			frappe.format(born, "Date"),
		)
	if sex in (numbers.MALE, numbers.FEMALE) and sex != found.sex:
		return _("By this number {0} is {1}. Correct the number or the sex.").format(
			resident.get("resident_name"), _(found.sex)
		)
	return ""


def message(kind: str) -> str:
	"""Return in words what is wrong with a citizen number: *kind* as in `numbers.NumberProblem`."""
	return {
		numbers.LENGTH: _("A citizen number has 18 characters, an old one 15."),
		numbers.CHARACTERS: _("A citizen number has digits only; its last character may be X."),
		numbers.BIRTH: _("The date of birth in this number is none. Look at digits 7 to 14."),
		numbers.FUTURE: _("The date of birth in this number lies ahead. Look at digits 7 to 14."),
		numbers.CHECK: _("The last character does not fit the others: one of them is mistyped."),
	}[kind]


def fill(doc: Document) -> None:
	"""Give the resident the date of birth and the sex that her number says, where the ledger has none."""
	known = frappe.db.get_value(RESIDENT, doc.resident, ["birth_date", "sex"], as_dict=True)
	missing = {field: value for field, value in (doc.flags.fills or {}).items() if not known.get(field)}
	if missing:
		frappe.db.set_value(RESIDENT, doc.resident, missing)


def keyed_hash(number: str) -> str:
	"""Return what stands for *number* (as `numbers.clean` gives it) where numbers are compared: 64 hexadecimal digits.

	HMAC-SHA-256 with a key made from the site's own encryption key: without the site's configuration nobody finds a
	number by trying all there are (domain B0.6).
	"""
	return hasher()(number)


def hasher() -> Callable[[str], str]:
	"""Return `keyed_hash` with its key made once, for many numbers."""
	key = hashlib.sha256(b"grid-governance identity hash:" + get_encryption_key().encode()).digest()
	return lambda number: hmac.digest(key, number.encode(), "sha256").hex()


@frappe.whitelist(methods=["POST"])
def reveal(identity: str, reason: str) -> str:
	"""Return the whole number of *identity* to whoever may read it, and log that she did and why.

	Raises PermissionError outside her scope or level, ReasonError without a reason.
	"""
	doc = frappe.get_doc(IDENTITY, identity)
	doc.check_permission("read")
	reason = (reason or "").strip()
	if len(reason) < REASON_MIN:
		frappe.throw(_("Say what you need the number for."), ReasonError)
	accesses.note(accesses.REVEAL, doc.grid, IDENTITY, doc.name, reason=reason)
	return get_decrypted_password(IDENTITY, doc.name, "id_number")


def of_number(number: str) -> list[str]:
	"""Return the residents with the whole *number* whom the session's user may see by it; empty for a part of one."""
	frappe.has_permission(IDENTITY, "read", throw=True)
	identity = DocType(IDENTITY)
	# Past the list: nobody filters by the hash, whose permission level no role has.
	return (
		frappe.qb.from_(identity)
		.select(identity.resident)
		.where(identity.id_number_hash == keyed_hash(numbers.clean(number)))
		.where(scope.criterion(IDENTITY))
		.orderby(identity.modified, order=Order.desc)
		.limit(20)
		.run(pluck=True)
	)
