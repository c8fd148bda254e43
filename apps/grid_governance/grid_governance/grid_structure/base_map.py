"""The base map below the points of issues: an address of tiles of the site's own choice, or none."""

import frappe
from frappe import _
from frappe.model.document import Document

from grid_governance.grid_structure import rules

FIELDS = ("map_tile_url", "map_tile_servers", "map_tile_system", "map_attribution")


class BaseMapAddressError(frappe.ValidationError):
	"""The address of the base map is none that tiles can be read from."""


def check(settings: Document) -> None:
	"""Refuse an address of tiles that is none. Raises BaseMapAddressError, which says what is missing."""
	settings.map_tile_url = (settings.map_tile_url or "").strip()
	settings.map_tile_servers = (settings.map_tile_servers or "").strip()
	if not settings.map_tile_url:
		return
	if not rules.is_tile_address(settings.map_tile_url):
		frappe.throw(
			_(
				"The address of the base map begins with https://, http:// or /, has no blanks, and has {0}, {1} and {2} in it."
			).format("{z}", "{x}", "{y}"),
			BaseMapAddressError,
		)
	if "{s}" in settings.map_tile_url and not settings.map_tile_servers:
		frappe.throw(
			_("The address of the base map has {0} in it: name the servers that it stands for.").format(
				"{s}"
			),
			BaseMapAddressError,
		)


def show_change(settings: Document) -> None:
	"""Let everyone's desk read a changed base map when it is opened next."""
	if any(settings.has_value_changed(field) for field in FIELDS):
		frappe.cache.delete_key("bootinfo")


def extend_boot(bootinfo: frappe._dict) -> None:
	"""Boot hook: tell the desk the base map as `map_tiles`: `url`, `servers`, `system`, `attribution`; empty for none."""
	url, servers, system, attribution = (
		frappe.db.get_single_value("Governance Settings", field) for field in FIELDS
	)
	bootinfo.map_tiles = (
		{"url": url, "servers": servers, "system": system, "attribution": attribution} if url else {}
	)
