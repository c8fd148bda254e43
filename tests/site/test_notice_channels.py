"""A notice goes out: the bell, SMS and e-mail, a chat group, a sheet for the board, a list for who goes from door to door."""

import base64
import io
import json
import threading
from collections.abc import Iterator
from email import message_from_string
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import frappe
import pytest
import requests
from frappe.utils import add_days, getdate, now_datetime
from frappe.utils.background_jobs import execute_job
from PIL import Image
from pyqrcode import create

from grid_governance.grid_visits import chat_groups, wechat
from grid_governance.grid_visits.notices import (
	CONFIRMED,
	SENT,
	TOLD,
	WAITING,
	bell,
	channels,
	codes,
	desk,
	expiry,
	sending,
	sheets,
	stages,
	telling,
)
from tests.factories import make_holder, make_household, make_resident, make_township, seeded
from tests.world import inside_savepoint, taken_back

TEXT = "周六上午在村委会眼科义诊。\n请带医保卡。"


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""A village with two grids: in the first a head with phone and mail, a head without and a member in the chat group with a
	phone, one with the phone of her employer only, one who moved out; in the second a household without anything."""
	with taken_back():
		town = make_township(2, 2)
		(one, two), village = town.grids[0], town.villages[0]
		homes = {
			key: make_household(grid.name, household_no=number).name
			for key, grid, number in (
				("head", one, "2"),
				("rep", one, "10"),
				("employer", one, "11"),
				("gone", one, "12"),
				("bare", two, "1"),
			)
		}
		people = {
			key: make_resident(home, resident_name=f"张{key}", birth_date="1950-01-01").name
			for key, home in homes.items()
		}
		people["son"] = make_resident(homes["head"], "Son", resident_name="张son").name
		people["wife"] = make_resident(homes["rep"], "Spouse", resident_name="张wife").name
		frappe.db.set_value("Household", homes["rep"], "group_rep", people["wife"])
		frappe.db.set_value("Resident", people["gone"], "status", "Moved Out")
		_contact(people["son"], phone="13900000009")
		_contact(people["head"], phone="13900000001", email="head@example.com")
		_contact(people["wife"], phone="13900000002")
		_contact(people["employer"], kind="Employer", phone="13900000003", of_whom="厂")
		_contact(people["gone"], phone="13900000004")
		yield frappe._dict(
			town=town,
			village=village.name,
			one=one,
			two=two,
			homes=homes,
			people=people,
			secretary=make_holder("Village Secretary", village.name),
			leader=make_holder("Grid Leader", one.name),
			member=make_holder("Grid Member", one.name),
			other_member=make_holder("Grid Member", two.name),
			neighbour=make_holder("Grid Member", town.grids[1][0].name),
			official=make_holder("Township Office", town.root.name),
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture(autouse=True)
def _jobs_commit(monkeypatch: pytest.MonkeyPatch) -> None:
	"""Let jobs commit: here it stays in the test's savepoint."""
	monkeypatch.setattr(frappe.local.db, "commit", lambda: None)


@pytest.fixture
def ordered(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
	"""What is ordered of the workers: (function, arguments)."""
	found: list[tuple] = []
	monkeypatch.setattr(
		frappe,
		"enqueue",
		lambda method, **given: found.append((method, given)),
	)
	return found


@pytest.fixture
def sms_settings() -> frappe.model.document.Document:
	"""SMS Settings as a gateway in the country asks for them."""
	doc = frappe.get_single("SMS Settings")
	values = {"sms_gateway_url": "http://127.0.0.1:9/sms", "message_parameter": "content"}
	doc.update({**values, "receiver_parameter": "mobile", "use_post": 1, "parameters": []})
	for parameter, value, header in (("Content-Type", "application/json", 1), ("sign", "【土城子镇】", 0)):
		doc.append("parameters", {"parameter": parameter, "value": value, "header": header})
	doc.flags.ignore_mandatory = True
	return doc.save()


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, sms_settings: frappe.model.document.Document) -> SimpleNamespace:
	"""An SMS gateway: `told`, what it was given; `answers`, by number, the error it raises."""
	state = SimpleNamespace(told=[], answers={})

	def send(_url: str, values: dict[str, str], *_options: object) -> None:
		if values["mobile"] in state.answers:
			raise state.answers[values["mobile"]]
		state.told.append((values["mobile"], values["content"]))

	monkeypatch.setattr(channels, "send_request", send)
	return state


