"""A resident's request to see, correct or delete what is kept of her: who answers it, what she gets, who gets nothing."""

import io
from collections.abc import Callable, Iterator

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate
from pypdf import PdfReader

from grid_governance.grid_ledger.actions import accesses, requests
from grid_governance.grid_ledger.queries import dossier
from tests.factories import (
	make_care,
	make_citizen_number,
	make_holder,
	make_household,
	make_identity,
	make_resident,
	make_township,
	make_user,
)
from tests.web import call, request
from tests.world import give, inside_savepoint, taken_back

SECRET = "机密六六"
REQUEST = "Personal Data Request"
ACTIONS = "grid_governance.grid_ledger.actions.requests"
PHONE = "13900006666"


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""A person with everything the ledger keeps, and those who work in her village and in the next."""
	with taken_back():
		town = make_township(2, 1)
		grid = town.grids[0][0].name
		number = make_citizen_number()
		household = make_household(grid, address="六六路六号")
		head = make_resident(household.name, resident_name=SECRET)
		identity = make_identity(head.name, id_number=number)
		frappe.get_doc(doctype="Resident Contact", resident=head.name, phone=PHONE).insert()
		make_care(head.name, "disabled", note="敏感六六")
		auditor = make_user()
		frappe.get_doc("User", auditor).add_roles("Governance Auditor")
		yield frappe._dict(
			town=town,
			head=head.name,
			household=household.name,
			identity=identity.name,
			number=number,
			secretary=make_holder("Village Secretary", town.villages[0].name),
			outside={
				"secretary of the next village": make_holder("Village Secretary", town.villages[1].name),
				"grid member": make_holder("Grid Member", grid),
				"grid leader": make_holder("Grid Leader", grid),
				"township office": make_holder("Township Office", town.root.name),
				"auditor": auditor,
				"nobody": make_user(),
			},
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


@pytest.fixture
def allow() -> Iterator[Callable[..., None]]:
	"""Give a role rights for one test: what is remembered of them is dropped with it."""
	yield give
	for doctype in (REQUEST,):
		frappe.clear_cache(doctype=doctype)


def asked(world: frappe._dict, kind: str = "See", **fields: object) -> frappe.model.document.Document:
	"""A request of the world's person, made by her secretary."""
	frappe.set_user(world.secretary)
	values = {"resident": world.head, "kind": kind, "asked_by": SECRET, "identity_checked": 1, **fields}
	if kind == "Correct":
		values |= {"wrong": "住址写错", "right_value": "六六路八号"}
	doc = frappe.get_doc(doctype=REQUEST, **values).insert()
	frappe.set_user("Administrator")
	return doc


def test_she_is_given_everything_that_is_kept_of_her(world):
	doc = asked(world)
	answer = call(world.secretary, f"{ACTIONS}.produce", request=doc.name)
	assert answer.status == 200, answer.text + answer.fault
	doc.reload()
	assert (doc.status, doc.answered_by, getdate(doc.answered_on)) == ("Answered", world.secretary, getdate())
	file = frappe.get_doc("File", {"file_url": doc.file})
	assert file.is_private
	assert (file.attached_to_doctype, file.attached_to_name) == (REQUEST, doc.name)
	assert PdfReader(io.BytesIO(file.get_content())).pages
	kinds = frappe.get_all(
		accesses.ACCESS, {"user": world.secretary, "grid": doc.grid}, pluck="kind", order_by="kind asc"
	)
	assert kinds == ["Request", "Reveal"]
	reasons = frappe.get_all(accesses.ACCESS, {"user": world.secretary}, pluck="reason", order_by="kind asc")
	assert not any(SECRET in reason for reason in reasons)  # whoever reads the log need not know people


def test_the_file_says_what_is_kept_and_who_saw_it(world):
	doc = asked(world)
	seen = frappe.get_doc("Resident", world.head)
	frappe.set_user(world.outside["grid leader"])
	seen.add_viewed()
	frappe.set_user(world.secretary)
	text = dossier.html(doc)
	leader = frappe.db.get_value("User", world.outside["grid leader"], "full_name")
	for said in (SECRET, world.number, PHONE, "敏感六六", "六六路六号", leader):
		assert said in text


WHO = (
	"secretary of the next village",
	"grid member",
	"grid leader",
	"township office",
	"auditor",
	"nobody",
)


