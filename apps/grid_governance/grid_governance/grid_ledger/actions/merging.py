"""Two rows that are one person become one: what hangs on the one that goes hangs on the one that stays; or they are
judged to be different people, and not listed again.

Only whoever may write all of it in both places merges: the people, and their identities, contacts and care. The
village secretary may (domain B3); others see the pair and tell her. A lower bar would move, or keep from view,
what the person who merges may not see, and her refusals would tell it.
"""

from typing import NamedTuple

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now_datetime

from grid_governance import scope
from grid_governance.grid_ledger import HOUSEHOLD, IDENTITY, OF_RESIDENT, RESIDENT
from grid_governance.grid_ledger.actions import accesses, hanging_over, residents
from grid_governance.grid_ledger.queries import hanging
from grid_governance.grid_ledger.queries.likeness import COMPARISON, DIFFERENT, MERGED, verdict_on
from grid_governance.grid_ledger.rules import households
from grid_governance.grid_structure.rules import SEGMENT, TOWNSHIP, paths_above


class SamePersonError(frappe.ValidationError):
	"""Somebody is to be compared or merged with herself."""


class MergedAlreadyError(frappe.ValidationError):
	"""One of the two was merged before."""


class TownshipError(frappe.ValidationError):
	"""The two are kept by different townships."""


class MergeLevelError(frappe.PermissionError):
	"""Somebody merges who may not write all that hangs on the two."""


class TwoHouseholdsError(frappe.ValidationError):
	"""The one that goes is the head of another household, in which others live."""


class TwoNumbersError(frappe.ValidationError):
	"""The two have different numbers: two people, or nobody said which number is right."""


class ChangedMeanwhileError(frappe.ValidationError):
	"""One of the two was changed after the preview."""


class Problem(NamedTuple):
	"""Why two rows cannot become one."""

	message: str
	error: type[Exception]


def problem(stays: Document, goes: Document) -> Problem | None:
	"""Return why *goes* cannot be merged into *stays* by the session's user, None when it can.

	That she may not is told first: nothing else is, of what she may not see.
	"""
	if stays.name == goes.name:
		return Problem(_("This is the same record. Choose another one."), SamePersonError)
	if not _may_merge(stays, goes):
		return Problem(
			_(
				"Only who may change the identities, contacts and care of both merges them: the village secretary."
			),
			MergeLevelError,
		)
	if stays.merged_into or goes.merged_into:
		return Problem(_("One of the two was merged already. Load the list again."), MergedAlreadyError)
	if _township(stays) != _township(goes):
		return Problem(_("The two are kept by different townships, and each keeps its own."), TownshipError)
	if _heads_others(goes, stays.household):
		return Problem(
			_("{0} is the head of another household with members. Choose another head there first.").format(
				goes.resident_name
			),
			TwoHouseholdsError,
		)
	known = hanging.numbers([stays, goes])
	if known and known["both"] and not known["verdict"] and _types_agree(stays, goes):
		return Problem(
			_(
				"The two have different numbers, so they are two people. Correct the number that is wrong first."
			),
			TwoNumbersError,
		)
	return None


@frappe.whitelist(methods=["POST"])
def merge(
	stays: str,
	goes: str,
	taken: str | list[str],
	number_of: str = "",
	reason: str = "",
	seen: str | dict[str, str] | None = None,
) -> str:
	"""Make *goes* part of *stays* and return the name of the Resident Comparison that tells of it.

	*taken*: fieldnames (a list, or its JSON) in which the value of *goes* is kept; in all others that of *stays*. *number_of*: the one
	of the two whose number is right, where they have different ones. *seen*: when each had last been changed in the
	preview. The row that goes stays in the database as history with `merged_into`; lists and counts are without it.
	Contacts, care and identity go over, none twice; guardians, the head, and every other record that names her
	follow, the administrator's own DocTypes included; logs stay as they were written. Done again, it returns the same
	hanging. Raises PermissionError outside the scope, and the errors of this module.
	"""
	kept, gone = _locked(stays, goes)
	done = _done_before(kept, gone)
	if done:
		return done
	wrong = problem(kept, gone)
	if wrong:
		frappe.throw(wrong.message, wrong.error)
	_check_unchanged((kept, gone), frappe.parse_json(seen) or {})
	_check_choice(kept, gone, number_of)
	left = gone.household
	line = _new_line(MERGED, kept, gone, reason)
	line.household = left if left != kept.household else None
	_take_values(kept, gone, set(frappe.parse_json(taken)), line)
	line.moved = _("; ").join(hanging_over.move(kept, gone, number_of))
	frappe.db.set_value(RESIDENT, gone.name, "merged_into", kept.name)
	_take_headship(kept, gone)
	kept.save()
	residents.recount({left})
	residents.entitle({left})
	_insert(line)
	accesses.note(
		accesses.MERGE, kept.grid, RESIDENT, kept.name, rows=2, reason=line.reason, detail=line.name
	)
	return line.name


