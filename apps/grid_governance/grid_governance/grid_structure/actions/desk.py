"""What hides the modules of the desk that are not a reader's: the Module Profile of the account."""

from collections.abc import Iterable

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import now_datetime

from grid_governance.grid_structure.queries import desk


def give_module_profile(user: str, ours: Iterable[str] = ()) -> None:
	"""Give the account of *user* the Module Profile of its highest post.

	One that an administrator chose by hand stays: only those that a Role Home names, or one of *ours*, are changed.
	"""
	present = frappe.db.get_value("User", user, "module_profile") or None
	profile = desk.module_profile_of(user)
	if present == profile or (present and present not in desk.named_profiles().union(ours)):
		return
	frappe.db.set_value("User", user, "module_profile", profile)
	_block([user], desk.blocked_modules(profile))
	frappe.clear_cache(user=user)


def give_module_profiles(role: str, was: Iterable[str]) -> None:
	"""Give every account with *role* the Module Profile of its highest post; *was*: profiles that may be replaced."""
	for user in frappe.get_all(
		"Has Role", filters={"role": role, "parenttype": "User"}, pluck="parent", order_by="parent asc"
	):
		give_module_profile(user, was)


def spread_module_profile(profile: Document, method: str | None = None) -> None:
	"""Document event: what *profile* hides is hidden at once from every account that has it.

	Frappe copies a profile to an account when the account is saved, and not when the profile is.
	"""
	users = frappe.get_all(
		"User",
		filters={"module_profile": profile.name},
		pluck="name",
		order_by="name asc",
		limit_page_length=0,
	)
	if not users or profile.flags.in_insert:
		return
	_block(users, [row.module for row in profile.block_modules])
	for user in users:
		frappe.clear_cache(user=user)


def block_rows(user: str, modules: Iterable[str]) -> list[dict[str, object]]:
	"""Return the rows of Block Module that hide *modules* from *user*."""
	now, by = now_datetime(), frappe.session.user
	return [
		{
			"name": frappe.generate_hash(length=10),
			"creation": now,
			"modified": now,
			"owner": by,
			"modified_by": by,
			"docstatus": 0,
			"idx": idx,
			"parent": user,
			"parenttype": "User",
			"parentfield": "block_modules",
			"module": module,
		}
		for idx, module in enumerate(modules, 1)
	]


def _block(users: list[str], modules: list[str]) -> None:
	"""Let *modules*, and no others, be hidden from *users*."""
	row = DocType("Block Module")
	frappe.qb.from_(row).delete().where((row.parenttype == "User") & row.parent.isin(users)).run()
	rows = [values for user in users for values in block_rows(user, modules)]
	if rows:
		frappe.db.bulk_insert("Block Module", list(rows[0]), [tuple(values.values()) for values in rows])
	for user in users:
		frappe.clear_document_cache("User", user)
