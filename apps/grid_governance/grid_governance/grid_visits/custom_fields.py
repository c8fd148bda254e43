"""Markers on Frappe's own masters: what a workflow state means for notices."""

CUSTOM_FIELDS: dict[str, list[dict[str, object]]] = {
	"Workflow State": [
		{
			"fieldname": "grid_notice_stage",
			"fieldtype": "Select",
			"label": "Notice Stage",
			"options": "\nDraft\nApproval\nSending\nSent\nReached Everybody\nExpired\nWithdrawn",
			"insert_after": "grid_unhandled",
			"description": "What the state means for a notice. Reached Everybody when it has been confirmed or told everywhere, "
			"Expired when its last day is over; the system takes these steps by itself. Empty counts as Draft.",
		},
	],
}
"""For `create_custom_fields`, by DocType."""