@pytest.fixture
def other_system() -> Iterator[SimpleNamespace]:
	"""Another system on this machine: `url`; `told`, the bodies that were posted to it; `status`, what it answers."""
	state = SimpleNamespace(told=[], status=200)

	class Listener(BaseHTTPRequestHandler):
		def do_POST(self) -> None:
			state.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
			self.send_response(state.status)
			self.end_headers()

		def log_message(self, *_words: object) -> None: ...

	server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
	threading.Thread(target=server.serve_forever, daemon=True).start()
	state.url = f"http://127.0.0.1:{server.server_port}/"
	yield state
	server.shutdown()
	server.server_close()


def _contact(resident: str, **fields: object) -> None:
	frappe.get_doc(doctype="Resident Contact", resident=resident, **fields).insert()


def _notice(world: frappe._dict, **fields: object) -> frappe.model.document.Document:
	values = {
		"notice_title": "眼科义诊",
		"notice_type": seeded("notice_type/service"),
		"content": TEXT,
		"grid": world.village,
		**fields,
	}
	return frappe.get_doc(doctype="Notice", **values).insert()


def _sent(world: frappe._dict, **fields: object) -> frappe.model.document.Document:
	"""A notice whose deliveries are there; what it orders of the workers has not run."""
	doc = _notice(world, **fields)
	doc.workflow_state = stages.state_for(stages.SENDING)
	doc.flags.ignore_permissions = True
	doc.save()
	sending.fan_out(doc.name)
	doc.reload()
	return doc


def _stored(doc: frappe.model.document.Document) -> frappe.model.document.Document:
	return frappe.get_doc(doc.doctype, doc.name)


def _delivery(notice: str, home: str) -> frappe._dict:
	fields = ["name", "state", "channel", "sent_at", "failed", "resident"]
	return frappe.db.get_value("Notice Delivery", {"notice": notice, "household": home}, fields, as_dict=True)


def _http_error(status: int) -> requests.HTTPError:
	return requests.HTTPError("http://key@gateway", response=SimpleNamespace(status_code=status))


# Messages


def test_a_household_is_reached_by_whoever_answers_for_it(world):
	doc = _sent(world)
	rows = channels._next(doc.name, "", 100)
	assert len(rows) == len(world.homes)
	by_home = {row.household: row.name for row in rows}
	found = channels.addresses(rows)
	assert {key: found[by_home[home]][channels.SMS] for key, home in world.homes.items()} == {
		"head": "13900000001",
		"rep": "13900000002",
		"employer": "",
		"gone": "",
		"bare": "",
	}
	assert found[by_home[world.homes["head"]]][channels.EMAIL] == "head@example.com"


def test_a_person_is_reached_by_her_own_contact(world):
	doc = _sent(world, deliver_to="Person")
	rows = channels._next(doc.name, "", 100)
	found = channels.addresses(rows)
	by_person = {row.resident: found[row.name][channels.SMS] for row in rows}
	assert by_person[world.people["son"]] == "13900000009"
	assert by_person[world.people["rep"]] == ""  # his wife's telephone is hers
	assert world.people["gone"] not in by_person


def test_a_family_is_not_written_to_where_the_care_is_sensitive(world):
	_contact(world.people["bare"], kind="Family", phone="13900000005", of_whom="女儿")
	rows = channels._next(_sent(world).name, "", 100)
	row = next(each for each in rows if each.household == world.homes["bare"])
	assert channels.addresses([row])[row.name][channels.SMS] == "13900000005"
	closer = (channels.OWN, channels.GUARDIAN)
	assert channels.addresses([row], closer)[row.name][channels.SMS] == ""


