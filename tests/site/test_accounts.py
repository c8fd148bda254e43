"""What posts do to accounts: roles, lock, log; and many accounts at once."""

import io
import re
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import frappe
import pytest
from frappe.auth import CookieManager, LoginManager
from frappe.core.doctype.user.user import update_password
from frappe.utils import add_days, add_to_date, getdate, nowdate
from frappe.utils.password import check_password
from pypdf import PdfReader
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from grid_governance.grid_structure import actions, queries
from grid_governance.grid_structure.actions import batches, slips, stock_users
from grid_governance.grid_structure.doctype.account_log.account_log import AccountLogFixedError
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


def yesterday() -> str:
	return add_days(nowdate(), -1)


def tomorrow() -> str:
	return add_days(nowdate(), 1)


@pytest.fixture(autouse=True)
def _system_manager() -> None:
	"""Frappe makes the first user of a site a system manager, whoever that is."""
	make_user(roles=[{"role": "System Manager"}])


@pytest.fixture
def town() -> frappe._dict:
	return make_township(1, 2)


@pytest.fixture
def member(town):
	"""A worker with an account who holds a post in the first grid; `post` is its assignment."""
	role = make_role(desk_access=1)
	worker = make_worker(town.grids[0][0].name)
	post = make_assignment(worker.name, make_post(role).name, town.grids[0][0].name)
	return frappe._dict(worker=worker, user=worker.user, role=role, post=post)


def account(user: str) -> tuple[int, str]:
	return tuple(frappe.db.get_value("User", user, ["enabled", "user_type"]))


def events(user: str) -> list[str]:
	return frappe.get_all("Account Log", {"user": user}, pluck="event", order_by="at asc, idx asc")


def sign_in(user: str) -> str:
	"""A session of *user*, as the log-in leaves it; returns its id."""
	sid = frappe.generate_hash()
	frappe.db.sql(
		"insert into `tabSessions` (user, sid, sessiondata, lastupdate, status) values (%s, %s, '{}', now(), 'Active')",
		(user, sid),
	)
	frappe.cache.hset("session", sid, {"user": user})
	return sid


class TestRolesAndLock:
	def test_a_post_gives_its_role_without_saving_the_user(self, member, monkeypatch):
		assert queries.roles_of(member.user) == {member.role}
		assert member.role in frappe.get_roles(member.user)
		assert account(member.user) == (1, "System User")
		assert events(member.user) == ["Roles Changed"]
		monkeypatch.setattr("frappe.core.doctype.user.user.User.save", lambda *_: pytest.fail("saved"))
		member.post.to_date = yesterday()
		member.post.save()
		assert queries.roles_of(member.user) == set()

	def test_the_rows_are_those_a_saved_user_has(self, member):
		other = make_user()
		frappe.get_doc("User", other).add_roles(member.role)
		fields = ["parenttype", "parentfield", "idx", "docstatus", "role", "owner"]
		ours, stock = (frappe.get_all("Has Role", {"parent": user}, fields) for user in (member.user, other))
		assert ours == stock

	def test_the_account_is_locked_with_the_last_post_and_its_sessions_end(self, member):
		sid = sign_in(member.user)
		member.post.to_date = yesterday()
		member.post.save()
		assert account(member.user) == (0, "Website User")
		assert not frappe.db.sql("select 1 from `tabSessions` where sid=%s", sid)
		assert not frappe.cache.hget("session", sid)
		assert frappe.db.get_value("Notification Settings", member.user, "enabled") == 0
		assert events(member.user) == ["Roles Changed", "Roles Changed", "Locked"]

	def test_another_post_keeps_the_account_open(self, member, town):
		make_assignment(member.worker.name, make_post(member.role).name, town.grids[0][1].name)
		member.post.to_date = yesterday()
		member.post.save()
		assert account(member.user) == (1, "System User")
		assert queries.roles_of(member.user) == {member.role}

	def test_a_role_given_by_hand_keeps_the_account_open(self, member):
		by_hand = make_role(**{SITE_WIDE: 1})
		frappe.get_doc("User", member.user).add_roles(by_hand)
		member.post.delete()
		assert queries.roles_of(member.user) == {by_hand}
		assert account(member.user)[0] == 1

	def test_administrator_is_left_alone(self, town):
		worker = make_worker(town.root.name, user="Administrator")
		before = queries.roles_of("Administrator")
		post = make_assignment(worker.name, make_post(make_role()).name, town.root.name)
		post.delete()
		assert queries.roles_of("Administrator") == before
		assert account("Administrator")[0] == 1
		assert events("Administrator") == []

	def test_a_new_post_unlocks(self, member):
		member.post.to_date = yesterday()
		member.post.save()
		member.post.to_date = None
		member.post.save()
		assert account(member.user) == (1, "System User")
		assert events(member.user)[-2:] == ["Roles Changed", "Unlocked"]

	def test_who_was_disabled_by_hand_stays_so(self, member, town):
		frappe.db.set_value("User", member.user, "enabled", 0)
		make_assignment(member.worker.name, make_post(make_role()).name, town.grids[0][1].name)
		assert account(member.user)[0] == 0

	def test_an_open_form_does_not_write_old_roles_back(self, member):
		form = frappe.get_doc("User", member.user)
		member.post.to_date = yesterday()
		member.post.save()
		with pytest.raises(frappe.TimestampMismatchError):
			form.save()


