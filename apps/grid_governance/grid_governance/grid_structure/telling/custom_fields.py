"""Markers on Frappe's Notification: when it is told, and to whoever acts next; `setup` creates them."""

from grid_governance.grid_structure.telling.rules import TIMES

TIME = "grid_told"
ACTS_NEXT = "grid_acts_next"

CUSTOM_FIELDS: dict[str, list[dict[str, object]]] = {
	"Notification": [
		{
			"fieldname": TIME,
			"fieldtype": "Select",
			"label": "When Told",
			"options": "\n".join(("", *TIMES)),
			"insert_after": "channel",
			"description": "For records that lie in a grid; empty counts as at once. Each urgency says whether it is told at once; when the "
			"daily digest goes out stands in the Governance Settings.",
		},
	],
	"Notification Recipient": [
		{
			"fieldname": ACTS_NEXT,
			"fieldtype": "Check",
			"label": "Whoever Acts Next",
			"insert_after": "receiver_by_role",
			"in_list_view": 1,
			"description": "Those whose post, where the record lies, gives the role that the workflow lets edit in its "
			"state.",
		},
	],
}
"""For `create_custom_fields`, by DocType."""