def test_messages_go_out_once(world, ordered, gateway):
	doc = _sent(world, by_sms=1)
	channels.send_next(doc.name)
	assert sorted(number for number, _words in gateway.told) == ["13900000001", "13900000002"]
	words = sorted(gateway.told)[0][1]
	row = _delivery(doc.name, world.homes["head"])
	assert (row.state, row.channel, bool(row.sent_at)) == (SENT, channels.SMS, True)
	assert f"?k={codes.code_of(doc.name, world.homes['head'])}" in words
	assert "眼科义诊" in words
	assert "张" not in words
	bare = _delivery(doc.name, world.homes["bare"])
	assert (bare.state, bare.channel, bool(bare.failed)) == (WAITING, None, True)
	assert _stored(doc).sent_to == 2
	channels.send_next(doc.name)
	assert len(gateway.told) == 2
	assert _stored(doc).sent_to == 2


def test_a_message_goes_to_the_gateway_as_sms_settings_say(world, ordered, sms_settings, other_system):
	"""By a real request, with Frappe's own code: nothing of the site's is in the place of anything."""
	frappe.db.set_single_value("SMS Settings", "sms_gateway_url", other_system.url)
	doc = _sent(world, by_sms=1)
	channels.send_next(doc.name)
	link = f"?k={codes.code_of(doc.name, world.homes['head'])}"
	(body,) = (each for each in other_system.told if each["mobile"] == "13900000001")
	assert (body["sign"], link in body["content"]) == ("【土城子镇】", True)
	assert _stored(doc).sent_to == len(other_system.told) == 2


def test_a_real_gateway_that_is_busy_is_asked_again(world, ordered, sms_settings, other_system):
	frappe.db.set_single_value("SMS Settings", "sms_gateway_url", other_system.url)
	doc = _sent(world, by_sms=1)
	for status, reached in ((503, 0), (200, 2)):
		other_system.status = status
		channels.send_next(doc.name)
		assert _stored(doc).sent_to == reached


def test_a_gateway_that_is_away_is_tried_again_and_nobody_gets_two(world, ordered, gateway):
	doc = _sent(world, by_sms=1, by_desk=0)
	for trouble in (requests.ConnectionError("http://secret-key"), _http_error(503), _http_error(401)):
		gateway.answers["13900000002"] = trouble
		ordered.clear()
		channels.send_next(doc.name)
		row = _delivery(doc.name, world.homes["rep"])
		assert (row.state, row.channel or "", row.sent_at, row.failed) == (WAITING, "", None, None)
		channels.resume()
		assert [given["notice"] for _method, given in ordered] == [doc.name]
	assert not frappe.get_all("Error Log", {"error": ["like", "%secret-key%"]}, order_by="name asc")
	gateway.answers.clear()
	channels.send_next(doc.name)
	assert sorted(number for number, _words in gateway.told) == ["13900000001", "13900000002"]
	assert _stored(doc).sent_to == 2
	ordered.clear()
	channels.resume()
	assert ordered == []


def test_a_number_that_is_refused_is_noted_and_leaves_the_door(world, ordered, gateway):
	gateway.answers["13900000001"] = _http_error(400)
	doc = _sent(world, by_sms=1)
	channels.send_next(doc.name)
	row = _delivery(doc.name, world.homes["head"])
	assert (row.state, row.sent_at) == (WAITING, None)
	assert "400" in row.failed
	assert "key" not in row.failed
	assert _stored(doc).sent_to == 1


def test_whoever_is_told_meanwhile_stays_told(world, ordered, gateway):
	doc = _sent(world, by_sms=1)
	name = _delivery(doc.name, world.homes["head"]).name
	frappe.db.set_value("Notice Delivery", name, "state", TOLD)
	channels.send_next(doc.name)
	assert [number for number, _words in gateway.told] == ["13900000002"]
	assert _delivery(doc.name, world.homes["head"]).state == TOLD


def test_what_a_job_writes_is_in_the_sites_language(world, ordered, gateway, monkeypatch):
	"""As Frappe's worker runs it, which begins every job in English."""
	monkeypatch.setattr(frappe.local, "lang", "en")
	doc = _sent(world, by_sms=1)
	for method in (channels.send_next, bell.ring):
		ordered.clear()
		monkeypatch.setattr(frappe.local, "lang", "en")
		execute_job(frappe.local.site, method, None, "", {"notice": doc.name}, is_async=False)
	assert "查看" in gateway.told[0][1]
	((_method, given),) = ordered
	assert given["log"]["subject"].startswith("新通知")