class TestDailyJob:
	def shift(self, assignment, **dates):
		"""Dates that came about by waiting: the row as it would be read on a later day."""
		frappe.db.set_value("Grid Post Assignment", assignment.name, dates)

	def test_days_on_which_nothing_ran_are_caught_up_on(self, member, town):
		self.shift(member.post, to_date=add_days(nowdate(), -9))
		late = make_worker(town.grids[0][0].name)
		role = make_role()
		coming = make_assignment(late.name, make_post(role).name, town.grids[0][0].name, from_date=tomorrow())
		assert queries.roles_of(late.user) == set()
		self.shift(coming, from_date=add_days(nowdate(), -5))
		actions.sync_accounts()
		assert account(member.user)[0] == 0
		assert queries.roles_of(late.user) == {role}
		assert account(late.user)[0] == 1

	def test_a_second_run_does_nothing(self, member):
		self.shift(member.post, to_date=yesterday())
		actions.sync_accounts()
		logged = events(member.user)
		assert queries.users_out_of_step() == []
		actions.sync_accounts()
		assert events(member.user) == logged

	def test_one_bad_account_does_not_stop_the_others(self, member, town, monkeypatch):
		worker = make_worker(town.grids[0][1].name)
		other = make_assignment(worker.name, make_post(make_role()).name, town.grids[0][1].name)
		for post in (member.post, other):
			self.shift(post, to_date=yesterday())
		stock = actions.accounts._set_enabled
		bad = min(member.user, worker.user)

		def failing(user, enabled):
			if user == bad:
				raise frappe.ValidationError
			stock(user, enabled)

		monkeypatch.setattr(actions.accounts, "_set_enabled", failing)
		actions.sync_accounts()
		assert account(max(member.user, worker.user))[0] == 0
		assert account(bad)[0] == 1
		assert queries.roles_of(bad) != set()  # its savepoint took back the role too


class TestLog:
	def test_nobody_writes_changes_or_deletes_a_line(self, member):
		line = frappe.get_doc("Account Log", {"user": member.user})
		line.note = "other"
		for change in (line.save, line.delete, frappe.copy_doc(line).insert):
			with pytest.raises(AccountLogFixedError):
				change()

	def test_a_line_lies_where_the_worker_s_file_is_kept(self, member, town):
		line = frappe.get_doc("Account Log", {"user": member.user})
		assert (line.grid, line.grid_path) == (town.grids[0][0].name, town.grids[0][0].grid_path)
		assert (line.worker, line.by_user) == (member.worker.name, "Administrator")


@pytest.fixture
def people(town):
	"""Six workers without an account in the first grid; of the sixth only a post to come."""
	grid, role = town.grids[0][0].name, make_role(desk_access=1)
	post = make_post(role).name
	made = []
	for number in range(6):
		worker = make_worker(grid, user=None, phone=f"1890000{number:04d}")
		make_assignment(worker.name, post, grid, from_date=tomorrow() if number == 5 else "2020-01-01")
		made.append(worker)
	return frappe._dict(workers=made, role=role, post=post, grid=grid)


