"""Accounts for many people at once: looked through, made chunk by chunk by jobs, first passwords on slips.

Each job is one transaction that makes a chunk and orders the next. Whoever has an account by then is not
due any more, so a chain that was cut off goes on where it stood, and two chains do not make anyone twice: each locks
the batch and the workers first. Passwords come last, in the very transaction that stores the slips, so nobody
is left with a password that is on no slip.
"""

import traceback
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.model.meta import Meta
from frappe.model.naming import is_autoincremented
from frappe.query_builder import CustomFunction, DocType
from frappe.translate import print_language
from frappe.utils import add_days, add_to_date, cint, get_datetime, get_system_timezone, getdate, now_datetime

from grid_governance import scope
from grid_governance.grid_structure import queries, rules
from grid_governance.grid_structure.actions import accounts, slips
from grid_governance.grid_structure.queries.desk import ProfilesOfPosts
from grid_governance.scope.rules import plain_name

BATCH = "Account Batch"
CHUNK = 500
MAIL_DOMAIN = "workers.invalid"
"""A domain that can never exist (RFC 2606): a user name that tells nothing and to which no mail goes."""

STALE_MINUTES = 15
LOGIN_SETTINGS = ("allow_login_using_mobile_number", "force_user_to_reset_password")


class BatchNotReadyError(frappe.ValidationError):
	"""A batch cannot be started: it runs, it is done, or the site's settings do not fit."""


class SlipsNotMadeError(frappe.ValidationError):
	"""The slips of a batch could not be made. Carries no value that was at hand, since some are passwords."""


def survey(batch: Document) -> None:
	"""Fill in how many accounts *batch* would make, and for whom it would make none and why."""
	path = frappe.db.get_value("Grid", batch.grid, "grid_path") or ""
	due, problems = sort_out(queries.workers_without_account(path), _owner(batch))
	batch.total = len(due)
	batch.set("problems", problems)


@frappe.whitelist(methods=["POST"])
def start(batch: str) -> None:
	"""Let the accounts of *batch* be made in the background, or go on where it stopped."""
	doc = frappe.get_doc(BATCH, batch)
	doc.check_permission("write")
	if doc.status == "Done":
		frappe.throw(
			_("{0} is done. Make another batch for those who have come since.").format(doc.name),
			BatchNotReadyError,
		)
	for setting in LOGIN_SETTINGS:
		if not cint(frappe.db.get_single_value("System Settings", setting)):
			label = _(frappe.get_meta("System Settings").get_label(setting))
			frappe.throw(
				_("Switch on “{0}” in the System Settings first: the slips count on it.").format(label),
				BatchNotReadyError,
			)
	doc.db_set({"status": "Running", "error": None})
	_order(doc.name)


def run(batch: str) -> None:
	"""Do the next piece of work of *batch*: a chunk of accounts, or the slips when there is nobody left."""
	doc = frappe.get_doc(BATCH, batch, for_update=True)
	if doc.status != "Running" or _overtaken(doc):
		return
	frappe.db.savepoint("account_batch")
	try:
		with print_language(frappe.get_system_settings("language")):  # a job has none of its own
			_work(doc)
	except Exception as error:
		if frappe.db.is_deadlocked(error) or frappe.db.is_timedout(error):
			raise
		frappe.db.rollback(save_point="account_batch")
		# Without the values of variables, which Frappe's own log writes down.
		frappe.log_error(title=f"{BATCH} {batch}", message="".join(traceback.format_exception(error)))
		doc.db_set({"status": "Failed", "error": str(error) or type(error).__name__})
	_tell(doc)


def resume() -> None:
	"""Go on with batches whose job was killed: running, and nothing has been heard of them for a while. Hourly."""
	for name in frappe.get_all(
		BATCH,
		filters={"status": "Running", "modified": ["<", add_to_date(now_datetime(), minutes=-STALE_MINUTES)]},
		pluck="name",
		order_by="creation asc",
	):
		_order(name)


def remove_slips() -> None:
	"""Delete the slips that have lain longer than Governance Settings allow. Runs daily."""
	days = cint(frappe.db.get_single_value("Governance Settings", "slip_days"))
	before = add_days(getdate(), -days)
	for file in frappe.get_all(
		"File",
		filters={"attached_to_doctype": BATCH, "creation": ["<", before]},
		fields=["name", "attached_to_name"],
		order_by="creation asc",
	):
		frappe.db.set_value(BATCH, file.attached_to_name, "slips", None)
		# The daily job: nobody may read the slips of others, and they go whoever made them.
		frappe.delete_doc("File", file.name, ignore_permissions=True, delete_permanently=True)