@pytest.mark.parametrize("who", WHO)
def test_nobody_else_reads_answers_or_downloads(world, who):
	doc = asked(world)
	user = world.outside[who]
	for step, given in (
		("produce", {}),
		("corrected", {"answer": "x"}),
		("delete", {}),
		("refuse", {"ground": "A Law Forbids It", "answer": "x"}),
	):
		assert call(user, f"{ACTIONS}.{step}", request=doc.name, **given).status == 403
	assert call(user, f"{ACTIONS}.deletion", request=doc.name).status == 403
	assert call(world.secretary, f"{ACTIONS}.produce", request=doc.name).status == 200
	doc.reload()
	assert request(user, "GET", doc.file).status == 403
	assert request("Guest", "GET", doc.file).status == 403
	assert request(user, "GET", f"/api/resource/{REQUEST}/{doc.name}").status == 403
	listed = request(user, "GET", f"/api/resource/{REQUEST}")
	assert listed.refused or listed.message == []
	files = request(user, "GET", "/api/resource/File", filters=[["attached_to_name", "=", doc.name]])
	assert files.refused or files.message == []
	assert frappe.db.get_value("Resident", world.head, "resident_name") == SECRET


def test_the_secretary_downloads_it(world):
	doc = asked(world)
	call(world.secretary, f"{ACTIONS}.produce", request=doc.name)
	doc.reload()
	answer = request(world.secretary, "GET", doc.file)
	assert answer.status == 200
	assert answer.body[:4] == b"%PDF"


def test_whoever_may_not_read_identities_gets_none_through_a_request(world, allow):
	"""Even one who is given the requests on the screen: neither by making the file nor by reading one that is made."""
	allow("Grid Leader", REQUEST, "read", "write", "create")
	leader = world.outside["grid leader"]
	doc = asked(world)
	answer = call(leader, f"{ACTIONS}.produce", request=doc.name)
	assert answer.status == 403
	assert world.number not in answer.text
	assert call(world.secretary, f"{ACTIONS}.produce", request=doc.name).status == 200
	doc.reload()
	assert request(leader, "GET", doc.file).status == 403
	assert request(leader, "GET", f"/api/resource/{REQUEST}/{doc.name}").status == 403


def test_a_request_is_not_turned_into_one_about_somebody_else(world):
	doc = asked(world)
	other = make_resident(make_household(world.town.grids[0][0].name).name)
	assert request(world.secretary, "PUT", f"/api/resource/{REQUEST}/{doc.name}", resident=other.name).refused
	foreign = make_resident(make_household(world.town.grids[1][0].name).name, resident_name="外村六六")
	made = request(
		world.secretary,
		"POST",
		f"/api/resource/{REQUEST}",
		resident=foreign.name,
		kind="See",
		asked_by="某某",
		relation="Herself",
	)
	assert made.status == 403
	assert "外村六六" not in made.text


@pytest.mark.parametrize(
	"values",
	[
		{"status": "Answered"},
		{"file": "/private/files/x.pdf"},
		{"answer": "手写的答复"},
		{"holds_identity": 1},
		{"answered_on": "2026-01-01"},
		{"due_by": "2040-01-01"},
	],
)
def test_an_answer_is_not_written_by_hand(world, values):
	doc = asked(world)
	request(world.secretary, "PUT", f"/api/resource/{REQUEST}/{doc.name}", **values)
	stored = frappe.get_doc(REQUEST, doc.name)
	assert (stored.status, stored.file, stored.answer, stored.holds_identity) == (
		"To Be Answered",
		None,
		None,
		0,
	)
	assert getdate(stored.due_by) == getdate(doc.due_by)


def test_the_file_is_made_once_who_asks_was_looked_at(world):
	doc = asked(world, identity_checked=0)
	frappe.set_user(world.secretary)
	with pytest.raises(requests.AskerError):
		requests.produce(doc.name)
	assert not frappe.db.count(accesses.ACCESS, {"user": world.secretary, "kind": "Reveal"})


def test_kin_ask_for_the_dead_alone(world):
	with pytest.raises(requests.AskerError):
		asked(world, relation="Next of Kin")
	frappe.set_user("Administrator")
	frappe.db.set_value("Resident", world.head, {"status": "Deceased", "status_date": "2026-01-01"})
	with pytest.raises(requests.AskerError):
		asked(world)
	frappe.set_user("Administrator")
	assert asked(world, relation="Next of Kin").relation == "Next of Kin"