def test_a_withdrawn_notice_is_not_sent_on(world, ordered, gateway):
	doc = _sent(world, by_sms=1)
	frappe.db.set_value("Notice", doc.name, "workflow_state", stages.state_for(stages.WITHDRAWN))
	channels.send_next(doc.name)
	assert gateway.told == []


def test_a_notice_whose_last_day_is_over_is_not_sent_on(world, ordered, gateway):
	"""Nor what stands in a chunk already when the day ends."""
	doc = _sent(world, by_sms=1, by_desk=0, expires_on=getdate())
	stale = _stored(doc)
	frappe.db.set_value("Notice", doc.name, "expires_on", add_days(getdate(), -1))
	(row, *_others) = channels._next(doc.name, "", 1)
	channels._send_one(stale, row, {channels.SMS: "13900000001"}, [channels.SMS])
	channels.send_next(doc.name)
	ordered.clear()
	channels.resume()
	assert (gateway.told, ordered) == ([], [])


def test_who_has_no_mobile_number_gets_a_mail(world, ordered, monkeypatch):
	sent = []
	monkeypatch.setattr(channels.telling, "sends_mail", lambda: True)
	monkeypatch.setattr(frappe, "sendmail", lambda **given: sent.append(given))
	doc = _sent(world, by_email=1)
	channels.send_next(doc.name)
	(mail,) = sent
	assert mail["recipients"] == ["head@example.com"]
	assert mail["args"]["link"].endswith(f"?k={codes.code_of(doc.name, world.homes['head'])}")
	page = frappe.render_template("templates/emails/notice.html", mail["args"])
	assert "请带医保卡" in page
	assert _delivery(doc.name, world.homes["head"]).channel == channels.EMAIL


def test_a_mail_waits_in_the_email_queue_for_her_alone(world, ordered, monkeypatch):
	"""Through an e-mail account of the site and Frappe's own sending, up to its queue."""
	account = frappe.get_doc(
		doctype="Email Account",
		email_account_name="镇政府",
		email_id="office@example.com",
		enable_outgoing=1,
		default_outgoing=1,
		smtp_server="127.0.0.1",
		no_smtp_authentication=1,
	)
	account.db_insert()  # saving it would ask the server
	monkeypatch.setattr(frappe.local, "outgoing_email_account", {}, raising=False)
	doc = _sent(world, by_email=1)
	channels.send_next(doc.name)
	fields = ["name", "message", "sender"]
	(mail,) = frappe.get_all(
		"Email Queue", filters={"sender": ["like", "%office@example.com%"]}, fields=fields
	)
	to = frappe.get_all("Email Queue Recipient", filters={"parent": mail.name}, pluck="recipient")
	assert to == ["head@example.com"]
	page = message_from_string(mail.message, policy=default).get_body(("html",)).get_content()
	assert f"?k={codes.code_of(doc.name, world.homes['head'])}" in page
	assert "请带医保卡" in page
	assert "张" not in page


def test_a_site_without_a_gateway_says_so_and_orders_nothing(world, ordered):
	frappe.db.set_single_value("SMS Settings", "sms_gateway_url", "")
	doc = _sent(world, by_sms=1, by_desk=0)
	ordered.clear()
	channels.send(doc)
	assert ordered == []
	assert len(channels.missing(doc)) == 1


def test_many_are_sent_in_several_jobs(world, ordered, gateway, monkeypatch):
	monkeypatch.setattr(channels, "CHUNK", 2)
	doc = _sent(world, by_sms=1, by_desk=0)
	ordered.clear()
	channels.send(doc)
	jobs = 0
	while ordered:
		method, given = ordered.pop()
		method(given["notice"], given["after"])
		jobs += 1
	assert jobs == 3
	assert len(gateway.told) == 2


def test_statements_do_not_grow_with_the_recipients_for_finding_addresses(world, ordered, count_queries):
	doc = _sent(world)
	rows = channels._next(doc.name, "", 100)
	with count_queries() as few:
		channels.addresses(rows[:1])
	with count_queries() as many:
		channels.addresses(rows)
	assert few.count == many.count == 1


# The bell