@frappe.whitelist(methods=["POST"])
def distinguish(resident: str, other: str, reason: str = "") -> str:
	"""Remember that *resident* and *other* are different people, so that they are not listed again; return the record.

	Said once: again, it returns the same one. Raises PermissionError for who may not change both, SamePersonError,
	MergedAlreadyError.
	"""
	one, two = _locked(*sorted((resident, other)))
	if one.name == two.name:
		frappe.throw(_("This is the same record. Choose another one."), SamePersonError)
	if one.merged_into or two.merged_into:
		frappe.throw(_("One of the two was merged already. Load the list again."), MergedAlreadyError)
	said = verdict_on(one.name, two.name)
	if said:
		return said["name"]
	line = _new_line(DIFFERENT, one, two, reason)
	_insert(line)
	return line.name


def _locked(*names: str) -> list[Document]:
	"""The residents *names* in their order, each locked until the transaction ends, always in the order of their names.

	Two who merge the same pair, or two pairs with one row in common, wait for each other.
	"""
	docs = {}
	for name in sorted(set(names)):
		docs[name] = frappe.get_doc(RESIDENT, name, for_update=True)
		docs[name].check_permission("write")
	return [docs[name] for name in names]


def _may_merge(*docs: Document) -> bool:
	user = frappe.session.user
	return all(
		doc.has_permission("write")
		and all(scope.covers(doc.grid_path, user, doctype, "write") for doctype in OF_RESIDENT)
		for doc in docs
	)


def _township(doc: Document) -> str:
	return doc.grid_path[: SEGMENT * TOWNSHIP]


def _heads_others(doc: Document, household: str) -> bool:
	return (
		doc.household != household
		and frappe.db.get_value(HOUSEHOLD, doc.household, "head") == doc.name
		and bool(residents.others_living(doc.household, doc.name))
	)


def _types_agree(*docs: Document) -> bool:
	"""Whether both numbers are of one kind of papers: a passport beside a citizen number contradicts nothing."""
	return len({frappe.db.get_value(IDENTITY, {"resident": doc.name}, "id_type") for doc in docs}) == 1


def _done_before(kept: Document, gone: Document) -> str | None:
	if gone.merged_into != kept.name or kept.name == gone.name or not _may_merge(kept, gone):
		return None
	same = {"verdict": MERGED, "resident": kept.name, "other_resident": gone.name}
	return frappe.db.get_value(COMPARISON, same)


def _check_unchanged(docs: tuple[Document, ...], seen: dict[str, str]) -> None:
	for doc in docs:
		if doc.name in seen and seen[doc.name] != str(doc.modified):
			frappe.throw(
				_("{0} was changed meanwhile. Compare the two again.").format(doc.resident_name),
				ChangedMeanwhileError,
			)


def _check_choice(kept: Document, gone: Document, number_of: str) -> None:
	held = {row.resident: row.id_number_hash for row in hanging_over.identities_of(kept, gone).values()}
	if len(held) == 2 and len(set(held.values())) == 2 and number_of not in held:
		frappe.throw(_("The two have different numbers. Choose the one that is right."), TwoNumbersError)


def _take_values(kept: Document, gone: Document, taken: set[str], line: Document) -> None:
	"""Put into *kept* the values *taken* from *gone*, and write down for each difference what was kept and given up."""
	for df in hanging.choosable(kept.meta):
		field = df.fieldname
		if kept.get(field) != gone.get(field):
			winner, loser = (gone, kept) if field in taken else (kept, gone)
			line.append(
				"compared_values",
				{
					"field_label": _(df.label),
					"kept": hanging.shown(df, winner.get(field)),
					"given_up": hanging.shown(df, loser.get(field)),
				},
			)
		if field in taken:
			for each in (field, *hanging.FOLLOWS.get(field, ())):
				kept.set(each, gone.get(each))
	if kept.guardian in (kept.name, gone.name):
		kept.guardian = None
	known = {row.skill for row in kept.skills}
	for row in gone.skills:
		if row.skill not in known:
			kept.append("skills", {"skill": row.skill, "note": row.note})


def _take_headship(kept: Document, gone: Document) -> None:
	home = frappe.db.get_value(HOUSEHOLD, gone.household, ["head", "group_rep"], as_dict=True)
	same = gone.household == kept.household
	if not same:
		residents.leave_group(gone.household, [gone.name])
	values = {
		field: kept.name if same else None for field in ("head", "group_rep") if home[field] == gone.name
	}
	if values:
		frappe.db.set_value(HOUSEHOLD, gone.household, values)
	if same and home.head == gone.name:
		kept.relation_to_head = households.HEAD


def _new_line(verdict: str, doc: Document, other: Document, reason: str) -> Document:
	return frappe.get_doc(
		{
			"doctype": COMPARISON,
			"verdict": verdict,
			"resident": doc.name,
			"other_resident": other.name,
			"judged_by": frappe.session.user,
			"at": now_datetime(),
			"reason": (reason or "").strip(),
			"grid": _grid_of_both(doc, other),
		}
	)


def _grid_of_both(doc: Document, other: Document) -> str:
	"""The lowest node above both: whoever reads what became of the two sees both."""
	above = [
		path for path in (*paths_above(doc.grid_path), doc.grid_path) if other.grid_path.startswith(path)
	]
	return frappe.get_all(
		"Grid", {"grid_path": ["in", above]}, pluck="name", order_by="grid_path desc", limit=1
	)[0]


def _insert(line: Document) -> None:
	line.flags.by_room = True
	line.insert(ignore_permissions=True)  # who may merge leaves a trace, though she writes no log
