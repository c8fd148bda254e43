"""The public page of a notice: whoever has its address reads it, whoever has a recipient's code confirms it.

The page tells what the notice says and nothing of whom it is for. A code is looked up when the button is pressed (POST),
never when the page is opened: those who make previews of links open them. Every code that cannot be used has the same answer,
and whoever tries many of them is told to wait; that they cannot be guessed (`codes`) is what protects them.
"""

from urllib.parse import quote

import frappe
from frappe.utils import cint, getdate

from grid_governance.grid_structure.rules import TOWNSHIP, paths_above, position
from grid_governance.grid_visits import NOTICE
from grid_governance.grid_visits.notices import expiry, stages, telling

DONE, WRONG, LATER = SAID = ("done", "wrong", "later")
"""What the page says after the button: confirmed, a code that cannot be used, too many of them."""

WRONG_TRIES, SECONDS = 30, 600
"""Wrong codes from one address within this time before it is told to wait. Many phones of a village share one address, so
that a right one is taken whatever others have typed."""


def shown(public_code: str | None) -> frappe._dict | None:
	"""Return what the page of the notice with *public_code* shows, None where there is none (never sent, withdrawn).

	`title`, `kind`, `paragraphs`, `place` (names from the township down), `sent_on`, `expires_on`, `is_over`, `files` (name,
	file_name).
	"""
	if not public_code or not isinstance(public_code, str):
		return None
	found = frappe.db.get_value(
		NOTICE,
		{"public_code": public_code},
		[
			*("name", "notice_title", "notice_type", "content", "grid_path"),
			*("sent_at", "expires_on", "workflow_state"),
		],
		as_dict=True,
	)
	if not found or not stages.is_public(found.workflow_state):
		return None
	return frappe._dict(
		title=found.notice_title,
		kind=found.notice_type,
		paragraphs=[line.strip() for line in (found.content or "").splitlines() if line.strip()],
		place=place_of(found.grid_path),
		sent_on=getdate(found.sent_at) if found.sent_at else None,
		expires_on=found.expires_on,
		is_over=expiry.is_over(found),
		files=_files(found),
	)


@frappe.whitelist(allow_guest=True, methods=["POST"])
def confirm(notice: str = "", k: str = "") -> None:
	"""Confirm with the code *k* and lead back to the page of *notice* (its public code), which says what came of it."""
	said = _confirmed(str(k)[:100])
	frappe.local.response["type"] = "redirect"
	frappe.local.response["location"] = f"/notice/{quote(str(notice)[:40], safe='')}?said={said}"


@frappe.whitelist(allow_guest=True)
def attachment(notice: str, file: str) -> None:
	"""Send *file* (its name) of the notice with the public code *notice*. Raises DoesNotExistError for any other one.

	Only what was attached when the notice was approved goes out with it.
	"""
	page = shown(notice)
	if not page or file not in {each.name for each in page.files}:
		raise frappe.DoesNotExistError
	doc = frappe.get_doc("File", file)
	frappe.local.response["type"] = "download"
	frappe.local.response["filename"] = doc.file_name
	frappe.local.response["filecontent"] = doc.get_content()


def _files(notice: frappe._dict) -> list[frappe._dict]:
	if not notice.sent_at:
		return []
	return frappe.get_all(
		"File",
		filters={
			"attached_to_doctype": NOTICE,
			"attached_to_name": notice.name,
			"is_folder": 0,
			"creation": ["<=", notice.sent_at],
		},
		fields=["name", "file_name"],
		order_by="creation asc",
	)


def _confirmed(code: str) -> str:
	key = f"notice_codes_wrong|{frappe.local.request_ip or ''}"
	if telling.confirm(code):
		return DONE
	if cint(frappe.cache.get(key)) >= WRONG_TRIES:
		return LATER
	if frappe.cache.incrby(key, 1) == 1:
		frappe.cache.expire(key, SECONDS)
	return WRONG


def place_of(path: str) -> list[str]:
	"""Return the names of the nodes at and above *path*, from the township down."""
	above = [each for each in paths_above(path) if position(each) >= TOWNSHIP]
	return frappe.get_all(
		"Grid",
		filters={"grid_path": ["in", [*above, path]]},
		pluck="grid_name",
		order_by="grid_path asc",
	)
