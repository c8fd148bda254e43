"""A matter reported from the doorstep: five taps and a photo, and nothing lost on the way."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.screen import Screen, until

pytestmark = pytest.mark.commits

HERE = {"latitude": 31.230416, "longitude": 121.473701}
CAMERA = "camera-of-a-phone"
LAMP = "issue_category/0101"
PATIENTLY = 60_000


@pytest.fixture
def member(township):
	return township.holder("Grid Member")


@pytest.fixture
def large_photo(tmp_path: Path) -> Path:
	"""A photo as a phone takes it: larger than needed, with the camera's data."""
	exif = Image.Exif()
	exif[0x010F] = CAMERA
	path = tmp_path / "photo.jpg"
	Image.effect_noise((2400, 1800), 60).convert("RGB").save(path, "JPEG", exif=exif)
	return path


@pytest.fixture
def reports(records) -> Iterator[Callable[[str], list[dict]]]:
	"""`reports("井边")`: the issues reported with this exact place."""
	yield lambda place: records.rows("Grid Issue", {"location_note": place}, "*")


def opened(phone, member) -> Screen:
	screen = phone(member)
	screen.go("report-issue")
	screen.page.locator(".report-send").wait_for()
	screen.settle()
	return screen


def filled(screen: Screen, records, place: str) -> None:
	"""A category and a place, and the draft of both kept."""
	with screen.page.expect_response("**/grid_governance.grid_issues.duplicates.near"):
		screen.tap(_category(screen, records))
	screen.page.fill("[data-fieldname='location_note'].form-control", place)
	kept = "grid_governance.drafts.find('report').then((draft) => draft?.location_note)"
	until(lambda: screen.page.evaluate(kept) == place, screen.page)


def test_five_taps_and_one_photo(member, phone, records, large_photo):
	screen = phone(member)
	page = screen.page
	page.context.grant_permissions(["geolocation"])
	page.context.set_geolocation({**HERE, "accuracy": 12})
	before = {row["name"] for row in records.rows("Grid Issue", {"owner": member.user})}
	taps = []

	def tap(target) -> None:
		taps.append(target)
		screen.tap(target)

	tap(page.locator(".shortcut-widget-box", has_text="上报事项").first)
	page.locator(".report-send").wait_for()
	screen.look("report-empty")

	with page.expect_file_chooser() as chooser:
		tap(page.locator("[data-action='camera']"))
	assert chooser.value.element.get_attribute("capture") == "environment", "the camera opens at once"
	chooser.value.set_files(large_photo)
	shown = page.locator(".report-picture")
	shown.wait_for()
	until(lambda: shown.evaluate("image => image.naturalWidth"), page)
	assert shown.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [1600, 1200]

	most_reported = page.locator("[data-category]").first
	category = most_reported.get_attribute("data-category")
	tap(most_reported)
	tap(page.locator("[data-action='locate']"))
	page.locator("[data-action='locate'].btn-success").wait_for()
	screen.look("report-filled")
	screen.shot("report-filled-whole", whole=True)

	tap(page.locator(".report-send"))
	page.locator(".report-done").wait_for(timeout=PATIENTLY)
	screen.look("report-done")
	assert len(taps) == 5

	(row,) = (
		row for row in records.rows("Grid Issue", {"owner": member.user}, "*") if row["name"] not in before
	)
	proposed = records.one("Issue Category", {"name": category}, "default_urgency")["default_urgency"]
	assert (row["category"], row["urgency"], row["grid"]) == (category, proposed, member.grid)
	assert (row["latitude"], row["longitude"]) == (HERE["latitude"], HERE["longitude"])
	assert member.grid_name in row["title"]
	files = records.rows("File", {"attached_to_name": row["name"]}, "name", "file_url", "is_private")
	assert [(file["file_url"], file["is_private"]) for file in files] == [(row["photo_before"], 1)]
	assert _bare(files[0]["name"])
	log = records.rows("Issue Log", {"issue": row["name"]}, "from_state", "to_state", "by_user")
	assert [tuple(line.values()) for line in log] == [(None, row["workflow_state"], member.user)]