@pytest.fixture
def printed(monkeypatch) -> list[dict]:
	"""What was printed on slips; the PDF itself is left out."""
	said: list[dict] = []

	def pdf(made):
		said.extend(made)
		return b"%PDF-1.4 test"

	monkeypatch.setattr(slips, "pdf", pdf)
	return said


def make_batch(grid: str):
	return frappe.get_doc(doctype="Account Batch", grid=grid).insert()


def run_through(batch) -> None:
	"""All jobs of the batch, one after the other, until it stops."""
	actions.batches.start(batch.name)
	for _job in range(10):
		batches.run(batch.name)
		batch.reload()
		if batch.status != "Running":
			return
	pytest.fail("the batch does not come to an end")


class TestBatch:
	def test_it_says_beforehand_for_whom_and_for_whom_not(self, people, town):
		first, second, third, fourth, fifth, _sixth = people.workers
		for worker, phone in ((first, ""), (second, "0914-4871234"), (third, "189 0000 0003")):
			worker.db_set("phone", phone)
		make_user(mobile_no="18900000004")
		batch = make_batch(town.root.name)
		assert (batch.status, batch.total, batch.made) == ("Waiting", 1, None)
		reasons = {row.worker: row.reason for row in batch.problems}
		assert set(reasons) == {first.name, second.name, third.name, fourth.name, fifth.name}
		assert reasons[second.name] == frappe._("{0} is no mobile number of eleven digits.").format(
			"0914-4871234"
		)
		assert reasons[third.name] == reasons[fourth.name]  # both have the same number
		assert reasons[fifth.name] == frappe._("{0} is the number of another account.").format("18900000004")

	def test_accounts_are_made_from_posts(self, people, town, printed):
		batch = make_batch(town.root.name)
		run_through(batch)
		assert (batch.status, batch.made, batch.error) == ("Done", 6, None)
		for worker in people.workers[:5]:
			user = worker.name.lower() + "@workers.invalid"
			assert frappe.db.get_value("Grid Worker", worker.name, "user") == user
			assert frappe.db.get_value("Grid Post Assignment", {"worker": worker.name}, "user") == user
			assert queries.roles_of(user) == {people.role}
			assert account(user) == (1, "System User")
			assert frappe.db.get_value("User", user, "mobile_no") == worker.phone
		coming = people.workers[5].name.lower() + "@workers.invalid"
		assert account(coming) == (0, "Website User")
		assert sorted(events(coming)) == ["Created", "Locked"]

	def test_who_is_inactive_or_has_gone_gets_none(self, people, town, printed):
		people.workers[0].db_set("active", 0)
		for post in frappe.get_all("Grid Post Assignment", {"worker": people.workers[1].name}, pluck="name"):
			frappe.db.set_value("Grid Post Assignment", post, "to_date", yesterday())
		batch = make_batch(town.root.name)
		run_through(batch)
		assert batch.made == 4

	@pytest.mark.commits
	def test_a_job_that_waited_behind_another_leaves_the_rest_to_it(self, printed):
		node = make_township(0, 0).root
		try:
			batch = make_batch(node.name)
			batch.db_set("status", "Running")
			frappe.db.commit()
			frappe.db.get_value("Account Batch", batch.name, "made")  # from here on this job reads the past
			other = frappe.db.get_connection()
			with other.cursor() as cursor:
				cursor.execute(
					"update `tabAccount Batch` set made = 5, modified = now(6) where name = %s", [batch.name]
				)
			other.commit()
			other.close()
			batches.run(batch.name)
			frappe.db.rollback()
			assert frappe.db.get_value("Account Batch", batch.name, ["status", "made"]) == ("Running", 5)
		finally:
			frappe.db.rollback()
			frappe.db.delete("Account Batch", {"grid": node.name})
			frappe.db.delete("Grid", {"name": node.name})
			frappe.db.commit()

	def test_nobody_gets_two_and_a_cut_off_chain_goes_on(self, people, town, printed, monkeypatch):
		monkeypatch.setattr(batches, "CHUNK", 2)
		batch = make_batch(town.root.name)
		batches.start(batch.name)
		batches.run(batch.name)  # and here the worker is killed
		assert frappe.db.get_value("Account Batch", batch.name, "made") == 2
		frappe.db.set_value(
			"Account Batch", batch.name, "modified", "2020-01-01 00:00:00", update_modified=False
		)
		ordered = []
		monkeypatch.setattr(frappe, "enqueue", lambda method, **how: ordered.append((method, how["batch"])))
		batches.resume()
		assert ordered == [("grid_governance.grid_structure.actions.batches.run", batch.name)]
		second = make_batch(town.root.name)
		assert second.total == 4
		run_through(second)
		run_through(batch)
		users = frappe.get_all(
			"Account Log",
			{"event": "Created", "worker": ["in", [w.name for w in people.workers]]},
			pluck="user",
		)
		assert len(users) == len(set(users)) == 6
		assert (batch.made, second.made) == (2, 4)
		assert sorted(slip["sign_in"] for slip in printed) == [f"1890000{number:04d}" for number in range(6)]

	def test_first_passwords_work_and_have_to_be_changed(self, people, town, printed):
		run_through(make_batch(town.root.name))
		assert len({slip["password"] for slip in printed}) == 6
		for slip in printed:
			assert re.fullmatch("[a-km-np-z]{6}[2-9]{4}", slip["password"])
			user = frappe.db.get_value("User", {"mobile_no": slip["sign_in"]})
			assert check_password(user, slip["password"]) == user
		assert frappe.db.get_value("User", user, "last_password_reset_date") == getdate("1900-01-01")

	def test_slips_belong_to_whoever_made_the_batch(self, people, town, printed):
		batch = make_batch(town.root.name)
		run_through(batch)
		file = frappe.get_doc("File", {"file_url": batch.slips})
		assert (file.is_private, file.attached_to_name, file.owner) == (1, batch.name, batch.owner)

	def test_no_password_is_written_anywhere(self, people, town, printed, monkeypatch):
		def broken(made):
			printed.extend(made)
			raise OSError("wkhtmltopdf is missing")

		monkeypatch.setattr(slips, "pdf", broken)
		batch = make_batch(town.root.name)
		run_through(batch)
		assert batch.status == "Failed"
		assert "OSError" in batch.error
		told = str(frappe.get_all("Error Log", fields=["*"], order_by="creation desc", limit=3))
		assert "account_batch" in told or "Account Batch" in told
		assert printed
		assert not [slip for slip in printed if slip["password"] in told + batch.as_json()]
		for slip in printed:  # of slips that were never stored no password holds either
			user = frappe.db.get_value("User", {"mobile_no": slip["sign_in"]})
			with pytest.raises(frappe.AuthenticationError):
				check_password(user, slip["password"])

	def test_what_a_client_sends_for_the_result_is_not_taken(self, people, town):
		batch = frappe.get_doc(
			doctype="Account Batch",
			grid=town.root.name,
			status="Done",
			slips="/private/files/others.pdf",
			made=9,
		).insert()
		assert (batch.status, batch.slips, batch.made) == ("Waiting", None, None)
		batch.slips = "/private/files/others.pdf"
		batch.save()
		assert batch.slips is None

	def test_slips_are_removed_after_the_days_of_the_settings(self, people, town, printed):
		frappe.db.set_single_value("Governance Settings", "slip_days", 7)
		batch = make_batch(town.root.name)
		run_through(batch)
		file = frappe.db.get_value("File", {"file_url": batch.slips})
		frappe.db.set_value("File", file, "creation", add_days(nowdate(), -6), update_modified=False)
		actions.remove_slips()
		assert frappe.db.exists("File", file)
		frappe.db.set_value("File", file, "creation", add_days(nowdate(), -8), update_modified=False)
		actions.remove_slips()
		assert not frappe.db.exists("File", file)
		assert not frappe.db.get_value("Account Batch", batch.name, "slips")

	def test_it_does_not_start_where_people_could_not_sign_in(self, people, town):
		batch = make_batch(town.root.name)
		frappe.db.set_single_value("System Settings", "force_user_to_reset_password", 0)
		with pytest.raises(actions.BatchNotReadyError):
			batches.start(batch.name)

	def test_an_account_made_in_bulk_is_like_a_saved_one(self, people, town, printed):
		run_through(make_batch(town.root.name))
		bulk = people.workers[0].name.lower() + "@workers.invalid"
		saved = frappe.get_doc(
			doctype="User",
			email="saved@workers.invalid",
			username="saved",
			first_name=people.workers[0].worker_name,
			mobile_no="18911112222",
			language=frappe.get_system_settings("language"),
			send_welcome_email=0,
			last_password_reset_date="1900-01-01",
			new_password="Ungewöhnlich lang 77",
			roles=[{"role": people.role}],
		)
		saved.flags.no_welcome_mail = True
		saved.insert()
		own = {"name", "email", "username", "mobile_no", "creation", "modified", "parent", "userid"}
		own |= {"user", "share_name", "idx"}

		def rows(doctype, user, **filters):
			found = frappe.get_all(doctype, filters or {"parent": user}, ["*"], order_by="name asc")
			return [{key: value for key, value in row.items() if key not in own} for row in found]

		assert rows("User", bulk, name=bulk) == rows("User", "", name=saved.name)
		for child in ("Has Role", "DefaultValue"):
			assert rows(child, bulk) == rows(child, saved.name) != []
		own |= {"owner"}  # Frappe leaves it out in rows that it adds on saving
		assert rows("User Social Login", bulk) == rows("User Social Login", saved.name) != []
		for doctype, field in (("Notification Settings", "name"), ("DocShare", "share_name")):
			assert rows(doctype, "", **{field: bulk}) == rows(doctype, "", **{field: saved.name}) != []
		auth = "select doctype, fieldname, encrypted from `__Auth` where name=%s"
		assert frappe.db.sql(auth, bulk) == frappe.db.sql(auth, saved.name)

	def test_a_chunk_takes_as_many_statements_for_two_as_for_six(self, people, count_queries, town):
		due, _problems = batches.sort_out(
			queries.workers_without_account(town.root.grid_path), "Administrator"
		)
		with count_queries() as two:
			batches.insert_accounts(due[:2])
		with count_queries() as four:
			batches.insert_accounts(due[2:])
		assert four.count <= two.count


