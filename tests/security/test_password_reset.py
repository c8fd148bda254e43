"""Who gets at an account: by a reset, by a batch, by linking it, by its slips."""

import frappe
import pytest
from frappe.utils import add_days, nowdate
from frappe.utils.password import check_password

from grid_governance.grid_structure import actions
from grid_governance.grid_structure.actions import batches, slips
from grid_governance.scope.custom_fields import SITE_WIDE
from tests.factories import (
	make_assignment,
	make_post,
	make_role,
	make_township,
	make_user,
	make_worker,
)

pytestmark = pytest.mark.usefixtures("site")

APPOINTING = ("read", "write", "create")


def appointing_role(**fields: object) -> str:
	"""A role that may appoint people and make accounts, as a secretary's."""
	role = make_role(**fields)
	for doctype in ("Grid Worker", "Grid Post Assignment", "Account Batch"):
		give(role, doctype, *APPOINTING)
	return role


def give(role: str, doctype: str, *rights: str, **options: int) -> None:
	"""Give *role* its *rights* on *doctype* in one row, beside the shipped ones."""
	frappe.permissions.setup_custom_perms(doctype)
	frappe.get_doc(
		doctype="Custom DocPerm",
		parent=doctype,
		parenttype="DocType",
		parentfield="permissions",
		role=role,
		permlevel=0,
		**dict.fromkeys(rights, 1),
		**options,
	).insert(ignore_permissions=True)


def hold(role: str, at: str, kept_by: str | None = None, **period: object) -> frappe.model.document.Document:
	"""A worker with an account who holds a post with *role* in the grid *at*."""
	worker = make_worker(kept_by or at)
	make_assignment(worker.name, make_post(role).name, at, **period)
	return worker


@pytest.fixture
def place():
	"""A township with an official, two villages with a secretary each, and a member in the first."""
	make_user(roles=[{"role": "System Manager"}])
	town = make_township(2, 1)
	first, second = (village.name for village in town.villages)
	secretary, member = appointing_role(), make_role()
	give(member, "Grid Worker", "read")
	return frappe._dict(
		town=town,
		first=first,
		grid=town.grids[0][0].name,
		secretary_role=secretary,
		member_role=member,
		official=hold(appointing_role(), town.root.name, kept_by=first),
		secretary=hold(secretary, first),
		other_secretary=hold(secretary, second),
		member=hold(member, town.grids[0][0].name, kept_by=first),
	)


def is_refused(caller: str, target, as_user) -> bool:
	before = frappe.db.sql("select password from `__Auth` where name=%s and doctype='User'", target.user)
	with as_user(caller):
		try:
			actions.reset_password(target.name)
		except frappe.PermissionError:
			after = frappe.db.sql(
				"select password from `__Auth` where name=%s and doctype='User'", target.user
			)
			assert before == after
			return True
	return False


def test_the_leader_above_resets(place, as_user):
	for caller in (place.secretary, place.official):
		with as_user(caller.user):
			made = actions.reset_password(place.member.name)
		assert check_password(place.member.user, made["password"]) == place.member.user
		assert made["password"] in made["slip"]
		assert str(frappe.db.get_value("User", place.member.user, "last_password_reset_date")) == "1900-01-01"
	line = frappe.get_last_doc("Account Log", {"user": place.member.user, "event": "Password Reset"})
	assert line.by_user == place.official.user
	with as_user(place.official.user):
		assert actions.reset_password(place.secretary.name)["password"]


def test_a_reset_ends_sessions_and_outstanding_links(place, as_user):
	frappe.db.set_value("User", place.member.user, "reset_password_key", "outstanding")
	frappe.db.sql(
		"insert into `tabSessions` (user, sid, sessiondata, lastupdate, status) values (%s, 'of-member', '{}', now(), 'Active')",
		place.member.user,
	)
	with as_user(place.secretary.user):
		actions.reset_password(place.member.name)
	assert not frappe.db.sql("select 1 from `tabSessions` where user=%s", place.member.user)
	assert not frappe.db.get_value("User", place.member.user, "reset_password_key")


def test_a_secretary_resets_no_official_whose_file_is_kept_in_her_village(place, as_user):
	assert is_refused(place.secretary.user, place.official, as_user)


def test_a_post_still_to_come_counts_like_one_that_is_held(place, as_user):
	role = frappe.db.get_value("Grid Post Assignment", {"worker": place.official.name}, "post")
	make_assignment(place.member.name, role, place.town.root.name, from_date=add_days(nowdate(), 1))
	assert is_refused(place.secretary.user, place.member, as_user)


def test_equals_do_not_reset_each_other(place, as_user):
	deputy = hold(place.secretary_role, place.first)
	assert is_refused(place.secretary.user, deputy, as_user)


def test_members_and_secretaries_of_other_villages_do_not_reset(place, as_user):
	colleague = hold(place.member_role, place.grid)
	assert is_refused(colleague.user, place.member, as_user)
	assert is_refused(place.other_secretary.user, place.member, as_user)
	assert is_refused(place.member.user, place.secretary, as_user)


def test_nobody_resets_herself(place, as_user):
	assert is_refused(place.secretary.user, place.secretary, as_user)


def test_who_has_a_right_that_no_post_gives_is_left_to_an_administrator(place, as_user):
	for roles in (["System Manager"], [make_role(**{SITE_WIDE: 1})]):
		target = hold(place.member_role, place.grid)
		frappe.get_doc("User", target.user).add_roles(*roles)
		assert is_refused(place.secretary.user, target, as_user)
		assert is_refused(place.official.user, target, as_user)


def test_administrator_is_never_reset(place, as_user):
	worker = make_worker(place.first, user="Administrator")
	make_assignment(worker.name, make_post(place.member_role).name, place.grid)
	assert is_refused(place.secretary.user, worker, as_user)


