"""What holding a post does to the holder's account: roles, lock and password, each with a line in the log."""

import secrets
from collections.abc import Iterable
from functools import partial
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.translate import print_language
from frappe.utils import now_datetime
from frappe.utils.password import delete_login_failed_cache, update_password

from grid_governance import scope
from grid_governance.grid_structure import queries, rules
from grid_governance.grid_structure.actions import desk, slips

MUST_CHANGE = "1900-01-01"
"""Date of the last change of a password that its owner did not choose: so long ago that Frappe's
"force user to reset password" asks for a new one at the next log-in."""


class NotYoursToResetError(frappe.PermissionError):
	"""A password is to be reset by someone who does not stand above its owner."""


class SignInNumberError(frappe.ValidationError):
	"""The number that someone signs in with is to become one that she cannot sign in with."""


class AccountLinkError(frappe.PermissionError):
	"""An account is to be linked to a worker by someone who may not make accounts by hand."""


def sync_account(user: str, worker: str | None = None, given_before: frozenset[str] = frozenset()) -> None:
	"""Give *user* the roles of the posts held today, take away those of posts that ended, lock and unlock.

	Only roles that some post gives are touched; one that an administrator gave by hand and no post gives
	stays. An account is locked, and its sessions end, when no post and no other role is left; it is unlocked
	by the next post, unless somebody disabled it by hand. *worker* is whom the log names when *user* is no
	longer linked to anyone; *given_before* are roles that a post gave until now and that perhaps none gives.
	"""
	if not user or user in frappe.STANDARD_USERS:
		return
	account = frappe.db.get_value(
		"User", user, ["name", "enabled", "user_type"], as_dict=True, for_update=True
	)
	if not account:
		return
	has, held = queries.roles_of(user), queries.current_roles(user)
	due = held - queries.disabled_roles()
	ended, missing = (has - due) & (queries.post_roles() | given_before), due - has
	left = (has - ended) | missing
	events = []
	if ended or missing:
		_change_roles(account, ended, missing, left)
		events.append(("Roles Changed", _told(ended, missing)))
	if not held and not left and account.enabled:
		_set_enabled(user, False)
		events.append(("Locked", _("The last post has ended.")))
	elif held and not account.enabled and queries.is_locked(user):
		_set_enabled(user, True)
		events.append(("Unlocked", _("A post has begun.")))
	desk.give_module_profile(user)
	if not events:
		return
	_forget_account(user)
	frappe.db.after_commit.add(partial(_forget_account, user))
	whose = queries.worker_of(user, worker)
	if whose:
		write_log([_line(user, whose, event, note) for event, note in events])


def change_user(worker: Document) -> None:
	"""Carry a worker's new user account into the posts the worker holds, and sync the accounts of both users."""
	row = DocType("Grid Post Assignment")
	frappe.qb.update(row).set(row.user, worker.user).where(row.worker == worker.name).run()
	scope.forget()
	for user in sorted({worker.user, worker.get_doc_before_save().user} - {None, ""}):
		sync_account(user, worker.name)


def check_link(worker: Document) -> None:
	"""Refuse a user account that is linked to *worker*, or unlinked, by someone without a site-wide right to.

	Whoever could link any account could reset its password as its leader.
	"""
	if not worker.has_value_changed("user") or (worker.is_new() and not worker.user):
		return
	if worker.flags.ignore_permissions or may_link(frappe.session.user):
		return
	frappe.throw(
		_(
			"{0}: an account is linked by an administrator, or made with the others in an account batch."
		).format(worker.worker_name),
		AccountLinkError,
	)


def check_number(worker: Document) -> None:
	"""Refuse a new work phone of *worker* that the account behind it could not be signed in with.

	And one that is entered by someone who neither stands above the worker nor is the worker.
	"""
	number = rules.mobile_number(worker.phone)
	worker.phone = number or (worker.phone or "").strip()
	account = _account_to_follow(worker)
	if not account:
		return
	if not number:
		if account.mobile_no:
			frappe.throw(
				_(
					"{0} signs in with the work phone. Enter a mobile number of eleven digits; {1} is none."
				).format(worker.worker_name, worker.phone or "–"),
				SignInNumberError,
			)
		return
	if any(taken.name != account.name for taken in queries.accounts_in_the_way([], [number])):
		_refuse_taken(worker, number)
	if why := _why_no_new_number(worker, account.name, frappe.session.user):
		frappe.throw(why, NotYoursToResetError)


