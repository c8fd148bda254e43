"""A matter reported on the spot: in one call, once only, with its photo."""

import io

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime
from PIL import Image
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from grid_governance import photos
from grid_governance.grid_issues import actions, doorstep
from grid_governance.photos import images
from grid_governance.photos.file import NotAPhotoError
from tests.factories import (
	make_category,
	make_holder,
	make_issue,
	make_photo,
	make_picture,
	make_township,
	make_user,
	seeded,
)

pytestmark = pytest.mark.usefixtures("site")

PLACE_OF_CAMERA = "31.2304N"


@pytest.fixture
def town() -> frappe._dict:
	town = make_township(1, 2)
	town.grid, town.other = (grid.name for grid in town.grids[0])
	town.member = make_holder("Grid Member", town.grid)
	return town


@pytest.fixture
def key() -> str:
	return frappe.generate_hash(length=32)


@pytest.fixture
def send(monkeypatch):
	"""`send(content)`: the request carries this photo."""

	def carry(content: bytes) -> None:
		sent = EnvironBuilder(method="POST", data={"photo": (io.BytesIO(content), "IMG_0001.jpg")})
		monkeypatch.setattr(frappe.local, "request", Request(sent.get_environ()), raising=False)

	yield carry
	monkeypatch.undo()


def taken(size: tuple[int, int] = (60, 40), kind: str = "JPEG") -> bytes:
	exif = Image.Exif()
	exif[0x010F] = PLACE_OF_CAMERA
	return make_picture(kind, size, exif=exif)


def stored(url: str) -> bytes:
	return frappe.get_doc("File", {"file_url": url}).get_content()


def log_of(issue: str) -> list[frappe._dict]:
	return frappe.get_all(
		"Issue Log",
		filters={"issue": issue},
		fields=["from_state", "to_state", "action", "opinion", "changed", "by_user", "client_key"],
		order_by="at asc, creation asc",
	)


def test_a_report_is_one_issue_with_its_photo_and_one_line(town, key, send, as_user):
	category = make_category(default_urgency="Urgent")
	send(taken((3200, 2400)))
	with as_user(town.member):
		answer = doorstep.report(
			key, category, town.grid, location_note="井边", latitude=31.5, longitude=121.25
		)
	issue = frappe.get_doc("Grid Issue", answer["name"])
	assert (issue.grid, issue.urgency, issue.location_note) == (town.grid, "Urgent", "井边")
	assert (issue.latitude, issue.longitude) == (31.5, 121.25)
	assert (issue.owner, issue.workflow_state) == (town.member, seeded("workflow_state/reported"))
	line = log_of(issue.name)
	assert [(row.from_state, row.to_state, row.changed, row.client_key) for row in line] == [
		(None, issue.workflow_state, None, key)
	]
	files = frappe.get_all(
		"File",
		filters={"attached_to_doctype": "Grid Issue", "attached_to_name": issue.name},
		fields=["file_url", "is_private", "attached_to_field"],
	)
	assert [tuple(file.values()) for file in files] == [(issue.photo_before, 1, "photo_before")]
	content = stored(issue.photo_before)
	assert PLACE_OF_CAMERA.encode() not in content
	assert max(Image.open(io.BytesIO(content)).size) == images.LONGEST_EDGE


def test_without_a_word_the_title_is_made_from_category_and_grid(town, key, as_user):
	category = make_category()
	with as_user(town.member):
		answer = doorstep.report(key, category, town.grid, title="  ")
	assert frappe.db.get_value("Issue Category", category, "category_name") in answer["title"]
	assert frappe.db.get_value("Grid", town.grid, "grid_name") in answer["title"]