def test_the_bell_rings_for_those_whose_grids_it_goes_to(world, ordered):
	doc = _sent(world)
	assert set(bell.staff(doc)) == {world.secretary, world.leader, world.member, world.other_member}
	small = _sent(world, audience_grids=[{"grid": world.one.name}])
	assert set(bell.staff(small)) == {world.secretary, world.leader, world.member}


def test_the_bell_does_not_tell_where_somebody_in_sensitive_care_lives(world, ordered):
	doc = _sent(world)
	of_one = {"notice": doc.name, "household": ["!=", world.homes["bare"]]}
	frappe.db.set_value("Notice Delivery", of_one, "is_sensitive", 1)
	assert set(bell.staff(doc)) == {world.secretary, world.other_member}


def test_a_bell_whose_job_was_lost_is_rung_once(world, ordered):
	doc = _sent(world)
	ordered.clear()
	for _again in range(2):
		channels.resume()
	assert ordered and {method for method, _given in ordered} == {bell.ring}
	assert {given["notice"] for _method, given in ordered} == {doc.name}
	ordered.clear()
	for _again in range(2):
		bell.ring(doc.name)
	channels.resume()
	assert [method for method, _given in ordered] == [bell.tell_staff]


def test_what_had_gone_out_before_it_was_noted_does_not_ring_again(world, ordered):
	from grid_governance.setup.patches import bells_that_rang as patch

	doc = _sent(world)
	patch.execute()
	assert _stored(doc).bell_rung_at == _stored(doc).sent_at
	ordered.clear()
	channels.resume()
	assert ordered == []


def test_the_bell_does_not_ring_once_the_last_day_is_over(world, ordered):
	doc = _sent(world)
	frappe.db.set_value("Notice", doc.name, "expires_on", add_days(getdate(), -1))
	ordered.clear()
	bell.ring(doc.name)
	assert ordered == []


def test_the_bell_tells_the_text_and_no_resident(world, ordered):
	doc = _sent(world)
	ordered.clear()
	bell.ring(doc.name)
	((method, given),) = ordered
	method(given["users"], given["log"])
	log = frappe.get_last_doc("Notification Log", {"for_user": world.member})
	assert "眼科义诊" in log.subject
	assert "请带医保卡" in log.email_content
	assert f"/notice/{doc.public_code}" in log.email_content
	assert "?k=" not in log.email_content


# The form


def test_before_it_goes_out_the_form_tells_whom_it_would_reach(world, as_user):
	doc = _notice(world)
	with as_user(world.secretary):
		answer = desk.standing(doc.name)
	assert (answer["is_out"], answer["would_reach"]["households"]) == (False, 5)
	with pytest.raises(desk.NotSentYetError):
		desk.share(doc.name)


def test_the_form_tells_how_far_it_got_by_grid(world, as_user, ordered):
	doc = _sent(world)
	for key, state in (("head", CONFIRMED), ("rep", TOLD)):
		frappe.db.set_value("Notice Delivery", _delivery(doc.name, world.homes[key]).name, "state", state)
	with as_user(world.secretary):
		answer = desk.standing(doc.name)
	figures = {key: answer[key] for key in ("total", "sent", "confirmed", "told", "left")}
	assert figures == {"total": 5, "sent": 0, "confirmed": 1, "told": 1, "left": 3}
	assert [(row["grid"], row["total"], row["left"]) for row in answer["grids"]] == [
		(world.one.name, 4, 2),
		(world.two.name, 1, 1),
	]
	with as_user(world.secretary):
		rows = desk.unreached(doc.name, world.one.name)
	assert [row["household"] for row in rows] == [world.homes["employer"], world.homes["gone"]]
	assert rows[0]["whom"] == "张employer"


def test_a_grid_is_told_with_its_village_unless_it_says_so_itself():
	assert desk._told("土岭底村", "第一网格") == "土岭底村 · 第一网格"
	assert desk._told("土岭底村", "土岭底村第一网格") == "土岭底村第一网格"
	assert desk._told("", "第一网格") == "第一网格"


def test_numbers_of_households_are_in_the_order_of_the_doors(world, as_user, ordered):
	doc = _sent(world)
	with as_user(world.secretary):
		rows = desk.left_rows(doc.name, world.one.name)
	assert [row["household_no"] for row in rows] == ["2", "10", "11", "12"]