def change_number(worker: Document) -> None:
	"""Let *worker* sign in with the new work phone, and no longer with the old one."""
	account = _account_to_follow(worker)
	number = rules.mobile_number(worker.phone)
	if not account or not number or number == account.mobile_no:
		return
	try:
		frappe.db.set_value("User", account.name, "mobile_no", number)
	except Exception as error:
		if not frappe.db.is_unique_key_violation(error):
			raise
		_refuse_taken(worker, number)  # somebody was quicker
	_forget_account(account.name)
	frappe.db.after_commit.add(partial(_forget_account, account.name))
	before, after = rules.masked_number(account.mobile_no), rules.masked_number(number)
	note = _("Signs in with {0}, before with {1}.").format(after, before or "–")
	write_log([_line(account.name, worker, "Number Changed", note)])


def may_link(user: str) -> bool:
	"""Say whether *user* may say by hand which account is whose."""
	everywhere = scope.ranges(user, "Grid Worker", "write") == scope.rules.EVERYWHERE
	return everywhere or bool(frappe.has_permission("User", "create", user=user))


def sync_accounts() -> None:
	"""Bring all accounts in step with the posts of today: those that begin or have ended by their dates.

	Runs daily; what was missed on other days is done too, and a second run does nothing. A user with whom
	something is wrong is left out and told of in the error log.
	"""
	for user in queries.users_out_of_step():
		frappe.db.savepoint("account")
		try:
			with print_language(frappe.get_system_settings("language")):  # a job has none of its own
				sync_account(user)
		except Exception:  # one account that fails is logged and does not keep the others back
			frappe.db.rollback(save_point="account")
			frappe.log_error(title=f"Account of {user} could not be brought in step with its posts")


@frappe.whitelist(methods=["POST"])
def reset_password(worker: str) -> dict[str, str]:
	"""Give *worker* a new first password, end the sessions, and return `password` and its `slip` as HTML.

	For whoever stands above: all posts of the worker lie where the session's user may write posts, no
	role of the account came from elsewhere, and it is not the user's own. The password is shown this once
	and has to be changed at the next log-in.
	"""
	doc = frappe.get_doc("Grid Worker", worker)
	doc.check_permission("read")
	if why := why_no_reset(doc, frappe.session.user):
		frappe.throw(why, NotYoursToResetError)
	password = new_password()
	set_first_password(doc.user, password)
	end_sessions(doc.user)
	_forget_account(doc.user)
	frappe.db.after_commit.add(partial(_forget_account, doc.user))
	write_log([_line(doc.user, doc, "Password Reset")])
	return {"password": password, "slip": slips.html([slips.slip(doc.user, password)])}


def why_no_reset(worker: Document, user: str) -> str | None:
	"""Return why *user* may not reset the password of *worker*, None when nothing speaks against it."""
	account = worker.user and frappe.db.get_value("User", worker.user, ["name", "enabled"], as_dict=True)
	if not account:
		return _("{0} has no account.").format(worker.worker_name)
	if account.name == user:
		return _("Change your own password in your settings.")
	posts = queries.posts_of(worker.name)
	if _has_other_rights(account.name, posts):
		return _("{0} has rights that no post gives. An administrator resets this password.").format(
			worker.worker_name
		)
	if not account.enabled or not posts:
		return _("The account of {0} is locked: it has no current post.").format(worker.worker_name)
	if not queries.within_reach(posts, user):
		return _("{0} holds a post that is not below yours. The leader above resets this password.").format(
			worker.worker_name
		)
	return None


def _why_no_new_number(worker: Document, account: str, user: str) -> str | None:
	if worker.flags.ignore_permissions or account == user or may_link(user):
		return None
	posts = queries.posts_of(worker.name)
	if _has_other_rights(account, posts):
		return _("{0} has rights that no post gives. An administrator changes this number.").format(
			worker.worker_name
		)
	if not queries.within_reach(posts, user):
		return _("{0} holds a post that is not below yours. The leader above changes this number.").format(
			worker.worker_name
		)
	return None


def _has_other_rights(account: str, posts: Iterable[frappe._dict]) -> bool:
	return account in frappe.STANDARD_USERS or bool(queries.roles_of(account) - {post.role for post in posts})


def _account_to_follow(worker: Document) -> frappe._dict | None:
	"""Return `name` and `mobile_no` of the account that follows a change of the work phone that is being saved."""
	before = worker.get_doc_before_save()
	if not before or not worker.user or before.user != worker.user or before.phone == worker.phone:
		return None
	return frappe.db.get_value("User", worker.user, ["name", "mobile_no"], as_dict=True)