def test_sent_twice_it_is_taken_in_once(town, key, send, as_user):
	category = make_category()
	with as_user(town.member):
		send(taken())
		first = doorstep.report(key, category, town.grid)
		send(taken())
		again = doorstep.report(key, category, town.grid)
		other = doorstep.report(frappe.generate_hash(length=32), category, town.grid)
	assert first == again and other["name"] != first["name"]
	assert frappe.db.count("Grid Issue", {"category": category}) == 2
	assert len(log_of(first["name"])) == 1


def test_the_key_of_another_user_tells_nothing(town, key, as_user):
	category = make_category()
	with as_user(town.member):
		doorstep.report(key, category, town.grid)
	with as_user(make_holder("Grid Member", town.other)), pytest.raises(doorstep.SentTwiceError):
		doorstep.report(key, category, town.other)


def test_a_report_that_waited_in_the_phone_was_found_when_it_was_begun(town, key, as_user):
	with as_user(town.member):
		name = doorstep.report(key, make_category(), town.grid, waited=3 * 3600)["name"]
	found_at = frappe.db.get_value("Grid Issue", name, "found_at")
	assert add_to_date(now_datetime(), hours=-3, minutes=-5) < found_at
	assert found_at <= add_to_date(now_datetime(), hours=-3)


def test_a_report_from_long_ago_or_from_the_future_is_taken_in(town, as_user):
	category = make_category()
	with as_user(town.member):
		for waited in (-86400, 10.0**9):
			name = doorstep.report(frappe.generate_hash(length=32), category, town.grid, waited=waited)[
				"name"
			]
			assert frappe.db.get_value("Grid Issue", name, "found_at") <= now_datetime()


@pytest.mark.parametrize("point", [(91.0, 10.0), (10.0, 181.0), (10.0, None), (None, 10.0)])
def test_a_point_that_lies_nowhere_is_refused(town, key, as_user, point):
	with as_user(town.member), pytest.raises(actions.PointError):
		doorstep.report(key, make_category(), town.grid, latitude=point[0], longitude=point[1])


def test_a_photo_that_is_none_is_refused(town, key, send, as_user):
	send(b"<script>alert(1)</script>")
	with as_user(town.member), pytest.raises(NotAPhotoError):
		doorstep.report(key, make_category(), town.grid)


def test_the_categories_reported_most_stand_first(town, as_user):
	seldom, often, over = make_category(), make_category(), make_category()
	with as_user(town.member):
		for category in (often, seldom, over, over, over, often):
			make_issue(town.grid, category=category)
		frappe.db.set_value("Issue Category", over, "active", 0)
		began = doorstep.start()
	assert began["own"] == [often, seldom]
	assert began["grid"] == town.grid
	shown = {row.name: row for row in began["categories"]}
	assert over not in shown and shown[often].urgency == "General"


def test_whoever_may_not_report_begins_nothing(town, key, as_user):
	with as_user(make_user()):
		for call in (doorstep.start, lambda: doorstep.report(key, make_category(), town.grid)):
			with pytest.raises(frappe.PermissionError):
				call()


def test_the_same_matter_joins_the_issue_there_is(town, key, send, as_user):
	issue = make_issue(town.grid, "submit-to-village")
	before = len(log_of(issue.name))
	with as_user(town.member):
		for _sent in range(2):
			send(taken())
			answer = doorstep.join(issue.name, key, "又来了两户反映")
	assert answer["name"] == issue.name
	lines = log_of(issue.name)
	assert len(lines) == before + 1
	last = lines[-1]
	assert last.from_state == last.to_state == issue.workflow_state
	assert (last.action, last.by_user) == (None, town.member)
	assert "又来了两户反映" in last.opinion
	files = frappe.get_all(
		"File",
		filters={"attached_to_doctype": "Grid Issue", "attached_to_name": issue.name},
		fields=["file_url", "is_private"],
	)
	assert [file.is_private for file in files] == [1]
	assert PLACE_OF_CAMERA.encode() not in stored(files[0].file_url)
	issue.reload()
	assert not issue.photo_before


