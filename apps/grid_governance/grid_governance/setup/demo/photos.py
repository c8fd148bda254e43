"""Two drawn pictures that stand for the photos before and after, attached to each issue that has them."""

from hashlib import md5
from pathlib import Path
from random import Random

import frappe
from frappe.model.document import Document
from PIL import Image, ImageDraw

BEFORE, AFTER = "/private/files/演示-现场照片.png", "/private/files/演示-处置后照片.png"
SIZE = (640, 480)
FIELDS = {"photo_before": BEFORE, "photo_after": AFTER}


def attached(issues: list[Document], random: Random) -> list[Document]:
	"""Write the pictures and return the File rows that attach them wherever *issues* name them."""
	content = {url: _written(url) for url in FIELDS.values()}
	return [
		_file(issue, field, content[url], random)
		for issue in issues
		for field, url in FIELDS.items()
		if issue.get(field) == url
	]


def _file(issue: Document, field: str, content: bytes, random: Random) -> Document:
	url = FIELDS[field]
	row = frappe.new_doc(
		"File",
		file_name=Path(url).name,
		file_url=url,
		file_size=len(content),
		content_hash=md5(content, usedforsecurity=False).hexdigest(),
		is_private=1,
		folder="Home/Attachments",
		attached_to_doctype=issue.doctype,
		attached_to_name=issue.name,
		attached_to_field=field,
	)
	row.name = f"{random.getrandbits(40):010x}"
	row.owner, row.modified_by = issue.owner, issue.modified_by
	row.creation = row.modified = issue.modified
	return row


def _written(url: str) -> bytes:
	path = Path(frappe.get_site_path(url.lstrip("/")))
	if not path.exists():
		path.parent.mkdir(parents=True, exist_ok=True)
		_draw(lit=url == AFTER).save(path, optimize=True)
		frappe.db.after_rollback.add(lambda: path.unlink(missing_ok=True))
	return path.read_bytes()


def _draw(lit: bool) -> Image.Image:
	"""Draw a street lamp at night, dark or lit."""
	image = Image.new("RGB", SIZE, (44, 52, 74) if lit else (22, 26, 38))
	draw = ImageDraw.Draw(image)
	if lit:
		draw.polygon([(250, 130), (330, 130), (520, 430), (60, 430)], fill=(120, 112, 76))
	draw.rectangle([0, 430, SIZE[0], SIZE[1]], fill=(70, 72, 70) if lit else (34, 36, 38))
	draw.polygon([(420, 260), (520, 190), (620, 260)], fill=(74, 58, 52) if lit else (36, 30, 30))
	draw.rectangle([440, 260, 600, 430], fill=(96, 84, 74) if lit else (42, 38, 38))
	draw.rectangle([395, 90, 407, 430], fill=(90, 96, 104) if lit else (52, 56, 62))
	draw.rectangle([285, 84, 407, 94], fill=(90, 96, 104) if lit else (52, 56, 62))
	draw.ellipse([258, 84, 322, 132], fill=(255, 236, 168) if lit else (60, 62, 60))
	return image