def test_a_household_that_left_the_village_is_not_named(world, as_user, ordered):
	doc = _sent(world)
	elsewhere = world.town.grids[1][0]
	values = {"grid": elsewhere.name, "grid_path": elsewhere.grid_path}
	frappe.db.set_value("Household", world.homes["bare"], values)
	with as_user(world.secretary):
		(row,) = desk.unreached(doc.name, world.two.name)
	assert (row["household"], row["title"], row["whom"], row["address"]) == (None, None, "", None)


def test_statements_of_the_form_do_not_grow(world, ordered, count_queries):
	small, large = _sent(world, audience_grids=[{"grid": world.two.name}]), _sent(world)
	for doc in (small, large):
		desk.standing(doc.name)
	with count_queries() as few:
		desk.standing(small.name)
	with count_queries() as many:
		desk.standing(large.name)
	assert few.count == many.count


def test_reading_out_and_hanging_up_are_noted_once(world, as_user, ordered):
	doc = _sent(world, by_loudspeaker=1)
	with as_user(world.secretary):
		assert desk.standing(doc.name)["by_hand"] == ["loudspeaker"]
		desk.note_done(doc.name, "loudspeaker")
		assert _stored(doc).announced_at
		for way in ("loudspeaker", "board", "elsewhere"):
			with pytest.raises(desk.NotAskedForError):
				desk.note_done(doc.name, way)
	with as_user(world.member), pytest.raises(frappe.PermissionError):
		desk.note_done(doc.name, "board")


# The chat group


def test_what_goes_into_a_chat_group_names_nobody_and_confirms_nothing(world, as_user, ordered):
	doc = _sent(world, content="长" * 1000)
	with as_user(world.secretary):
		shared = desk.share(doc.name)
	assert shared["link"].endswith(f"/notice/{doc.public_code}")
	assert shared["text"].endswith(shared["link"])
	assert len(shared["text"]) < 600
	assert "张" not in shared["text"]
	assert "k=" not in shared["link"]