def test_slips_are_printed_eight_to_a_sheet():
	made = [
		{
			"person": f"测试{n}",
			"post": "网格员",
			"grid": "一组",
			"village": "甲村",
			"sign_in": "18900000000",
			"password": "abcdef2345",
			"site": "http://example.invalid",
			"order": ("", ""),
		}
		for n in range(17)
	]
	assert len(PdfReader(io.BytesIO(slips.pdf(made))).pages) == 3


def test_no_public_host_is_asked_for_a_picture(monkeypatch):
	import requests
	from frappe.contacts.doctype.contact import contact
	from frappe.core.doctype.user import user

	from grid_governance.scope import doors

	doors.install()
	monkeypatch.setattr(requests, "get", lambda *_args, **_kwargs: pytest.fail("a host was asked"))
	assert user.has_gravatar("someone@example.com") == ""
	assert contact.has_gravatar("someone@example.com") == ""
	person = frappe.get_doc(
		doctype="Contact", first_name="测试", email_ids=[{"email_id": "a@example.com", "is_primary": 1}]
	)
	assert not person.insert().image
	name = make_user()
	user.update_gravatar(name)
	assert not frappe.db.get_value("User", name, "user_image")


class TestNumber:
	"""The number that someone signs in with follows the work phone."""

	@pytest.fixture
	def worker(self, member):
		frappe.db.set_value("User", member.user, "mobile_no", "18900000001")
		member.worker.db_set("phone", "18900000001")
		return frappe.get_doc("Grid Worker", member.worker.name)

	def number(self, worker) -> str:
		return frappe.db.get_value("User", worker.user, "mobile_no")

	def test_it_changes_with_the_phone_and_the_log_tells(self, worker):
		worker.phone = "+86 189-0000-0002"
		worker.save()
		assert (worker.phone, self.number(worker)) == ("18900000002", "18900000002")
		line = frappe.get_last_doc("Account Log", {"user": worker.user, "event": "Number Changed"})
		assert "189****0001" in line.note
		assert "189****0002" in line.note
		assert "18900000002" not in line.note

	def test_another_change_of_the_file_leaves_it(self, worker):
		worker.employer = "村委会"
		worker.save()
		assert "Number Changed" not in events(worker.user)

	def test_one_that_another_account_has_is_refused(self, worker):
		make_user(mobile_no="18900000003")
		worker.phone = "18900000003"
		with pytest.raises(actions.SignInNumberError, match="18900000003"):
			worker.save()
		assert self.number(worker) == "18900000001"

	def test_one_that_another_account_got_meanwhile_is_refused(self, worker, monkeypatch):
		make_user(mobile_no="18900000003")
		monkeypatch.setattr(queries, "accounts_in_the_way", lambda *_: [])
		worker.phone = "18900000003"
		with pytest.raises(actions.SignInNumberError):
			worker.save()

	@pytest.mark.parametrize("phone", ["", None, "0914-4871234"])
	def test_one_that_nobody_can_sign_in_with_is_refused(self, worker, phone):
		worker.phone = phone
		with pytest.raises(actions.SignInNumberError):
			worker.save()

	def test_who_has_no_account_may_have_any_phone(self, town):
		worker = make_worker(town.grids[0][0].name, user=None, phone="18900000003")
		worker.phone = "0914-4871234"
		worker.save()
		assert worker.phone == "0914-4871234"

	def test_who_signs_in_otherwise_may_have_any_phone(self, member):
		member.worker.reload()
		member.worker.phone = "0914-4871234"
		member.worker.save()
		assert not self.number(member.worker)


