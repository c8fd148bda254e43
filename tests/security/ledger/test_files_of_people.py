"""Photos and papers of people are private, opened with the person they hang on, and claimed by nobody."""

import frappe
import pytest

from tests.factories import make_photo, make_picture
from tests.security.ledger.conftest import ASKED, CARE, CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from tests.web import call, request

NEW = "new-resident-1"


@pytest.mark.parametrize("doctype", [HOUSEHOLD, RESIDENT, CONTACT, CARE, IDENTITY])
def test_a_file_on_them_is_private_whatever_is_asked(world, doctype):
	answer = call(
		world.inside["Village Secretary"],
		"upload_file",
		files={"file": (f"{frappe.generate_hash(length=8)}.png", make_picture("PNG"))},
		doctype=doctype,
		docname=world.kept[doctype],
		is_private="0",
	)
	assert answer.status == 200, answer.text
	assert answer.message["is_private"]
	assert answer.message["file_url"].startswith("/private/")
	answer = request(
		world.inside["Village Secretary"],
		"PUT",
		f"/api/resource/File/{answer.message['name']}",
		is_private=0,
	)
	assert answer.refused or answer.message["is_private"]


def test_a_public_file_turns_private_when_it_is_hung_on_somebody(world):
	user = world.inside["Village Secretary"]
	sent = call(
		user,
		"upload_file",
		files={"file": (f"{frappe.generate_hash(length=8)}.png", make_picture("PNG"))},
		is_private="0",
	).message
	assert sent["file_url"].startswith("/files/")
	answer = request(
		user,
		"PUT",
		f"/api/resource/File/{sent['name']}",
		attached_to_doctype=RESIDENT,
		attached_to_name=world.kept[RESIDENT],
	)
	assert answer.status == 200, answer.text
	stored = frappe.db.get_value("File", sent["name"], ["is_private", "file_url"], as_dict=True)
	assert stored.is_private
	assert stored.file_url.startswith("/private/")


def test_an_address_opens_for_those_who_see_the_person(world):
	url = world.photo.file_url
	assert request(world.inside["Grid Member"], "GET", url).status == 200
	for user in (*world.outsiders.values(), "Guest"):
		for answer in (
			request(user, "GET", url),
			request(user, "GET", url, fid=world.photo.name),
			request(user, "GET", url.replace("/private/", "/")),
			call(user, "frappe.handler.download_file", http="GET", file_url=url),
			call(user, "frappe.utils.file_manager.download_file", http="GET", file_url=url),
			call(user, "frappe.client.get", doctype="File", name=world.photo.name),
		):
			assert answer.refused, user
			assert b"JFIF" not in answer.body


def test_what_hangs_on_an_identity_is_not_opened_by_those_who_see_the_person(world):
	paper = make_photo(attached_to_doctype=IDENTITY, attached_to_name=world.kept[IDENTITY])
	care = make_photo(attached_to_doctype=CARE, attached_to_name=world.sensitive)
	for file in (paper, care):
		assert request(world.inside["Village Secretary"], "GET", file.file_url).status == 200
		for role in ("Grid Leader", "Grid Member", "Grid Instructor", "Party Patch Member"):
			assert request(world.inside[role], "GET", file.file_url).refused, role


def test_a_field_does_not_open_the_file_that_it_names(world):
	"""Frappe hangs a file that nobody has hung anywhere on whoever names it, and a copy of one that somebody has."""
	frappe.set_user(world.secretary)
	pending = make_photo(attached_to_doctype=RESIDENT, attached_to_name=NEW)
	loose = make_photo()
	frappe.set_user("Administrator")
	user = world.inside["Village Secretary"]
	for url in (pending.file_url, loose.file_url, "/private/files/geraten.png"):
		doc = frappe.get_doc(ASKED, world.kept[ASKED])
		doc.flags.by_room = True
		doc.file = url
		frappe.set_user(user)
		with pytest.raises(frappe.PermissionError):
			doc.save()
		frappe.set_user("Administrator")
		assert request(user, "GET", url).refused


def test_a_public_file_that_a_field_names_turns_private(world):
	user = world.inside["Village Secretary"]
	frappe.set_user(user)
	loose = make_photo(is_private=0)
	doc = frappe.get_doc(ASKED, world.kept[ASKED])
	doc.flags.by_room = True
	doc.file = loose.file_url
	doc.save()
	assert doc.file.startswith("/private/")
	assert frappe.db.get_value("File", loose.name, ["is_private", "attached_to_name"]) == (1, doc.name)


def test_nothing_is_hung_on_them_by_the_file_itself(world):
	frappe.set_user(world.secretary)
	file = make_photo()
	frappe.set_user("Administrator")
	for doctype in (RESIDENT, HOUSEHOLD, IDENTITY):
		where = {"attached_to_doctype": doctype, "attached_to_name": world.kept[doctype]}
		for answer in (
			request(world.secretary, "PUT", f"/api/resource/File/{file.name}", **where),
			request(
				world.secretary,
				"POST",
				"/api/resource/File",
				file_name="a.txt",
				content="x",
				is_private=1,
				**where,
			),
			request(world.secretary, "POST", "/api/resource/File", file_url=world.photo.file_url, **where),
		):
			assert answer.status == 403, answer.text
	for method, given in {
		"frappe.desk.form.utils.remove_attach": {
			"fid": world.photo.name,
			"dt": RESIDENT,
			"dn": world.kept[RESIDENT],
		},
		"frappe.core.api.file.move_file": {
			"file_list": [{"name": world.photo.name}],
			"new_parent": "Home",
			"old_parent": "x",
		},
	}.items():
		call(world.secretary, method, **given)
	stored = frappe.db.get_value("File", world.photo.name, ["attached_to_name", "folder"], as_dict=True)
	assert stored == {"attached_to_name": world.kept[RESIDENT], "folder": world.photo.folder}