def sort_out(workers: list[frappe._dict], owner: str) -> tuple[list[frappe._dict], list[dict[str, str]]]:
	"""Part *workers* into those who can have an account made by *owner*, and rows `worker`, `reason` for the rest.

	Those who can have their mobile number in `phone` as eleven digits and the name of the user in `user`.
	"""
	for worker in workers:
		worker.number = rules.mobile_number(worker.phone)
		worker.user = user_name(worker.name)
	shared = Counter(worker.number for worker in workers)
	taken = queries.accounts_in_the_way(
		[worker.user for worker in workers], [worker.number for worker in workers if worker.number]
	)
	numbers = {user.mobile_no for user in taken}
	names = {user.name for user in taken} | {f"{user.username}@{MAIL_DOMAIN}" for user in taken}
	due, problems = [], []
	for worker in workers:
		if not (worker.phone or "").strip():
			reason = _("No work phone is given.")
		elif not worker.number:
			reason = _("{0} is no mobile number of eleven digits.").format(worker.phone)
		elif shared[worker.number] > 1:
			reason = _("{0} is given for {1} people.").format(worker.number, shared[worker.number])
		elif worker.number in numbers:
			reason = _("{0} is the number of another account.").format(worker.number)
		elif worker.user in names:
			reason = _("The account {0} exists already. An administrator links it to this person.").format(
				worker.user
			)
		elif not queries.within_reach(worker.posts, owner):
			reason = _("Holds a post that is not below yours. The leader above makes this account.")
		else:
			due.append(worker)
			continue
		problems.append({"worker": worker.name, "reason": reason})
	return due, problems


def user_name(worker: str) -> str:
	"""Return the name of the account of the Grid Worker *worker*."""
	return f"{worker.lower()}@{MAIL_DOMAIN}"


def insert_accounts(workers: list[frappe._dict], batch: str | None = None) -> None:
	"""Make an account without a password for each of *workers*, with a dozen statements for all of them.

	*workers* are as `sort_out` returns them.
	"""
	if not workers:
		return
	_link([worker.name for worker in workers])
	write_accounts(workers, batch)


def write_accounts(workers: list[frappe._dict], batch: str | None = None) -> None:
	"""Write the account `user` without a password for each of *workers*, whose rows name it already.

	Each of *workers* has `name`, `worker_name`, `user`, `number` (mobile number or None), `grid`, `grid_path` and
	`posts`, with the `role` of each and whether it is `current`. The rows are those a saved User has, but for its
	Contact. An account whose posts are all still to come is locked until the first begins.
	"""
	off, profiles, user_type = queries.disabled_roles(), ProfilesOfPosts(), cache(accounts.user_type)
	users, roles_given, modules_blocked, logs = [], [], [], []
	for worker in workers:
		roles = frozenset(post.role for post in worker.posts if post.current) - off
		enabled = any(post.current for post in worker.posts)
		profile = profiles.of(worker.posts)
		users.append(_user(worker, enabled, user_type(roles), profile))
		roles_given += _children(worker.user, "roles", "role", sorted(roles))
		modules_blocked += _children(worker.user, "block_modules", "module", profiles.blocked(profile))
		logs.append(_log_line(worker, "Created", batch))
		if not enabled:
			logs.append(_log_line(worker, "Locked", batch, _("The first post is still to begin.")))
	names, zone = [user["name"] for user in users], get_system_timezone()
	common = {"language": frappe.get_system_settings("language"), "time_zone": zone}
	_write(
		"User",
		users,
		{
			**common,
			"send_welcome_email": 0,
			"new_password": "",
			"last_password_reset_date": accounts.MUST_CHANGE,
		},
	)
	_write("Has Role", roles_given)
	_write("Block Module", modules_blocked)
	_write("User Social Login", [_social_login(name) for name in names])
	_write("Notification Settings", [{"name": user["name"], "enabled": user["enabled"]} for user in users])
	_write(
		"DocShare",
		[{"user": name, "share_name": name} for name in names],
		{"share_doctype": "User", "read": 1, "write": 1, "share": 1, "everyone": 0},
	)
	_write(
		"DefaultValue",
		[{"parent": name} for name in names],
		{
			"parenttype": "__default",
			"parentfield": "system_defaults",
			"defkey": "time_zone",
			"defvalue": zone,
		},
	)
	accounts.write_log(logs)
	frappe.cache.delete_key("users_for_mentions")
	frappe.cache.delete_key("enabled_users")
	scope.forget()


def _overtaken(batch: Document) -> bool:
	"""Say whether another job wrote *batch* while this one waited for it, and ordered what comes next.

	This transaction still reads the site as it was before: it would miss the accounts that the other one made.
	"""
	return frappe.db.get_value(BATCH, batch.name, "modified") != get_datetime(batch.modified)


def _work(batch: Document) -> None:
	if not scope.covers(batch.grid_path, batch.owner, BATCH, "write"):
		raise frappe.PermissionError(
			_("{0} has no right to make accounts here any more.").format(batch.owner)
		)
	workers = queries.workers_without_account(batch.grid_path, for_update=True)
	due, problems = sort_out(workers, _owner(batch))
	if due:
		insert_accounts(due[:CHUNK], batch.name)
		made = cint(batch.made) + len(due[:CHUNK])
		batch.db_set({"made": made, "total": made + len(due[CHUNK:])})
		_order(batch.name)
		return
	batch.set("problems", problems)
	try:
		batch.slips = _make_slips(batch)
	except Exception as error:
		# Raised anew here, where no password is at hand that a log of the error could show.
		place = traceback.extract_tb(error.__traceback__)[-1]
		told = f"{type(error).__name__} ({place.name}, {place.lineno})"
	else:
		told = None
	if told:
		raise SlipsNotMadeError(_("The slips could not be made: {0}").format(told))
	batch.status = "Done"
	batch.total = batch.made
	batch.flags.by_job = True
	batch.save(ignore_permissions=True)  # the owner's order, and `scope.covers` above has judged the owner


