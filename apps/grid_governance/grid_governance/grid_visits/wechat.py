"""What goes into a chat group: a text to paste and a picture to scan. Nothing is sent from here, nothing said there is kept."""

import base64
import io

import frappe
from frappe import _
from frappe.utils import get_url, strip_html
from PIL import Image
from pyqrcode import create

LONGEST = 400
"""Characters of a notice that are pasted; the rest is read behind the link."""

SQUARE, MARGIN = 10, 4
"""Pixels of a square of the QR code, and its empty border in squares (ISO/IEC 18004)."""


def address(public_code: str, code: str = "") -> str:
	"""Return the address of a notice's public page, with the *code* of a recipient who is to confirm it."""
	return get_url(f"/notice/{public_code}" + (f"?k={code}" if code else ""))


def text(notice: frappe._dict, link: str) -> str:
	"""Return what is pasted for *notice* (`notice_title`, `content`): title, text, *link*. It names nobody."""
	words = strip_html(notice.content or "").strip()
	if len(words) > LONGEST:
		words = words[: LONGEST - 1].rstrip() + "…"
	return "\n".join((_("[{0}]").format(notice.notice_title), words, _("Read and confirm: {0}").format(link)))


def picture(link: str) -> str:
	"""Return the QR code of *link* as the address of a PNG picture that holds itself."""
	rows = create(link, error="M").code
	side = len(rows) + 2 * MARGIN
	image = Image.new("1", (side, side), 1)
	for y, row in enumerate(rows, MARGIN):
		for x, dark in enumerate(row, MARGIN):
			if dark:
				image.putpixel((x, y), 0)
	file = io.BytesIO()
	image.resize((side * SQUARE, side * SQUARE)).save(file, "PNG")
	return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
