"""What is sent as a photo is one, or is refused in Chinese: no script, no bomb, no lie about its type, no place."""

import io
import re
import struct
import zlib
from pathlib import Path

import frappe
import pytest
from PIL import Image

from tests.web import Answer, call, request

ISSUE = "Grid Issue"
CHINESE = re.compile("[一-鿿]")
GPS = 0x8825
SCRIPT = b"<script>alert(1)</script>"


def picture(kind: str, **saved: object) -> bytes:
	written = io.BytesIO()
	Image.new("RGB", (40, 30), "red").save(written, kind, **saved)
	return written.getvalue()


def placed() -> Image.Exif:
	"""What a phone writes beside a photo: its maker and where it was."""
	exif = Image.Exif()
	exif[0x010F] = "MAKER-OF-THE-PHONE"
	exif.get_ifd(GPS).update({1: "N", 2: (30.0, 15.0, 7.0), 3: "E", 4: (120.0, 9.0, 4.0)})
	return exif


def bomb() -> bytes:
	"""A PNG of a few bytes that says it is 60,000 pixels wide and high."""

	def chunk(kind: bytes, content: bytes) -> bytes:
		return (
			struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
		)

	head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
	return (
		b"\x89PNG\r\n\x1a\n"
		+ chunk(b"IHDR", head)
		+ chunk(b"IDAT", zlib.compress(b"0"))
		+ chunk(b"IEND", b"")
	)


NO_PICTURES = {
	"script.jpg": SCRIPT,
	"page.html": b"<html><body onload=alert(1)></body></html>",
	"drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
	"drawing.png": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
	"bomb.png": bomb(),
	"bomb.jpg": bomb(),
	"apple.heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 64,
	"broken.jpg": picture("JPEG")[:30],
	"empty.jpg": b"",
}
LIES = {
	"gif.jpg": picture("GIF"),
	"polyglot.jpg": picture("JPEG") + SCRIPT,
	"commented.jpg": picture("JPEG", comment=SCRIPT),
	"polyglot.png": picture("PNG") + SCRIPT,
	"picture.html": picture("PNG"),
	"picture.jpg.svg": picture("JPEG"),
	"照片 名.jpg": picture("JPEG"),
}
WITH_PLACE = {
	"here.jpg": picture("JPEG", exif=placed()),
	"here.png": picture("PNG", exif=placed()),
	"here.webp": picture("WEBP", exif=placed()),
	"here.heic": picture("JPEG", exif=placed()),
}


def upload(world: frappe._dict, name: str, content: bytes, **given: object) -> Answer:
	sent = {"doctype": ISSUE, "docname": "new-grid-issue-7", "fieldname": "photo_before", "is_private": "0"}
	return call(world.member, "upload_file", files={"file": (name, content)}, **{**sent, **given})


def report(world: frappe._dict, photo: str) -> Answer:
	return request(
		world.member,
		"POST",
		f"/api/resource/{ISSUE}",
		title="路灯不亮",
		category=world.category,
		grid=world.grid,
		photo_before=photo,
	)


def stored(world: frappe._dict, sent: Answer) -> tuple[str, bytes]:
	"""Report an issue with the photo *sent*; return its address and what a browser gets there."""
	assert sent.status == 200, sent.fault or sent.text
	made = report(world, sent.message["file_url"])
	assert made.status == 200, made.fault or made.text
	url = made.message["photo_before"]
	got = request(world.member, "GET", url)
	assert got.status == 200, url
	assert got.headers["Content-Type"] in ("image/jpeg", "image/png", "image/webp")
	assert got.headers["X-Content-Type-Options"] == "nosniff"
	return url, got.body


@pytest.mark.parametrize("name", NO_PICTURES)
def test_what_is_no_picture_is_refused(world, name):
	answer = upload(world, name, NO_PICTURES[name])
	if not answer.refused:  # nothing to look at yet; then the issue does not take it
		answer = report(world, answer.message["file_url"])
	assert answer.refused
	assert answer.status < 500, answer.fault
	assert CHINESE.search(answer.told), answer.text


@pytest.mark.parametrize("name", NO_PICTURES)
def test_nor_does_it_come_in_without_an_issue(world, name):
	"""A dialog sends its photo before it says what for."""
	answer = upload(
		world,
		f"{frappe.generate_hash(length=6)}{name}",
		NO_PICTURES[name],
		doctype="",
		docname="",
		fieldname="",
	)
	if not answer.refused:
		answer = report(world, answer.message["file_url"])
	assert answer.refused
	assert answer.status < 500, answer.fault


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_made_harmless(world, name):
	url, content = stored(world, upload(world, name, LIES[name]))
	assert url.startswith("/private/files/")
	assert url.endswith((".jpg", ".jpeg", ".png", ".webp"))
	assert (
		Path(frappe.get_site_path(url.lstrip("/")))
		.resolve()
		.is_relative_to(Path(frappe.get_site_path("private", "files")).resolve())
	)
	assert SCRIPT not in content
	assert Image.open(io.BytesIO(content)).size == (40, 30)


@pytest.mark.parametrize(
	"name", ["../../../etc/passwd.jpg", "..\\..\\up.jpg", "/etc/passwd.jpg", "a/../../b.jpg"]
)
def test_a_name_leads_nowhere(world, name):
	sent = upload(world, name, picture("JPEG"))
	if sent.refused:
		assert sent.status < 500, sent.fault
		return
	url, _content = stored(world, sent)
	home = Path(frappe.get_site_path("private", "files")).resolve()
	assert Path(frappe.get_site_path(url.lstrip("/"))).resolve().parent == home


@pytest.mark.parametrize("field", ["photo_before", ""])
@pytest.mark.parametrize("name", WITH_PLACE)
def test_no_stored_byte_tells_where_it_was_taken(world, name, field):
	assert b"MAKER-OF-THE-PHONE" in WITH_PLACE[name]
	_url, content = stored(world, upload(world, name, WITH_PLACE[name], fieldname=field))
	image = Image.open(io.BytesIO(content))
	assert not image.getexif()
	assert "exif" not in image.info
	assert b"MAKER-OF-THE-PHONE" not in content


def test_too_much_is_not_taken(world):
	answer = upload(world, "huge.jpg", picture("JPEG") + b"\0" * (50 * 1024 * 1024))
	assert answer.status == 413


@pytest.mark.parametrize("ending", ["html", "xhtml", "svgz", "xml", "js", "mhtml"])
def test_a_file_beside_the_photos_opens_no_page(world, ending):
	"""Other papers may hang on an issue; what could run is downloaded."""
	page = b"<html xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></html>"
	sent = upload(world, f"paper.{ending}", page, docname=world.issue, fieldname="")
	if sent.refused:
		assert sent.status < 500, sent.fault
		return
	url = sent.message["file_url"]
	assert url.startswith("/private/files/")
	got = request(world.member, "GET", url)
	assert got.status == 200
	assert got.headers["X-Content-Type-Options"] == "nosniff"
	assert got.headers["Content-Disposition"].startswith("attachment")