def test_a_correction_is_told_and_noted(world):
	doc = asked(world, "Correct")
	frappe.set_user(world.secretary)
	with pytest.raises(requests.GroundError):
		requests.corrected(doc.name, "  ")
	requests.corrected(doc.name, "住址已改为六六路八号")
	doc.reload()
	assert (doc.status, doc.answer) == ("Answered", "住址已改为六六路八号")
	with pytest.raises(requests.StepError):
		requests.corrected(doc.name, "再来一次")
	with pytest.raises(requests.RequestFixedError):
		doc.wrong = "别的"
		doc.save()


def test_a_step_fits_what_was_asked(world):
	doc = asked(world, "Correct")
	frappe.set_user(world.secretary)
	with pytest.raises(requests.StepError):
		requests.produce(doc.name)
	with pytest.raises(requests.StepError):
		requests.delete(doc.name)


def test_of_somebody_who_lives_here_what_rests_on_consent_is_deleted(world):
	doc = asked(world, "Delete")
	frappe.db.set_value("Resident", world.head, "employer", "某厂六六")
	answer = call(world.secretary, f"{ACTIONS}.delete", request=doc.name)
	assert answer.status == 200, answer.text + answer.fault
	left = frappe.db.get_value("Resident", world.head, ["resident_name", "employer", "anonymised_on"])
	assert left == (SECRET, None, None)
	assert not frappe.db.exists("Resident Contact", {"resident": world.head})
	assert frappe.db.exists("Resident Care", {"resident": world.head})  # rests on a legal duty
	assert frappe.db.exists("Resident Identity", {"resident": world.head})
	doc.reload()
	assert doc.status == "Answered"
	assert doc.answer == answer.message


def test_of_somebody_who_is_gone_everything_is_deleted(world):
	frappe.db.set_value("Resident Care", {"resident": world.head}, "until", "2026-01-02")
	frappe.db.set_value("Resident", world.head, {"status": "Moved Out", "status_date": "2026-01-01"})
	doc = asked(world, "Delete")
	assert call(world.secretary, f"{ACTIONS}.delete", request=doc.name).status == 200
	left = frappe.get_doc("Resident", world.head)
	assert SECRET not in frappe.as_json(left.as_dict())
	assert left.anonymised_on
	kinds = frappe.get_all(accesses.ACCESS, {"user": world.secretary}, pluck="kind", order_by="kind asc")
	assert kinds == ["Anonymise"]


def test_a_refusal_has_a_ground_and_words(world):
	doc = asked(world, "Delete")
	frappe.set_user(world.secretary)
	for ground, answer in (("", "说明"), ("Because", "说明"), ("A Law Forbids It", " ")):
		with pytest.raises(requests.GroundError):
			requests.refuse(doc.name, ground, answer)
	requests.refuse(doc.name, "A Law Forbids It", "法律要求保存")
	doc.reload()
	assert (doc.status, doc.refusal_ground, doc.answer) == ("Refused", "A Law Forbids It", "法律要求保存")


def test_the_day_it_is_due_comes_from_the_settings(world):
	frappe.db.set_single_value("Governance Settings", "data_request_days", 9)
	doc = asked(world, received_on=add_days(nowdate(), -20))
	assert getdate(doc.due_by) == getdate(add_days(nowdate(), -11))
	with pytest.raises(requests.RequestDayError):
		asked(world, received_on=add_days(nowdate(), 2))


def test_a_late_request_is_told_in_the_digest_to_who_answers_it(world):
	from grid_governance.grid_structure.telling import queries

	frappe.db.set_single_value("Governance Settings", "data_request_days", 9)
	doc = asked(world, received_on=add_days(nowdate(), -20))
	today = getdate()
	waiting = queries.waiting(today, frappe.utils.now_datetime())
	assert REQUEST in waiting[world.secretary].states
	(source,) = (each for each in queries.sources() if each.doctype == REQUEST)
	rows = queries.due(world.secretary, source, {requests.OPEN}, today)
	assert [row.name for row in rows] == [doc.name]
	for user in world.outside.values():
		assert REQUEST not in (waiting[user].states if user in waiting else {})