def test_accounts_made_in_a_batch_do_not_use_up_what_may_be_made_by_hand(people, town, printed, monkeypatch):
	stock_users.install()
	run_through(make_batch(town.root.name))
	now = frappe.db.count("User", {"creation": [">=", add_to_date(None, hours=-1)]})
	monkeypatch.setitem(frappe.local.conf, "throttle_user_limit", now - 3)
	by_hand = {"email": f"{frappe.generate_hash(length=8)}@example.com", "first_name": "Throttle"}
	frappe.get_doc(doctype="User", send_welcome_email=0, **by_hand).insert()
	monkeypatch.setitem(frappe.local.conf, "throttle_user_limit", 0)
	frappe.flags.in_import = False
	with pytest.raises(frappe.ValidationError):
		frappe.get_doc(doctype="User", **{**by_hand, "email": "another-" + by_hand["email"]}).insert()


class TestSignIn:
	"""By Frappe's own log-in, with what stands on the slip."""

	@staticmethod
	def log_in(monkeypatch, usr: str, pwd: str) -> LoginManager:
		request = Request(EnvironBuilder(method="POST", path="/api/method/login").get_environ())
		for name, value in (
			("request", request),
			("request_ip", "127.0.0.1"),
			("form_dict", frappe._dict(cmd="login", usr=usr, pwd=pwd)),
			("response", frappe._dict(docs=[])),
			("cookie_manager", CookieManager()),
		):
			monkeypatch.setattr(frappe.local, name, value, raising=False)
		return LoginManager()

	def test_the_first_log_in_by_mobile_number_asks_for_a_new_password(
		self, people, town, printed, monkeypatch
	):
		run_through(make_batch(town.root.name))
		slip = printed[0]
		user = frappe.db.get_value("User", {"mobile_no": slip["sign_in"]})
		manager = self.log_in(monkeypatch, slip["sign_in"], slip["password"])
		assert manager.user == user
		assert frappe.local.response["message"] == "Password Reset"
		assert not frappe.db.sql("select 1 from `tabSessions` where user=%s", user)
		address = urlsplit(frappe.local.response["redirect_to"])
		assert address.path == "/update-password"
		opened = []
		monkeypatch.setattr(
			frappe.local, "login_manager", SimpleNamespace(login_as=opened.append), raising=False
		)
		assert update_password("Ganz eigenes Wort 39", key=parse_qs(address.query)["key"][0]) == "/app"
		assert opened == [user]
		assert check_password(user, "Ganz eigenes Wort 39") == user
		assert not manager.force_user_to_reset_password()

	def test_without_it_nobody_is_sent_away(self, member, monkeypatch):
		manager = LoginManager.__new__(LoginManager)
		manager.user = member.user
		assert not manager.force_user_to_reset_password()