def test_a_secretary_cannot_link_an_account_and_so_get_at_it(place, as_user):
	account = make_user()
	mine = make_worker(place.first, user=None)
	with as_user(place.secretary.user):
		worker = frappe.get_doc("Grid Worker", mine.name)
		worker.user = account
		with pytest.raises(actions.AccountLinkError):
			worker.save()
		new = frappe.get_doc(doctype="Grid Worker", worker_name="新", grid=place.first, user=account)
		with pytest.raises(actions.AccountLinkError):
			new.insert()
		own = frappe.get_doc("Grid Worker", place.member.name)
		own.user = None
		with pytest.raises(actions.AccountLinkError):
			own.save()


def test_a_batch_makes_no_account_for_someone_above(place, as_user):
	def waiting(at: str, role: str, phone: str):
		worker = make_worker(place.first, user=None, phone=phone)
		make_assignment(worker.name, make_post(make_role()).name, place.grid)
		make_assignment(worker.name, make_post(role).name, at)
		return worker.name

	above = waiting(place.town.root.name, place.member_role, "18911110001")
	equal = waiting(place.first, place.secretary_role, "18911110002")
	below = waiting(place.grid, place.member_role, "18911110003")
	with as_user(place.secretary.user):
		batch = frappe.get_doc(doctype="Account Batch", grid=place.first).insert()
	assert {row.worker for row in batch.problems} == {above, equal}
	batch.db_set("status", "Running")
	batches.run(batch.name)
	made = frappe.get_all("Account Log", {"batch": batch.name, "event": "Created"}, pluck="worker")
	assert made == [below]


def test_a_batch_stops_when_the_right_to_make_it_is_gone(place, as_user):
	worker = make_worker(place.first, user=None, phone="18911110004")
	make_assignment(worker.name, make_post(place.member_role).name, place.grid)
	with as_user(place.secretary.user):
		batch = frappe.get_doc(doctype="Account Batch", grid=place.first).insert()
	batch.db_set("status", "Running")
	post = frappe.get_doc("Grid Post Assignment", {"worker": place.secretary.name})
	post.to_date = add_days(nowdate(), -1)
	post.save()
	batches.run(batch.name)
	batch.reload()
	assert batch.status == "Failed"
	assert not frappe.db.get_value("Grid Worker", worker.name, "user")


def test_batch_and_slips_are_seen_by_whoever_made_them_only(place, as_user, monkeypatch):
	monkeypatch.setattr(slips, "pdf", lambda made: b"%PDF-1.4 test")
	worker = make_worker(place.first, user=None, phone="18911110005")
	make_assignment(worker.name, make_post(place.member_role).name, place.grid)
	owners = "Account Batch"
	for role in (
		place.secretary_role,
		frappe.db.get_value("Grid Post Assignment", {"worker": place.official.name}, "role"),
	):
		frappe.permissions.update_permission_property(owners, role, 0, "if_owner", 1)
	deputy = hold(place.secretary_role, place.first)
	with as_user(place.secretary.user):
		batch = frappe.get_doc(doctype="Account Batch", grid=place.first).insert()
	batch.db_set("status", "Running")
	for _job in range(2):
		batches.run(batch.name)
	batch.reload()
	assert batch.status == "Done"
	file = frappe.get_doc("File", {"file_url": batch.slips})
	for user, may in (
		(place.secretary.user, True),
		(deputy.user, False),
		(place.official.user, False),
		(place.member.user, False),
		("Guest", False),
	):
		with as_user(user):
			assert bool(frappe.has_permission("File", "read", doc=file.name)) is may
			assert bool(frappe.has_permission("Account Batch", "read", doc=batch.name)) is may
			seen = frappe.has_permission("Account Batch", "read") and frappe.get_list(
				"Account Batch", pluck="name"
			)
			assert bool(seen) is may


def test_slips_of_others_are_not_taken_over_by_naming_their_file(place, as_user):
	frappe.get_doc(
		doctype="File",
		file_name="others.pdf",
		is_private=1,
		content=b"%PDF-1.4 secret",
		owner="Administrator",
	).insert()
	url = frappe.get_last_doc("File", {"file_name": ["like", "others%"]}).file_url
	with as_user(place.secretary.user):
		batch = frappe.get_doc(doctype="Account Batch", grid=place.first, slips=url).insert()
		assert batch.slips is None
		batch.slips = url
		batch.save()
	assert not frappe.db.exists("File", {"attached_to_name": batch.name})


def test_the_log_is_read_in_scope(place, as_user):
	role = place.secretary_role
	give(role, "Account Log", "read")
	with as_user(place.secretary.user):
		seen = set(frappe.get_list("Account Log", pluck="worker", limit_page_length=0))
	assert place.member.name in seen
	assert place.other_secretary.name not in seen


def test_a_number_is_changed_by_who_stands_above_and_by_nobody_else(place, as_user):
	number = iter(f"1890000{serial:04d}" for serial in range(1, 9999))
	for worker in (place.official, place.secretary, place.member):
		frappe.db.set_value("User", worker.user, "mobile_no", next(number))

	def change(caller, worker):
		with as_user(caller.user):
			file = frappe.get_doc("Grid Worker", worker.name)
			file.phone = next(number)
			file.save()
		assert frappe.db.get_value("User", worker.user, "mobile_no") == file.phone

	change(place.secretary, place.member)
	change(place.secretary, place.secretary)
	with pytest.raises(actions.NotYoursToResetError):
		change(place.secretary, place.official)  # whose file is kept in her village
	frappe.get_doc("User", place.member.user).add_roles("Website Manager")
	with pytest.raises(actions.NotYoursToResetError):
		change(place.secretary, place.member)
