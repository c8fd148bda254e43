"""The public privacy notice of a township (PIPL Art. 17): /privacy, or /privacy/<code> where there are several."""

import frappe
from frappe import _

from grid_governance.grid_ledger.queries import notices

no_cache = 1


def get_context(context: frappe._dict) -> None:
	"""Fill the page. Raises PageDoesNotExistError for a code that names no township of this site."""
	places = notices.published()
	code = frappe.form_dict.code
	if code and code not in {place.name for place in places}:
		raise frappe.PageDoesNotExistError
	if not code and len(places) == 1:
		code = places[0].name
	context.notice = notices.privacy_notice(code)
	context.places = [] if code else places
	context.title = _("How We Handle Personal Data")
	context.no_header = 1
