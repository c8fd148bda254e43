"""The ways a notice goes out beside the door: the bell of the grid staff (`bell`), SMS and e-mail.

`send` orders jobs and answers at once; the messages themselves go through Frappe: SMS Settings, Email Queue. A job sends to `CHUNK` recipients and orders the next one. Each recipient is marked and committed before her message is handed
over, so that nobody gets one twice: a job that is killed in between leaves out one at most, whom the door catches. `resume`
goes on where a job was killed or the gateway was away.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import frappe
import requests
from frappe import _
from frappe.core.doctype.sms_settings.sms_settings import get_headers, send_request
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.query_builder.functions import Coalesce
from frappe.utils import now_datetime

from grid_governance.grid_ledger import CONTACT, HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.rules import households
from grid_governance.grid_structure.rules import AFTER_DIGITS, mobile_number
from grid_governance.grid_structure.telling import actions as telling
from grid_governance.grid_structure.telling.rules import has_mailbox
from grid_governance.grid_visits import DELIVERY, NOTICE, wechat
from grid_governance.grid_visits.notices import LEFT, SENT, WAITING, bell, codes, expiry, stages

SMS, EMAIL = "SMS", "E-mail"
CHUNK = 200
"""Recipients of one job: with a slow gateway one of a thousand takes longer than a job may."""

OWN, GUARDIAN, FAMILY = KINDS = ("Own", "Guardian", "Family")
"""Kinds of Resident Contact by which a notice goes, the first to try first; an employer is told nothing, and the family nothing
of a notice for those of a sensitive category."""


class GatewayAwayError(Exception):
	"""The SMS gateway does not answer, or does not know this site: nothing more is tried for now."""


class Recipient(NamedTuple):
	"""A delivery that nothing was sent for yet; *resident* is empty where the household is meant, *code_household* the one that
	the code is made for."""

	name: str
	household: str
	resident: str
	code_household: str


def send(notice: Document) -> None:
	"""Order what is to be sent for *notice*, whose deliveries are there. Takes a few statements, whatever their number."""
	if notice.by_desk:
		bell.order(notice.name)
	if ways(notice):
		_order(notice.name)


def resume() -> None:
	"""Go on with notices whose messages are not all out, or for which the bell has not rung: a scheduled job."""
	silent = {"by_desk": 1, "bell_rung_at": ["is", "not set"]}
	for notice in frappe.get_all(
		NOTICE,
		filters={"workflow_state": ["in", stages.states(stages.SENT) or [""]], **silent},
		pluck="name",
		order_by="sent_at asc",
		limit_page_length=0,
	):
		bell.order(notice)
	for notice in frappe.get_all(
		NOTICE,
		filters={"workflow_state": ["in", stages.going()]},
		or_filters={"by_sms": 1, "by_email": 1},
		pluck="name",
		order_by="sent_at asc",
		limit_page_length=0,
	):
		doc = frappe.get_doc(NOTICE, notice)
		if ways(doc) and _goes(doc) and _next(notice, "", 1):
			_order(notice)


def ways(doc: frappe._dict) -> list[str]:
	"""Return the ways that *doc* asks for and this site has, the first to try first."""
	able = {SMS: doc.by_sms and _has_gateway(), EMAIL: doc.by_email and telling.sends_mail()}
	return [way for way, is_there in able.items() if is_there]


def missing(doc: frappe._dict) -> list[str]:
	"""Return in words what *doc* asks for and this site has not."""
	said = (
		(doc.by_sms and not _has_gateway(), _("No SMS gateway is set up on this site (SMS Settings).")),
		(doc.by_email and not telling.sends_mail(), _("This site has no account that mail goes out from.")),
	)
	return [words for is_missing, words in said if is_missing]


def send_next(notice: str, after: str = "") -> None:
	"""Send to the next recipients of *notice*, those after the delivery *after*, and order the rest: a job.

	Commits for each of them.
	"""
	doc = frappe.get_doc(NOTICE, notice)
	able = ways(doc)
	if not able or not _goes(doc):
		return
	chunk = _next(notice, after, CHUNK)
	reach = addresses(chunk, KINDS[:2] if doc.is_sensitive else KINDS)
	for recipient in chunk:
		try:
			_send_one(doc, recipient, reach[recipient.name], able)
		except GatewayAwayError as trouble:
			frappe.db.commit()
			frappe.log_error(title=f"{NOTICE} {notice}", message=str(trouble))
			return
		frappe.db.commit()
	if len(chunk) == CHUNK:
		_order(notice, chunk[-1].name)


def addresses(recipients: Sequence[Recipient], kinds: Collection[str] = KINDS) -> dict[str, dict[str, str]]:
	"""Return by delivery the mobile number and the mail address to send to: {SMS: …, EMAIL: …}, "" for none.

	A contact of one of *kinds* is taken. A person is reached by her own contact, else by a guardian's or her family's; a household by that of its head, else of its
	member in the chat group, else of anybody who lives there. Who is gone is not written to. One statement.
	"""
	found: dict[str, list[frappe._dict]] = {}
	for row in _contacts({each.household for each in recipients}, kinds):
		found.setdefault(row.household, []).append(row)
	answer = {}
	for each in recipients:
		rows = [
			row for row in found.get(each.household, ()) if not each.resident or row.resident == each.resident
		]
		phones = (mobile_number(row.phone) for row in rows)
		mails = (row.email for row in rows if has_mailbox(row.email))
		answer[each.name] = {SMS: next(filter(None, phones), ""), EMAIL: next(mails, "")}
	return answer


def _contacts(homes: Collection[str], kinds: Collection[str]) -> list[frappe._dict]:
	"""Return the contacts of the people who live in *homes*, the first to try first within each."""
	contact, resident, household = DocType(CONTACT), DocType(RESIDENT), DocType(HOUSEHOLD)
	rows = (
		frappe.qb.from_(contact)
		.join(resident)
		.on(resident.name == contact.resident)
		.join(household)
		.on(household.name == resident.household)
		.select(
			resident.household,
			contact.resident,
			contact.kind,
			contact.phone,
			contact.email,
			contact.is_main,
			household.head,
			household.group_rep,
		)
		.where(resident.household.isin(sorted(homes) or [""]))
		.where(resident.status.notin(households.GONE) & resident.merged_into.isnull())
		.where(contact.kind.isin(kinds))
		.orderby(contact.creation, contact.name)
		.run(as_dict=True)
	)
	return sorted(
		rows,
		key=lambda row: (
			row.resident != row.head,
			row.resident != row.group_rep,
			KINDS.index(row.kind),
			not row.is_main,
		),
	)


def _send_one(doc: frappe._dict, recipient: Recipient, reach: dict[str, str], able: Collection[str]) -> None:
	"""Mark *recipient*, then send by the first way of *able* that reaches her; what fails is noted at her delivery."""
	way = next((each for each in able if reach[each]), None)
	if not _claim(doc, recipient.name, way):
		return
	if not way:
		return
	link = wechat.address(
		doc.public_code, codes.code_of(doc.name, recipient.code_household, recipient.resident)
	)
	try:
		_hand_over(way, doc, reach[way], link)
	except GatewayAwayError:
		_give_back(doc, recipient.name, None)
		raise
	except requests.HTTPError as refused:
		_give_back(doc, recipient.name, _("The gateway refused it: {0}").format(_status(refused)))


def _hand_over(way: str, doc: frappe._dict, to: str, link: str) -> None:
	if way == EMAIL:
		frappe.sendmail(
			recipients=[to],
			subject=doc.notice_title,
			template="notice",
			args={"lines": (doc.content or "").splitlines(), "link": link},
			add_unsubscribe_link=0,
		)
		return
	try:
		_send_sms(to, _("{0}: read and confirm {1}").format(doc.notice_title, link))
	except requests.HTTPError as refused:
		if _status(refused) in (401, 403, 429) or _status(refused) >= 500:
			raise GatewayAwayError(f"The SMS gateway answers {_status(refused)}.") from None
		raise
	except requests.RequestException:
		# Without its own words: they hold the address with the key, and the number.
		raise GatewayAwayError("The SMS gateway cannot be reached.") from None


def _send_sms(to: str, words: str) -> None:
	"""Hand *words* for the number *to* to the gateway of SMS Settings. Raises requests.RequestException.

	By Frappe's request, not by its `send_sms`: that one then writes words and number into SMS Log, which Frappe 15 has not
	(https://github.com/frappe/frappe/issues/34319), so that it fails when the message is out, and which nothing clears
	where it is there. What was sent to whom stands at the deliveries.
	"""
	settings = frappe.get_single("SMS Settings")
	headers = get_headers(settings)
	values = {row.parameter: row.value for row in settings.parameters if not row.header}
	values |= {settings.message_parameter: words, settings.receiver_parameter: to}
	in_json = headers.get("Content-Type") == "application/json"
	send_request(settings.sms_gateway_url, values, headers, settings.use_post, in_json)


def _claim(doc: frappe._dict, name: str, way: str | None) -> bool:
	"""Mark the delivery *name* as sent by *way*, or as one that nothing can be sent for; say whether it was still open."""
	fields = ["workflow_state", "expires_on"]
	notice = frappe.db.get_value(NOTICE, doc.name, fields, as_dict=True, for_update=True)  # its row first
	row = frappe.db.get_value(DELIVERY, name, ["state", "sent_at", "failed"], as_dict=True, for_update=True)
	if not _goes(notice) or not row or row.sent_at or row.failed or row.state not in LEFT:
		frappe.db.commit()
		return False
	told = (
		{"channel": way, "sent_at": now_datetime()}
		if way
		else {"failed": _("No mobile number or mail address is known.")}
	)
	_write(doc, name, row.state, SENT if way else row.state, told)
	frappe.db.commit()
	return True


def _give_back(doc: frappe._dict, name: str, why: str | None) -> None:
	"""Take back that something was sent to the delivery *name*: for good, because of *why*, or until the next try."""
	frappe.db.get_value(NOTICE, doc.name, "name", for_update=True)
	state = frappe.db.get_value(DELIVERY, name, "state", for_update=True)
	after = WAITING if state == SENT else state  # told or confirmed meanwhile
	_write(doc, name, state, after, {"channel": "", "sent_at": None, "failed": why})


def _write(doc: frappe._dict, name: str, before: str, after: str, told: dict[str, Any]) -> None:
	frappe.db.set_value(DELIVERY, name, {"state": after, **told})
	step = (after == SENT) - (before == SENT)
	if step:
		notice = DocType(NOTICE)
		frappe.qb.update(notice).set(notice.sent_to, notice.sent_to + step).where(
			notice.name == doc.name
		).run()


def _next(notice: str, after: str, limit: int) -> list[Recipient]:
	"""Return the next recipients of *notice* that nothing was tried for, *limit* at most.

	Read in the order of the primary key: the names of a notice's deliveries begin alike (`codes`).
	"""
	delivery, first = DocType(DELIVERY), codes.tag(notice).hex()
	rows = (
		frappe.qb.from_(delivery)
		.select(delivery.name, delivery.household, delivery.resident)
		.select(Coalesce(delivery.code_household, delivery.household))
		.where((delivery.name > (after or first)) & (delivery.name < first + AFTER_DIGITS))
		.where((delivery.notice == notice) & delivery.state.isin(LEFT) & delivery.sent_at.isnull())
		.where(delivery.failed.isnull() | (delivery.failed == ""))
		.orderby(delivery.name)
		.limit(limit)
		.run()
	)
	return [
		Recipient(name, household, resident or "", made_for) for name, household, resident, made_for in rows
	]


def _order(notice: str, after: str = "") -> None:
	frappe.enqueue(
		send_next,
		queue="long",
		enqueue_after_commit=True,
		job_id=f"notice_messages|{notice}|{after}",
		deduplicate=True,
		notice=notice,
		after=after,
	)


def _goes(notice: frappe._dict) -> bool:
	"""Say whether messages still go out for *notice*."""
	return notice.workflow_state in stages.going() and not expiry.is_over(notice)


def _has_gateway() -> bool:
	return bool(frappe.db.get_single_value("SMS Settings", "sms_gateway_url"))


def _status(refused: requests.HTTPError) -> int:
	return refused.response.status_code if refused.response is not None else 0