def _refuse_taken(worker: Document, number: str) -> None:
	frappe.throw(
		_(
			"{0} cannot sign in with {1}: another account does. Correct the number, or that of the other person first."
		).format(worker.worker_name, number),
		SignInNumberError,
	)


def new_password() -> str:
	"""Return a random first password."""
	return rules.first_password(secrets.choice)


def set_first_password(user: str, password: str) -> None:
	"""Set *password*, which *user* has to change at the next log-in."""
	update_password(user, password)
	frappe.db.set_value("User", user, {"last_password_reset_date": MUST_CHANGE, "reset_password_key": ""})
	delete_login_failed_cache(user)


def end_sessions(user: str) -> None:
	"""End all sessions of *user*, here and once more when the transaction is committed."""
	session = DocType("Sessions")
	sids = frappe.qb.from_(session).select(session.sid).where(session.user == user).run(pluck=True)
	frappe.qb.from_(session).delete().where(session.user == user).run()
	_drop_sessions(sids)
	frappe.db.after_commit.add(partial(_drop_sessions, sids))


def write_log(lines: Iterable[dict[str, str | None]]) -> None:
	"""Write *lines* of the Account Log, each with user, worker, grid, grid_path, event, note and batch."""
	now, by = now_datetime(), frappe.session.user
	_insert_rows("Account Log", [{"at": now, "by_user": by, **line} for line in lines], first=0)


def user_type(roles: Iterable[str]) -> str:
	"""Return the type that Frappe gives a user with *roles*."""
	return "System User" if queries.desk_roles() & set(roles) else "Website User"


def _change_roles(account: frappe._dict, ended: set[str], missing: set[str], left: set[str]) -> None:
	row = DocType("Has Role")
	of_user = (row.parent == account.name) & (row.parenttype == "User")
	if ended:
		frappe.qb.from_(row).delete().where(of_user & row.role.isin(sorted(ended))).run()
	if missing:
		last = frappe.db.get_value(
			"Has Role", {"parent": account.name, "parenttype": "User"}, "idx", order_by="idx desc"
		)
		of_account = {"parent": account.name, "parenttype": "User", "parentfield": "roles"}
		_insert_rows(
			"Has Role", [{**of_account, "role": role} for role in sorted(missing)], first=(last or 0) + 1
		)
	own_type = frappe.get_cached_value("User Type", account.user_type, "is_standard") == 0
	# Also when the type stays: an open form of this user must not write the old roles back.
	frappe.db.set_value("User", account.name, "user_type", account.user_type if own_type else user_type(left))


def _insert_rows(doctype: str, rows: list[dict[str, Any]], first: int) -> None:
	"""Insert *rows* with the columns that every DocType has, numbered from *first*."""
	if not rows:
		return
	now, by = now_datetime(), frappe.session.user
	every = {"creation": now, "modified": now, "owner": by, "modified_by": by, "docstatus": 0}
	columns = ["name", "idx", *every, *rows[0]]
	values = [
		(frappe.generate_hash(length=10), idx, *every.values(), *row.values())
		for idx, row in enumerate(rows, first)
	]
	frappe.db.bulk_insert(doctype, columns, values)


def _set_enabled(user: str, enabled: bool) -> None:
	frappe.db.set_value("User", user, "enabled", int(enabled))
	settings = DocType("Notification Settings")
	frappe.qb.update(settings).set(settings.enabled, int(enabled)).where(settings.name == user).run()
	if not enabled:
		end_sessions(user)


def _forget_account(user: str) -> None:
	frappe.clear_cache(user=user)
	frappe.clear_document_cache("User", user)
	frappe.cache.delete_key("users_for_mentions")
	frappe.cache.delete_key("enabled_users")


def _drop_sessions(sids: list[str]) -> None:
	for sid in sids:
		frappe.cache.hdel("session", sid)
		frappe.cache.hdel("last_db_session_update", sid)


def _told(ended: set[str], missing: set[str]) -> str:
	told = []
	if missing:
		told.append(_("Given: {0}.").format(", ".join(_(role) for role in sorted(missing))))
	if ended:
		told.append(_("Taken away: {0}.").format(", ".join(_(role) for role in sorted(ended))))
	return " ".join(told)


def _line(user: str, worker: frappe._dict | Document, event: str, note: str = "") -> dict[str, str | None]:
	return {
		"user": user,
		"worker": worker.name,
		"grid": worker.grid,
		"grid_path": worker.grid_path,
		"event": event,
		"note": note,
		"batch": None,
	}
