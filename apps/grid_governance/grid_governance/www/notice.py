"""The public page of a notice, /notice/<code>, with the button by which a recipient confirms it (?k=<her code>)."""

import frappe

from grid_governance.grid_visits.notices import public

no_cache = 1


def get_context(context: frappe._dict) -> None:
	"""Fill the page. Raises PageDoesNotExistError for a code of no notice that went out."""
	given = frappe.form_dict
	notice = public.shown(given.code)
	if not notice:
		raise frappe.PageDoesNotExistError
	context.notice = notice
	context.public_code = given.code
	context.code = given.k if isinstance(given.k, str) else ""
	context.said = given.said if given.said in public.SAID else ""
	context.csrf_token = frappe.local.session.data.csrf_token or ""
	context.title = notice.title
	context.no_header = 1
	context.metatags = {"robots": "noindex", "referrer": "no-referrer"}
