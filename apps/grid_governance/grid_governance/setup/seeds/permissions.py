"""Permission rules that an administrator customised, kept in the ledger like seeds.

Once she changes one rule of a DocType, Frappe reads only her copy of all of them: a rule that the app ships
later does not reach that DocType. So each such DocType has a row in the ledger, with what the app shipped when
she began; after an upgrade the difference is listed there, and she decides.
"""

import json

import frappe
from frappe import _
from frappe.core.doctype.doctype.doctype import clear_permissions_cache, validate_permissions_for_doctype
from frappe.permissions import reset_perms, rights

from grid_governance.setup.seeds import rules
from grid_governance.setup.seeds.ledger import speaking
from grid_governance.setup.seeds.rules import Ledger, Normal, State

LEDGER = "Seed Record"
APP = "grid_governance"
SHIPPED, OWN = "DocPerm", "Custom DocPerm"
_SEPARATOR = "|"


def note_base() -> None:
	"""Before a migrate: remember what the app shipped so far for each DocType whose rules are customised."""
	for doctype in _customised() - _listed():
		_remember(doctype, State.CHANGED, base=_read(SHIPPED, doctype))


def sync(settle: bool = True) -> None:
	"""List what the app ships differently from the rules here. Nothing is granted or taken by itself.

	*settle*, after a migrate: a copy in which nothing was changed gives way to the shipped rules.
	"""
	languages = frappe.get_all(LEDGER, pluck="language", order_by="creation asc", limit=1) if settle else []
	with speaking(next(iter(languages), frappe.local.lang)):
		for doctype in sorted(_customised() | _listed()):
			_look_at(doctype, settle)


def _look_at(doctype: str, settle: bool) -> None:
	"""Bring the ledger's row of *doctype* to its rules as they stand."""
	own, shipped = _read(OWN, doctype), _read(SHIPPED, doctype)
	if not own or not frappe.db.exists("DocType", doctype):
		return _forget(doctype)
	base = _base(doctype) or shipped
	decision = rules.decide(Ledger(base, base), own, shipped)
	if decision.state is State.UNTOUCHED and settle:
		reset_perms(doctype)
		clear_permissions_cache(doctype)
		return _forget(doctype)
	_remember(doctype, decision.state, base)


def choices(doctype: str) -> set[str]:
	"""Return what may be decided about the rules of *doctype*: "take", "merge", "keep"."""
	own, shipped, base = _read(OWN, doctype), _read(SHIPPED, doctype), _base(doctype)
	if not own or base is None:
		return set()
	if shipped == base:
		return {"take"}
	news = _merged(base, own, shipped) != own
	return {"take", "keep"} | ({"merge"} if news else set())


def take_shipped(doctype: str) -> None:
	"""Give up every rule that was customised here."""
	frappe.only_for("System Manager")
	reset_perms(doctype)
	clear_permissions_cache(doctype)
	_forget(doctype)


def take_news(doctype: str) -> None:
	"""Take the shipped rules that meet none that was changed here; hers stay."""
	frappe.only_for("System Manager")
	shipped = _read(SHIPPED, doctype)
	merged = _merged(_base(doctype) or shipped, _read(OWN, doctype), shipped)
	frappe.db.delete(OWN, {"parent": doctype})
	for rule, granted in merged.items():
		role, permlevel, if_owner = rule.split(_SEPARATOR)
		frappe.get_doc(
			{
				"doctype": OWN,
				"parent": doctype,
				"parenttype": "DocType",
				"parentfield": "permissions",
				"role": role,
				"permlevel": int(permlevel),
				"if_owner": int(if_owner),
				**{right: int(right in granted.split(", ")) for right in rights},
			}
		).insert()
	validate_permissions_for_doctype(doctype)
	clear_permissions_cache(doctype)
	_remember(doctype, State.CHANGED, base=shipped)
	_look_at(doctype, settle=True)


def keep_own(doctype: str) -> None:
	"""Decline the shipped rules: hers stay, and these are no longer offered."""
	frappe.only_for("System Manager")
	_remember(doctype, State.CHANGED, base=_read(SHIPPED, doctype))


def _own_doctypes() -> set[str]:
	modules = frappe.get_all("Module Def", {"app_name": APP}, pluck="name", order_by="name asc")
	return set(frappe.get_all("DocType", {"module": ("in", modules)}, pluck="name", order_by="name asc"))


def _customised() -> set[str]:
	doctypes = sorted(_own_doctypes())
	return set(frappe.get_all(OWN, {"parent": ("in", doctypes)}, pluck="parent", order_by="parent asc"))


def _listed() -> set[str]:
	keys = frappe.get_all(LEDGER, {"name": ("like", f"{rules.NO_FILE}%")}, pluck="name", order_by="name asc")
	return {key.removeprefix(rules.NO_FILE) for key in keys}


def _read(table: str, doctype: str) -> Normal:
	"""Return the rules of *doctype* in *table* as a normal form: ``{"role|level|if owner": "read, write"}``."""
	found = frappe.get_all(
		table,
		filters={"parent": doctype},
		fields=["role", "permlevel", "if_owner", *rights],
		order_by="role asc, permlevel asc",
		limit_page_length=0,
	)
	return {
		_SEPARATOR.join((row.role, str(row.permlevel or 0), str(row.if_owner or 0))): ", ".join(
			right for right in rights if row[right]
		)
		for row in found
	}


def _merged(base: Normal, own: Normal, shipped: Normal) -> Normal:
	return {
		rule: granted for rule, granted in rules.merge(Ledger(base, base), own, shipped).items() if granted
	}


def _base(doctype: str) -> Normal | None:
	stored = frappe.db.get_value(LEDGER, rules.NO_FILE + doctype, "stored")
	return json.loads(stored) if stored else None


def _forget(doctype: str) -> None:
	frappe.db.delete(LEDGER, {"name": rules.NO_FILE + doctype})


def _remember(doctype: str, state: State, base: Normal) -> None:
	own, shipped = _read(OWN, doctype), _read(SHIPPED, doctype)
	key = rules.NO_FILE + doctype
	values = {
		"state": state.value,
		"reason": "",
		"reference_doctype": "DocType",
		"reference_name": doctype,
		"title": _("Permissions of {0}").format(_(doctype)),
		"sort_order": 0,
		"language": frappe.local.lang,
		"shipped": rules.serialise(base),
		"stored": rules.serialise(base),
		"digest": rules.digest(base),
		"difference": rules.difference(base, own, _rule, _rights),
		"waiting": rules.difference(base, shipped, _rule, _rights) if state is State.WAITING else "",
	}
	if frappe.db.exists(LEDGER, key):
		return frappe.db.set_value(LEDGER, key, values)
	frappe.get_doc({"doctype": LEDGER, "seed_key": key, **values}).insert(ignore_permissions=True)


def _rule(rule: str) -> str:
	role, permlevel, if_owner = rule.split(_SEPARATOR)
	words = [_(role)]
	if permlevel != "0":
		words.append(_("Level {0}").format(permlevel))
	if if_owner != "0":
		words.append(_("If Owner"))
	return " · ".join(words)


def _rights(granted: str) -> str:
	return ", ".join(_(right.title()) for right in granted.split(", ")) if granted else ""