def test_without_a_connection_it_waits_and_goes_by_itself(member, phone, records, reports):
	screen = opened(phone, member)
	place = "桥头第二户门前"
	filled(screen, records, place)
	screen.allow("ERR_INTERNET_DISCONNECTED")
	screen.allow("script: Error: ")
	screen.page.context.set_offline(True)
	screen.tap(screen.page.locator(".report-send"))
	screen.page.get_by_text("网络不通", exact=False).wait_for()
	screen.shot("report-no-connection")
	assert reports(place) == []
	screen.page.context.set_offline(False)
	screen.page.locator(".report-done").wait_for(timeout=PATIENTLY)
	assert len(reports(place)) == 1


def test_when_the_answer_is_lost_it_is_not_reported_twice(member, phone, records, reports):
	screen = opened(phone, member)
	place = "小学东墙外"
	filled(screen, records, place)
	screen.allow("ERR_FAILED")

	def lose(route) -> None:
		route.fetch()
		route.abort()

	where = "**/api/method/grid_governance.grid_issues.doorstep.report"
	screen.page.route(where, lose)
	screen.tap(screen.page.locator(".report-send"))
	screen.page.get_by_text("网络不通", exact=False).wait_for(timeout=PATIENTLY)
	(made,) = reports(place)
	screen.page.unroute(where)
	screen.tap(screen.page.locator(".report-send"))
	screen.page.locator(".report-done").wait_for(timeout=PATIENTLY)
	assert made["name"] in screen.page.locator(".report-done").inner_text()
	assert len(reports(place)) == 1
	assert _draft(screen) is None


def test_an_expired_session_keeps_what_was_entered_and_for_her_alone(
	member, township, phone, records, reports, large_photo
):
	screen = opened(phone, member)
	page = screen.page
	place = "村口公交站牌下"
	with page.expect_file_chooser() as chooser:
		screen.tap(page.locator("[data-action='camera']"))
	chooser.value.set_files(large_photo)
	page.locator(".report-picture").wait_for()
	filled(screen, records, place)

	screen.allow("403")
	page.context.clear_cookies()
	screen.tap(page.locator(".report-send"))
	page.get_by_text("登录已失效", exact=False).wait_for()
	screen.shot("report-signed-out")
	assert reports(place) == []
	assert page.locator(".report-message a").get_attribute("href").startswith("/login?redirect-to=")

	stranger = township.stranger(member)
	_sign_out(screen)
	screen.login(stranger.user, stranger.password)
	screen.go("report-issue")
	page.locator(".report-send").wait_for()
	assert not page.locator(".report-offer").count(), "another user of the phone is offered nothing of hers"
	assert _draft(screen) is None

	_sign_out(screen)
	screen.login(member.user, member.password)
	screen.go("report-issue")
	offer = page.locator(".report-offer")
	offer.wait_for()
	assert place in offer.inner_text()
	screen.look("report-offered")
	screen.tap(offer.locator(".btn-primary"))
	page.locator(".report-picture").wait_for()
	assert page.input_value("[data-fieldname='location_note'].form-control") == place
	screen.tap(page.locator(".report-send"))
	page.locator(".report-done").wait_for(timeout=PATIENTLY)
	(row,) = reports(place)
	assert row["photo_before"] and row["owner"] == member.user
	assert _draft(screen) is None


def test_attaching_to_a_new_form_does_not_save_it(member, phone, records, picture):
	screen = phone(member)
	screen.go("grid-issue/new")
	screen.attach("photo_before", picture("井盖松动"))
	assert screen.page.evaluate("[cur_frm.is_new(), !!cur_frm.doc.photo_before]") == [1, True]


def _category(screen: Screen, records):
	name = records.seeded(LAMP)
	button = screen.page.locator(f"[data-category='{name}']").first
	if not button.count():
		screen.tap(screen.page.get_by_text("全部类别", exact=True))
	return button


def _sign_out(screen: Screen) -> None:
	"""Leave the page first, so that no late answer signs in again."""
	screen.page.goto("about:blank")
	screen.page.context.clear_cookies()


def _draft(screen: Screen) -> object:
	return screen.page.evaluate("grid_governance.drafts.find('report').then((draft) => draft ?? null)")


def _bare(file: str) -> bool:
	"""Whether a stored photo has nothing of the camera's and is shrunk."""
	import frappe

	content = frappe.get_doc("File", file).get_content()
	return CAMERA.encode() not in content and max(Image.open(io.BytesIO(content)).size) == 1600
