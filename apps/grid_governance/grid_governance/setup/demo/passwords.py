"""Passwords of demo accounts, made from the site's own key."""

import base64
import hashlib
import hmac

from frappe.utils.password import get_encryption_key

CHARACTERS = 12


def password(user: str) -> str:
	"""Return the password given to the demo account *user*: never the same on two sites."""
	key = hmac.new(get_encryption_key().encode(), f"demo:{user}".encode(), hashlib.sha256).digest()
	text = base64.b32encode(key).decode().lower()[:CHARACTERS]
	return "-".join(text[at : at + 4] for at in range(0, len(text), 4))
