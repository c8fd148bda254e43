"""The codes by which somebody confirms a notice without a log-in.

A code is 15 bytes as 24 characters of base32: 3 that say which notice, 12 of an HMAC over the recipient. The name of
the delivery is made from the code by a hash: whoever has the code finds the row by its primary key, who reads names of
rows learns no code. Nothing of a code is stored; it is made anew from the site's key.
"""

import base64
import binascii
import hashlib
import hmac

from frappe.utils.password import get_encryption_key

TAG, MAC = 3, 12
"""Bytes of a code: which notice, and whether it is genuine."""

NAME_DIGITS = 14
"""Hexadecimal digits of a delivery's name after those of the notice."""

BLOCK = 64
"""Bytes of a block of SHA-256 (RFC 2104)."""

MISREAD = str.maketrans("018", "OIB", " -\t\r\n")
"""Digits that base32 has not, as what they were read for; and what people put between the characters."""


def code_of(notice: str, household: str, resident: str | None = "") -> str:
	"""Return the code of the delivery of *notice* to *household*, or to the *resident* of it."""
	text = f"{household}/{resident or ''}".encode()
	mac = hmac.digest(notice_key(notice), text, "sha256")[:MAC]
	return base64.b32encode(tag(notice) + mac).decode()


def name_for(code: str) -> str | None:
	"""Return the name of the delivery that *code* (as people type it) belongs to, None where it is no code at all."""
	raw = _raw(code)
	return raw[:TAG].hex() + hashlib.sha256(raw[TAG:]).hexdigest()[:NAME_DIGITS] if raw else None


def is_genuine(code: str, notice: str, household: str, resident: str | None = "") -> bool:
	"""Say whether *code* is the one of this delivery; takes as long for every wrong one."""
	raw = _raw(code)
	return bool(raw) and hmac.compare_digest(raw, base64.b32decode(code_of(notice, household, resident)))


def tag(notice: str) -> bytes:
	"""Return the bytes with which the codes, and as digits the names, of *notice* begin."""
	return hashlib.sha256(notice.encode()).digest()[:TAG]


def notice_key(notice: str) -> bytes:
	"""Return the key of *notice*: what is made with it opens no other notice."""
	site = hashlib.sha256(b"grid-governance notice codes:" + get_encryption_key().encode()).digest()
	return hmac.digest(site, notice.encode(), "sha256")


def pads(notice: str) -> tuple[str, str]:
	"""Return the inner and the outer key of the HMAC as hexadecimal digits, for SQL (RFC 2104)."""
	key = notice_key(notice).ljust(BLOCK, b"\0")
	return bytes(byte ^ 0x36 for byte in key).hex(), bytes(byte ^ 0x5C for byte in key).hex()


def _raw(code: str) -> bytes | None:
	try:
		raw = base64.b32decode((code or "").upper().translate(MISREAD))
	except (binascii.Error, ValueError):
		return None
	return raw if len(raw) == TAG + MAC else None
