"""The public page of a notice, from outside: it names nobody, opening it confirms nothing, codes cannot be guessed or told apart."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import frappe
import pytest
from frappe.model.workflow import apply_workflow

from grid_governance.grid_visits.notices import CONFIRMED, WAITING, codes, files, public, sending, stages
from tests.factories import (
	make_care,
	make_holder,
	make_household,
	make_notice,
	make_resident,
	make_township,
	seeded,
)
from tests.web import request
from tests.world import inside_savepoint, taken_back

METHOD = "/api/method/grid_governance.grid_visits.notices.public.confirm"
FILE = "/api/method/grid_governance.grid_visits.notices.public.attachment"
SECRETS = ("张秘密", "李密友", "秘密巷一号", "77001")


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""A village with two households of a disabled person each."""
	with taken_back():
		town = make_township(1, 1)
		grid = town.grids[0][0]
		homes = []
		for name, number in (("张秘密", "77001"), ("李密友", "77002")):
			home = make_household(grid.name, household_no=number, address="秘密巷一号").name
			make_care(make_resident(home, resident_name=name).name, "disabled")
			homes.append(home)
		yield frappe._dict(
			town=town,
			village=town.villages[0],
			homes=homes,
			secretary=make_holder("Village Secretary", town.villages[0].name),
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture(autouse=True)
def _from_one_address(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
	"""Requests come from an address of the test's own, and jobs may commit into its savepoint."""
	monkeypatch.setattr(frappe.local.db, "commit", lambda: None)
	monkeypatch.setattr(frappe.local, "request_ip", frappe.generate_hash(length=8), raising=False)
	yield


@pytest.fixture
def notice(world) -> frappe.model.document.Document:
	"""A notice for the disabled, sent."""
	return _sent(world)


def _sent(
	world: frappe._dict, stage: str = stages.SENDING, **fields: object
) -> frappe.model.document.Document:
	values = {
		"notice_title": "换证提醒",
		"notice_type": seeded("notice_type/service"),
		"content": "请到村委会办理。\n<b>带照片</b>",
		"grid": world.village.name,
		"audience_rows": [{"care_category": seeded("care_category/disabled")}],
		**fields,
	}
	doc = frappe.get_doc(doctype="Notice", **values).insert()
	if stage != stages.DRAFT:
		doc.workflow_state = stages.state_for(stages.SENDING)
		doc.flags.ignore_permissions = True
		doc.save()
		sending.fan_out(doc.name)
		doc.reload()
	return doc


def _stored(doc: frappe.model.document.Document) -> frappe.model.document.Document:
	return frappe.get_doc(doc.doctype, doc.name)


def _page(code: str, http: str = "GET", **query: str):
	return request("Guest", http, f"/notice/{code}", **query)


def _confirm(code: str, notice: str = "x", user: str = "Guest", http: str = "POST", **more: str):
	return request(user, http, METHOD, notice=notice, k=code, **more)


def _said(answer) -> str:
	return parse_qs(urlsplit(answer.headers["Location"]).query)["said"][0]


def _states(doc: frappe.model.document.Document) -> list[str]:
	return sorted(frappe.get_all("Notice Delivery", {"notice": doc.name}, pluck="state", order_by="name asc"))


def test_it_is_read_by_whoever_has_its_address_and_names_nobody(world, notice):
	answer = _page(notice.public_code)
	assert answer.status == 200
	assert "换证提醒" in answer.text
	assert "请到村委会办理。" in answer.text
	for place in (world.town.root, world.village):
		assert place.grid_name in answer.text
	for secret in (*SECRETS, *world.homes, notice.name, seeded("care_category/disabled")):
		assert secret not in answer.text
	assert "<b>带照片</b>" not in answer.text


def test_it_is_kept_out_of_search_engines_and_tells_no_other_site_its_address(notice):
	head = _page(notice.public_code).text
	assert re.search(r'name="robots" content="[^"]*noindex', head)
	assert re.search(r'name="referrer" content="no-referrer"', head)


@pytest.mark.parametrize("http", ["GET", "HEAD"])
def test_opening_it_confirms_nothing(world, notice, http):
	code = codes.code_of(notice.name, world.homes[0])
	for _ in range(3):
		_page(notice.public_code, http, k=code)
	assert _confirm(code, http=http).refused
	assert _states(notice) == [WAITING, WAITING]


def test_the_button_confirms_the_one_it_was_sent_to(world, notice):
	answer = _confirm(codes.code_of(notice.name, world.homes[0]), notice.public_code)
	assert answer.headers["Location"].endswith(f"/notice/{notice.public_code}?said=done")
	assert _states(notice) == [CONFIRMED, WAITING]
	assert _stored(notice).confirmed == 1
	again = _confirm(codes.code_of(notice.name, world.homes[0]), notice.public_code)
	assert _said(again) == public.DONE
	assert _stored(notice).confirmed == 1
	for secret in SECRETS:
		assert secret not in _page(notice.public_code, said="done").text


def test_a_code_may_be_typed_as_people_type(world, notice):
	code = codes.code_of(notice.name, world.homes[0]).lower()
	typed = " ".join(code[at : at + 4] for at in range(0, len(code), 4))
	assert _said(_confirm(typed)) == public.DONE


def test_every_wrong_code_has_the_same_answer(world, notice):
	other = _sent(world)
	right = codes.code_of(notice.name, world.homes[0])
	withdrawn = codes.code_of(other.name, world.homes[0])
	frappe.db.set_value("Notice", other.name, "workflow_state", stages.state_for(stages.WITHDRAWN))
	last = "A" if right[-1] != "A" else "B"
	row = frappe.db.get_value("Notice Delivery", {"notice": notice.name, "household": world.homes[0]})
	wrong = [
		*("", " ", "x", "%", "A" * 24, "A" * 5000, "'; select 1 --", "<script>", "\x00", "请"),
		*(right[:-1], right + "A", right[:-1] + last, withdrawn, row, notice.name, notice.public_code),
		*(world.homes[0], codes.code_of(notice.name, "no such household")),
	]
	answers = [_confirm(code, notice.public_code) for code in wrong]
	told = {(each.status, each.headers["Location"], each.body.replace(b"&amp;", b"&")) for each in answers}
	assert len(told) == 1
	assert _said(answers[0]) == public.WRONG
	assert _states(notice) == [WAITING, WAITING]


def test_whoever_tries_many_wrong_codes_is_told_to_wait_and_nobody_else(world, notice, monkeypatch):
	wrong = "A" * 24
	for _ in range(public.WRONG_TRIES):
		assert _said(_confirm(wrong)) == public.WRONG
	assert _said(_confirm(wrong)) == public.LATER
	assert _states(notice) == [WAITING, WAITING]
	assert _said(_confirm(codes.code_of(notice.name, world.homes[0]))) == public.DONE
	monkeypatch.setattr(frappe.local, "request_ip", "another")
	assert _said(_confirm(wrong)) == public.WRONG


def test_a_whole_village_confirms_from_one_address(world, notice):
	for _ in range(public.WRONG_TRIES * 2):
		assert _said(_confirm(codes.code_of(notice.name, world.homes[0]))) == public.DONE


def test_a_code_is_long_and_no_other_ones_neighbour(world, notice):
	one, two = (codes.code_of(notice.name, home) for home in world.homes)
	assert len(one) == len(two) == 24
	assert sum(a != b for a, b in zip(one[5:], two[5:], strict=True)) > 9
	assert one not in frappe.as_json(
		frappe.get_all("Notice Delivery", {"notice": notice.name}, "*", order_by="name asc")
	)


def test_what_has_not_gone_out_or_was_withdrawn_has_no_page(world, notice):
	draft = _sent(world, stages.DRAFT)
	for code in ("", "x", draft.name, notice.name, draft.public_code or "none", "A" * 24, "../grid"):
		answer = _page(code)
		assert answer.status == 404, code
		assert "换证提醒" not in answer.text
	frappe.db.set_value("Notice", notice.name, "workflow_state", stages.state_for(stages.WITHDRAWN))
	assert _page(notice.public_code).status == 404


def test_an_expired_one_is_read_and_has_no_button(world, notice):
	frappe.db.set_value("Notice", notice.name, "expires_on", "2020-01-01")
	answer = _page(notice.public_code)
	assert "请到村委会办理。" in answer.text
	assert "<form" not in answer.text


@pytest.mark.parametrize("field", ["k", "said"])
def test_what_the_address_says_is_text(notice, field):
	page = _page(notice.public_code, **{field: '"><script>alert(1)</script>'}).text
	assert "<script>alert(1)" not in page


SCRIPT = "&lt;/title&gt;&lt;script src=//x.example/y.js&gt;"
"""What Frappe's head makes a script of: it writes "<" for "&lt;" and escapes nothing."""


def test_what_its_title_says_is_text(world):
	page = _page(_sent(world, notice_title=SCRIPT).public_code).text
	assert "&amp;lt;script" in page
	assert "<script src=//x.example" not in page


def test_what_the_name_of_a_grid_says_is_text_on_its_page(world):
	grid = world.town.grids[0][0].name
	frappe.db.set_value("Grid", grid, "grid_name", SCRIPT)
	page = request("Guest", "GET", f"/grid/{grid}").text
	assert "&amp;lt;script" in page
	assert "<script src=//x.example" not in page


@pytest.mark.parametrize(
	"to", ["//evil.example", "https://evil.example", "/\\evil.example", "..%2f", "a\r\nX: y"]
)
def test_the_button_leads_to_this_site_only(to):
	where = _confirm("x", to).headers["Location"]
	path = urlsplit(where)
	assert path.path.startswith("/notice/")
	assert "evil.example" not in path.netloc
	assert "\n" not in where


def _attach(doc: frappe.model.document.Document, name: str, content: bytes) -> frappe.model.document.Document:
	values = {"attached_to_doctype": doc.doctype, "attached_to_name": doc.name, "is_private": 1}
	return frappe.get_doc(doctype="File", file_name=name, content=content, **values).insert()


def _fetch(file: str, notice: str | None):
	return request("Guest", "GET", FILE, notice=notice or "", file=file)


def test_what_was_attached_when_it_was_approved_is_read_with_it(world):
	draft, content = _sent(world, stages.DRAFT), frappe.generate_hash(length=40).encode()
	file = _attach(draft, "表格.txt", content)
	assert _fetch(file.name, draft.public_code).status == 404
	draft.workflow_state = stages.state_for(stages.SENDING)
	draft.flags.ignore_permissions = True
	draft.save()
	code = _stored(draft).public_code
	assert "表格.txt" in _page(code).text
	answer = _fetch(file.name, code)
	assert (answer.status, answer.body) == (200, content)
	assert "attachment" in answer.headers["Content-Disposition"]
	later = frappe.copy_doc(file)
	later.update({"file_name": "名单.txt", "creation": "2990-01-01"})
	later.name = frappe.generate_hash(length=10)
	later.db_insert()
	assert "名单.txt" not in _page(code).text
	assert _fetch(later.name, code).status == 404


def test_no_other_file_is_read_with_it(world, notice):
	other = _sent(world, stages.DRAFT)
	file = _attach(other, "别的.txt", frappe.generate_hash(length=40).encode())
	other.workflow_state = stages.state_for(stages.SENDING)
	other.flags.ignore_permissions = True
	other.save()
	assert _fetch(file.name, other.public_code).status == 200
	for name, code in ((file.name, notice.public_code), (file.name, ""), (file.file_url, other.public_code)):
		assert _fetch(name, code).status == 404
	frappe.db.set_value("Notice", other.name, "workflow_state", stages.state_for(stages.WITHDRAWN))
	assert _fetch(file.name, other.public_code).status == 404


class TestWhatHangsOnIt:
	"""It goes out with the notice, so nobody adds or changes it who may not change the text."""

	@pytest.fixture
	def people(self, world):
		grid = world.town.grids[0][0].name
		return frappe._dict(leader=make_holder("Grid Leader", grid), member=make_holder("Grid Member", grid))

	@pytest.fixture
	def waiting(self, world, people, as_user):
		"""A notice that waits for approval, with a file."""
		with as_user(people.leader):
			doc = make_notice(world.town.grids[0][0].name)
			doc.file = self.upload(doc)
			apply_workflow(doc, seeded("workflow_action_master/notice-submit"))
		return doc

	def upload(self, doc=None) -> str:
		return _attach(doc or frappe._dict(), "表.txt", frappe.generate_hash(length=40).encode()).name

	def refused(self, user: str, file: str, **values: object) -> None:
		assert request(user, "PUT", f"/api/resource/File/{file}", **values).refused

	@pytest.mark.parametrize("who", ["leader", "member"])
	def test_who_only_reads_what_waits_adds_nothing(self, people, waiting, as_user, who):
		with as_user(people[who]), pytest.raises(files.AttachmentFixedError):
			self.upload(waiting)

	def test_who_approves_it_may(self, world, waiting, as_user):
		with as_user(world.secretary):
			assert self.upload(waiting)

	def test_after_approval_nothing_is_added_moved_there_or_changed(self, world, people, waiting, as_user):
		with as_user(people.leader):
			own = self.upload()
		with as_user(world.secretary):
			apply_workflow(waiting, seeded("workflow_action_master/notice-approve"))
			with pytest.raises(files.AttachmentFixedError):
				self.upload(waiting)
		address = frappe.db.get_value("File", own, "file_url")
		self.refused(people.leader, own, attached_to_doctype="Notice", attached_to_name=waiting.name)
		for changed in ({"file_url": address}, {"file_name": "别的.txt"}, {"attached_to_name": own}):
			self.refused(people.leader, waiting.file, **changed)
		code = frappe.db.get_value("Notice", waiting.name, "public_code")
		assert [each.name for each in public.shown(code).files] == [waiting.file]
		assert frappe.db.get_value("File", waiting.file, "file_url") != address

	def test_what_says_nothing_of_it_may_change(self, world, waiting):
		file = frappe.get_doc("File", waiting.file)
		file.folder = "Home"
		file.save()
