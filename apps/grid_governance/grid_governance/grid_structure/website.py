"""Where an account lands that may not open the desk because it holds no post."""

import frappe
from werkzeug.exceptions import abort
from werkzeug.utils import redirect

PAGE = "without_post"


def home_page_of(user: str) -> str | None:
	"""Website hook: return the page that opens for *user* outside the desk, None to leave it to the site's settings."""
	return PAGE if _has_nothing(user) else None


def lead_away_from_desk() -> None:
	"""Request hook: whoever is logged in and has no rights at all is told so, where Frappe refuses the desk."""
	request = frappe.local.request
	if (
		request.path.split("/")[1:2] == ["app"]
		and request.method == "GET"
		and _has_nothing(frappe.session.user)
	):
		abort(redirect(f"/{PAGE}"))


def _has_nothing(user: str) -> bool:
	"""Say whether *user* has no role. Accounts of portals, which do not open the desk either, have one."""
	if user in frappe.STANDARD_USERS:
		return False
	return not frappe.db.exists("Has Role", {"parent": user, "parenttype": "User"})