def test_the_picture_is_the_code_of_the_link():
	link = "http://grid.example/notice/ABCDEFGHIJKLMNOPQRSTUVWX"
	data = base64.b64decode(wechat.picture(link).split(",", 1)[1])
	image = Image.open(io.BytesIO(data)).convert("1")
	step, border = wechat.SQUARE, wechat.MARGIN
	rows = create(link, error="M").code
	assert image.size == ((len(rows) + 2 * border) * step,) * 2
	read = [
		[
			int(not image.getpixel(((border + x) * step + step // 2, (border + y) * step + step // 2)))
			for x in range(len(rows))
		]
		for y in range(len(rows))
	]
	assert read == rows


def test_coverage_of_a_chat_group_is_households_with_somebody_in_it(world, as_user):
	group = frappe.get_doc(doctype="Grid Chat Group", group_name="一网格群", grid=world.one.name).insert()
	frappe.db.set_value("Household", world.homes["head"], "in_wechat_group", 1)
	frappe.db.set_value("Household", world.homes["gone"], "status", "Dissolved")
	with as_user(world.member):
		answer = chat_groups.coverage(group.name)
	assert (answer["households"], answer["covered"]) == (3, 2)
	assert [row["name"] for row in answer["missing"]] == [world.homes["employer"]]
	with as_user(world.other_member), pytest.raises(frappe.PermissionError):
		chat_groups.coverage(group.name)


# Prints


def test_the_unreached_list_is_printed_and_noted(world, as_user, ordered):
	doc = _sent(world)
	frappe.db.set_value("Notice Delivery", _delivery(doc.name, world.homes["head"]).name, "state", TOLD)
	with as_user(world.secretary):
		page = frappe.get_print(
			"Notice",
			doc.name,
			seeded("print_format/unreached-list"),
		)
	for told in ("张rep", "张employer", "张bare", world.one.grid_name, world.two.grid_name):
		assert told in page
	assert "张head" not in page
	line = frappe.get_last_doc("Personal Data Access", {"user": world.secretary})
	assert (line.kind, line.reference_doctype, line.rows, line.grid) == (
		"Print",
		"Notice Delivery",
		4,
		world.village,
	)


def test_grids_that_are_called_alike_stand_apart_on_paper(world, as_user, ordered):
	doc = _sent(world)
	frappe.db.set_value("Grid", world.two.name, "grid_name", world.one.grid_name)
	with as_user(world.secretary):
		grids = sheets.unreached_list(doc.name).grids
		told = [row["grid_name"] for row in desk.by_grid(doc.name) if row["left"]]
		slips = sheets.notice_slips(doc.name).slips
	assert [grid["grid_name"] for grid in grids] == told and len(told) == 2
	assert {slip["grid_name"] for slip in slips} == set(told)


def test_a_slip_bears_the_code_of_its_household_and_nobody_elses(world, as_user, ordered):
	doc = _sent(world)
	frappe.db.set_value("Notice Delivery", _delivery(doc.name, world.homes["head"]).name, "state", TOLD)
	with as_user(world.secretary):
		slips = sheets.notice_slips(doc.name).slips
		page = frappe.get_print("Notice", doc.name, seeded("print_format/notice-slips"))
	assert [slip["whom"] for slip in slips] == ["10", "11", "12", "1"]
	assert [slip["code"].replace(" ", "") for slip in slips] == [
		codes.code_of(doc.name, world.homes[key]) for key in ("rep", "employer", "gone", "bare")
	]
	assert all(slip["code"] in page for slip in slips)
	with as_user(world.member), pytest.raises(frappe.PermissionError):
		sheets.notice_slips(doc.name)


def test_who_may_not_print_deliveries_gets_no_list(world, as_user, ordered):
	doc = _sent(world, grid=world.one.name)
	with as_user(world.member), pytest.raises(frappe.PermissionError):
		sheets.unreached_list(doc.name)
	with as_user(world.neighbour), pytest.raises(frappe.PermissionError):
		sheets.unreached_list(doc.name)


def test_the_sheet_for_the_board_has_the_text_and_the_code(world, as_user, ordered):
	doc = _sent(world, content="第一段\n<script>alert(1)</script>")
	with as_user(world.secretary):
		page = frappe.get_print(
			"Notice",
			doc.name,
			seeded("print_format/notice-board-sheet"),
		)
	assert "眼科义诊" in page
	assert "data:image/png;base64," in page
	assert "<script>alert(1)" not in page
	assert str(now_datetime().date()) in page


# Other systems


def test_another_system_is_told_each_step_that_a_notice_takes_by_itself(
	world, ordered, other_system, monkeypatch
):
	"""By a Webhook record as an administrator makes it, with Frappe's own sender and a real request."""
	steps = [stages.state_for(stage) for stage in (stages.SENT, stages.REACHED, stages.EXPIRED)]
	sent, reached, over = steps
	webhook = frappe.get_doc(
		doctype="Webhook",
		name="村村响",
		webhook_doctype="Notice",
		webhook_docevent="on_change",
		condition=f"doc.workflow_state in {steps}",
		request_url=other_system.url,
		request_method="POST",
		request_structure="JSON",
		webhook_json='{"title": "{{ doc.notice_title }}", "state": "{{ doc.workflow_state }}"}',
	).insert()
	monkeypatch.setattr(frappe.flags, "webhooks", None)

	def in_a_request_of_its_own(work, *args, **given):
		monkeypatch.setattr(frappe.flags, "webhooks_executed", None)
		return work(*args, **given)

	told = in_a_request_of_its_own(_sent, world, grid=world.two.name)
	row = _delivery(told.name, world.homes["bare"])
	code = codes.code_of(told.name, world.homes["bare"], row.resident)
	in_a_request_of_its_own(telling.confirm, code)
	last_day = getdate()
	passed = in_a_request_of_its_own(_sent, world, expires_on=last_day)
	in_a_request_of_its_own(expiry.run, add_days(last_day, 1))
	assert [_stored(doc).workflow_state for doc in (told, passed)] == [reached, over]
	for method, given in ordered:
		if given.get("webhook", {}).get("name") == webhook.name:
			frappe.get_attr(method)(doc=given["doc"], webhook=given["webhook"])
	assert [body["state"] for body in other_system.told] == [sent, reached, sent, over]
	assert {body["title"] for body in other_system.told} == {"眼科义诊"}