def test_an_issue_that_is_over_is_not_joined(town, key, as_user):
	issue = make_issue(town.grid, "settle-on-the-spot", "give-feedback")
	with as_user(town.member), pytest.raises(doorstep.OverAlreadyError):
		doorstep.join(issue.name, key)


def test_an_issue_of_another_grid_is_not_joined(town, key, as_user):
	issue = make_issue(town.other)
	with as_user(town.member), pytest.raises(frappe.PermissionError):
		doorstep.join(issue.name, key)
	assert len(log_of(issue.name)) == 1


# Photos however they come


def switch_cleaning(on: int) -> None:
	"""Let the System Settings say whether Frappe cleans the photos of all documents."""
	settings = frappe.get_single("System Settings").as_dict()
	frappe.local.system_settings = frappe._dict(settings, strip_exif_metadata_from_uploaded_images=on)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("switched", [0, 1])
def test_every_picture_attached_to_an_issue_is_clean(town, kind, switched):
	"""Whatever the System Settings say, beside the form or in its field."""
	switch_cleaning(switched)
	issue = make_issue(town.grid)
	place = {"attached_to_doctype": "Grid Issue", "attached_to_name": issue.name}
	content = taken((2000, 1000), kind)
	assert PLACE_OF_CAMERA.encode() in content
	beside = make_photo(content=content, file_name=f"a{images.KINDS[kind]}", **place)
	assert PLACE_OF_CAMERA.encode() not in beside.get_content()
	assert Image.open(io.BytesIO(beside.get_content())).size == (2000, 1000)
	field = make_photo(content=taken((2000, 1000), kind), attached_to_field="photo_before", **place)
	assert PLACE_OF_CAMERA.encode() not in field.get_content()
	assert Image.open(io.BytesIO(field.get_content())).size == (1600, 800)
	assert field.file_url.endswith(images.KINDS[kind]), "the name tells what it is"


def test_a_photo_sent_before_there_was_an_issue_is_clean_when_it_belongs_to_one(town, as_user):
	with as_user(town.member):
		photo = make_photo(content=taken((2000, 1000), "PNG"), file_name="IMG.png")
		assert PLACE_OF_CAMERA.encode() in photo.get_content()  # Frappe's setting is of JPEG alone
		issue = make_issue(town.grid, photo_before=photo.file_url)
	content = stored(issue.photo_before)
	assert PLACE_OF_CAMERA.encode() not in content
	assert Image.open(io.BytesIO(content)).size == (1600, 800)


def test_a_photo_field_takes_pictures_alone(town, as_user):
	with as_user(town.member):
		script = make_photo(content=b"<script>alert(1)</script>", file_name="photo.txt")
		with pytest.raises(NotAPhotoError):
			make_issue(town.grid, photo_before=script.file_url)
		place = {"attached_to_doctype": "Grid Issue", "attached_to_name": make_issue(town.grid).name}
		with pytest.raises(NotAPhotoError):
			make_photo(content=b"\x00 no picture", **place)


def test_other_files_may_stand_beside_an_issue(town):
	issue = make_issue(town.grid)
	place = {"attached_to_doctype": "Grid Issue", "attached_to_name": issue.name}
	paper = make_photo(content=b"%PDF-1.4 paper", file_name="paper.pdf", **place)
	assert paper.get_content() == b"%PDF-1.4 paper" or paper.get_content() == "%PDF-1.4 paper"


def test_frappes_own_cleaning_keeps_photos_upright(town):
	switch_cleaning(1)
	exif = Image.Exif()
	exif[0x0112] = 6
	photo = make_photo(content=make_picture(exif=exif))
	assert Image.open(io.BytesIO(stored(photo.file_url))).size == (40, 60)


def test_a_kept_photo_is_private_and_ones_own(town, as_user):
	with as_user(town.member):
		photo = photos.keep(taken())
	assert (photo.is_private, photo.owner, photo.attached_to_name) == (1, town.member, None)