def _make_slips(batch: Document) -> str | None:
	"""Give each account of *batch* its first password, store the slips as a private file and return its address."""
	users = frappe.get_all(
		"Account Log",
		filters={"batch": batch.name, "event": "Created"},
		pluck="user",
		order_by="user asc",
		limit_page_length=0,
	)
	if not users:
		return None
	passwords = {user: accounts.new_password() for user in users}
	content = slips.pdf(slips.slips(passwords))
	for user, password in passwords.items():
		accounts.update_password(user, password)
	file = frappe.get_doc(
		doctype="File",
		file_name=f"{batch.name}-{frappe.generate_hash(length=16)}.pdf",
		attached_to_doctype=BATCH,
		attached_to_name=batch.name,
		attached_to_field="slips",
		is_private=1,
		content=content,
		owner=batch.owner,
	)
	file.insert(ignore_permissions=True)  # the right to make accounts was judged on the batch
	if file.owner != batch.owner:
		file.db_set("owner", batch.owner)
	return file.file_url


def _user(worker: frappe._dict, enabled: bool, user_type: str, profile: str | None) -> dict[str, Any]:
	name = plain_name(worker.worker_name)
	return {
		"name": worker.user,
		"email": worker.user,
		"username": worker.user.split("@")[0],
		"first_name": name,
		"full_name": name,
		"mobile_no": worker.number,
		"enabled": int(enabled),
		"user_type": user_type,
		"module_profile": profile,
	}


def _children(user: str, table: str, column: str, values: Iterable[str]) -> list[dict[str, Any]]:
	return [
		{"parent": user, "parenttype": "User", "parentfield": table, "idx": idx, column: value}
		for idx, value in enumerate(values, 1)
	]


def _social_login(user: str) -> dict[str, Any]:
	userid = {"provider": "frappe", "userid": frappe.generate_hash(length=39)}
	return {"parent": user, "parenttype": "User", "parentfield": "social_logins", "idx": 1, **userid}


def _write(doctype: str, rows: list[dict[str, Any]], common: Mapping[str, Any] | None = None) -> None:
	"""Insert *rows* of *doctype*, each with the values *common* to all; what neither names is as in a new document.

	One document is made for all of them: making one for each takes several times as long.
	"""
	if not rows:
		return
	new = frappe.new_doc(doctype, **(common or {}), **rows[0])
	new.set_user_and_timestamp()
	like = new.get_valid_dict(convert_dates_to_str=True)
	cells = [{**like, "name": _new_name(doctype, new.meta), **row} for row in rows]
	frappe.db.bulk_insert(doctype, list(like), [tuple(row[column] for column in like) for row in cells])


def _new_name(doctype: str, meta: Meta) -> str | int:
	if is_autoincremented(doctype, meta):
		return frappe.db.get_next_sequence_val(doctype)
	return frappe.generate_hash(length=10)


def _link(workers: list[str]) -> None:
	"""Write the names of the new accounts into *workers* and their posts."""
	concat, lower = CustomFunction("CONCAT", ["head", "tail"]), CustomFunction("LOWER", ["text"])
	worker, assignment = DocType("Grid Worker"), DocType("Grid Post Assignment")
	(
		frappe.qb.update(worker)
		.set(worker.user, concat(lower(worker.name), f"@{MAIL_DOMAIN}"))
		.set(worker.modified, now_datetime())
		.set(worker.modified_by, frappe.session.user)
		.where(worker.name.isin(workers))
		.run()
	)
	(
		frappe.qb.update(assignment)
		.set(assignment.user, concat(lower(assignment.worker), f"@{MAIL_DOMAIN}"))
		.where(assignment.worker.isin(workers))
		.run()
	)
	for name in workers:
		frappe.clear_document_cache("Grid Worker", name)


def _log_line(worker: frappe._dict, event: str, batch: str | None, note: str = "") -> dict[str, Any]:
	return {
		"user": worker.user,
		"worker": worker.name,
		"grid": worker.grid,
		"grid_path": worker.grid_path,
		"event": event,
		"note": note,
		"batch": batch,
	}


def _order(batch: str) -> None:
	frappe.enqueue(
		"grid_governance.grid_structure.actions.batches.run",
		queue="long",
		enqueue_after_commit=True,
		batch=batch,
	)


def _owner(batch: Document) -> str:
	return batch.owner or frappe.session.user


def _tell(batch: Document) -> None:
	frappe.publish_realtime(
		"account_batch",
		{"status": batch.status, "made": batch.made, "total": batch.total},
		doctype=BATCH,
		docname=batch.name,
		after_commit=True,
	)
