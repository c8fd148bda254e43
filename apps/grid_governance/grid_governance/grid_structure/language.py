"""The language of what a background job writes."""

from typing import Any

import frappe


def speak_the_sites(*args: Any, **kwargs: Any) -> None:
	"""Let a job speak the language of the site; called before each. Frappe begins all of them in English.

	A job that writes to one person sets hers.
	"""
	frappe.local.lang = frappe.get_system_settings("language") or frappe.local.lang
