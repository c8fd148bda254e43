"""Drawn pictures that stand for the photos before and after, attached to each issue that has them.

Several files of each scene: who opens a photo is asked for all rows of its file, so that one file for thousands of
issues would open slowly.
"""

from collections.abc import Iterator
from functools import cache
from hashlib import md5
from io import BytesIO
from pathlib import Path
from typing import Any

import frappe
from PIL import Image, ImageDraw

SIZE = (640, 480)
FIELDS = ("photo_before", "photo_after", "photo")
BEFORE, AFTER = "处置前", "处置后"
FILES = 12
"""How many files of a scene there are at most."""

NIGHT, DAY, WALL = (22, 26, 38), (176, 205, 226), (226, 220, 208)


def before(scene: str | None, path: str) -> str:
	"""Return the address of the photo of a matter of the *scene* in the grid at *path*."""
	number = int(path[-8:-4]) * 7 + int(path[-4:])
	return f"/private/files/演示-{scene or 'room'}-{number % FILES:02d}-{BEFORE}.png"


def after(url: str | None) -> str | None:
	"""Return the address of the photo of the result that belongs to the photo *url* of a matter."""
	return url.replace(BEFORE, AFTER) if url else None


def attached(doctype: str, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
	"""Write the pictures that *row* of *doctype* names and yield the values of the File rows that attach them."""
	for field in FIELDS:
		if url := row.get(field):
			content = _written(url)
			yield {
				"file_name": Path(url).name,
				"file_url": url,
				"file_size": len(content),
				"content_hash": md5(content, usedforsecurity=False).hexdigest(),
				"is_private": 1,
				"folder": "Home/Attachments",
				"attached_to_doctype": doctype,
				"attached_to_name": row["name"],
				"attached_to_field": field,
				"owner": row["owner"],
				"modified_by": row["modified_by"],
				"creation": row["modified"],
				"modified": row["modified"],
			}


def _written(url: str) -> bytes:
	path = Path(frappe.get_site_path(url.lstrip("/")))
	_prefix, scene, _number, when = path.stem.split("-")
	content = _drawn(scene, when == AFTER)
	if not path.exists():
		path.parent.mkdir(parents=True, exist_ok=True)
		path.write_bytes(content)
		frappe.db.after_rollback.add(lambda: path.unlink(missing_ok=True))
	return content


@cache
def _drawn(scene: str, settled: bool) -> bytes:
	"""Return the picture of *scene*, *settled* or not, as PNG."""
	image = {"lamp": _lamp, "rubbish": _rubbish, "road": _road, "room": _room}[scene](settled)
	made = BytesIO()
	image.save(made, "PNG", optimize=True)
	return made.getvalue()


def _lamp(lit: bool) -> Image.Image:
	"""A street lamp at night, dark or lit."""
	image = Image.new("RGB", SIZE, (44, 52, 74) if lit else NIGHT)
	draw = ImageDraw.Draw(image)
	if lit:
		draw.polygon([(250, 130), (330, 130), (520, 430), (60, 430)], fill=(120, 112, 76))
	draw.rectangle([0, 430, *SIZE], fill=(70, 72, 70) if lit else (34, 36, 38))
	draw.polygon([(420, 260), (520, 190), (620, 260)], fill=(74, 58, 52) if lit else (36, 30, 30))
	draw.rectangle([440, 260, 600, 430], fill=(96, 84, 74) if lit else (42, 38, 38))
	draw.rectangle([395, 90, 407, 430], fill=(90, 96, 104) if lit else (52, 56, 62))
	draw.rectangle([285, 84, 407, 94], fill=(90, 96, 104) if lit else (52, 56, 62))
	draw.ellipse([258, 84, 322, 132], fill=(255, 236, 168) if lit else (60, 62, 60))
	return image


def _rubbish(cleared: bool) -> Image.Image:
	"""Two bins at a wall, overflowing or cleared."""
	image, draw = _outdoors()
	for left, colour in ((180, (64, 120, 88)), (320, (72, 104, 140))):
		draw.rectangle([left, 250, left + 110, 400], fill=colour)
		draw.rectangle([left - 6, 236, left + 116, 256], fill=tuple(part - 20 for part in colour))
		if not cleared:
			for heap in range(3):
				draw.ellipse([left + heap * 34, 196, left + 50 + heap * 34, 248], fill=(120, 108, 92))
	if not cleared:
		for x, y in ((110, 398), (150, 412), (446, 400), (490, 416), (540, 402)):
			draw.ellipse([x, y - 26, x + 62, y + 16], fill=(96, 90, 84))
	return image


def _road(mended: bool) -> Image.Image:
	"""A road with a hole in it, or a fresh patch where it was."""
	image, draw = _outdoors()
	draw.polygon([(220, 250), (420, 250), (640, 480), (0, 480)], fill=(122, 122, 120))
	for y, width in ((290, 6), (340, 9), (410, 13)):
		draw.rectangle([320 - width, y, 320 + width, y + 26], fill=(222, 220, 210))
	if mended:
		draw.polygon([(186, 376), (280, 376), (262, 446), (130, 446)], fill=(84, 84, 84))
	else:
		draw.ellipse([150, 372, 282, 442], fill=(70, 62, 54))
		draw.ellipse([176, 388, 258, 428], fill=(44, 38, 34))
	return image


def _room(settled: bool) -> Image.Image:
	"""A room with a leaking pipe, or dry."""
	image = Image.new("RGB", SIZE, WALL)
	draw = ImageDraw.Draw(image)
	draw.rectangle([0, 380, *SIZE], fill=(150, 124, 100))
	draw.rectangle([70, 90, 250, 270], fill=DAY, outline=(120, 110, 100), width=8)
	draw.rectangle([430, 0, 452, 380], fill=(146, 150, 154))
	if settled:
		draw.rectangle([422, 196, 460, 232], fill=(88, 130, 170))
	else:
		for y in (216, 262, 312):
			draw.ellipse([456, y, 472, y + 24], fill=(86, 140, 190))
		draw.ellipse([400, 384, 560, 424], fill=(108, 150, 186))
	return image


def _outdoors() -> tuple[Image.Image, ImageDraw.ImageDraw]:
	image = Image.new("RGB", SIZE, DAY)
	draw = ImageDraw.Draw(image)
	draw.rectangle([0, 120, SIZE[0], 300], fill=WALL)
	draw.rectangle([0, 300, *SIZE], fill=(160, 156, 146))
	return image, draw
