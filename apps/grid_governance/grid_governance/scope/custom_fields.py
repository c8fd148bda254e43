"""Markers on Frappe's Role that scope goes by; `setup` creates them."""

BY_POST = "grid_by_post"
SITE_WIDE = "grid_site_wide"

CUSTOM_FIELDS = {
	"Role": [
		{
			"fieldname": BY_POST,
			"fieldtype": "Check",
			"label": "Given by Posts",
			"description": "A grid post may give this role; it then holds in the grid of the post only.",
			"insert_after": "two_factor_auth",
		},
		{
			"fieldname": SITE_WIDE,
			"fieldtype": "Check",
			"label": "Holds in Every Grid",
			"description": "Whoever has this role has its rights in all grids of the site.",
			"insert_after": BY_POST,
		},
	]
}
