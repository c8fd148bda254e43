"""What an account without any right to the desk opens: it says so, and what to do about it."""

import frappe

no_cache = 1


def get_context(context: frappe._dict) -> None:
	"""Fill the page /without_post."""
	context.title = frappe._("Grid Governance")
	context.no_header = 1
	context.metatags = {"robots": "noindex"}
