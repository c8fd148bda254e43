"""Frappe's log-in page, which also says whom to ask for a forgotten password."""

import frappe
from frappe.www import login

no_cache = True


def get_context(context: frappe._dict) -> frappe._dict:
	"""Fill the page as Frappe does. `can_mail`: whether the site sends e-mail, and so a link to a new password."""
	context = login.get_context(context)
	context.can_mail = bool(frappe.db.exists("Email Account", {"enable_outgoing": 1, "default_outgoing": 1}))
	return context
