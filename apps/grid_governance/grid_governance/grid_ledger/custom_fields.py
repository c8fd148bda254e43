"""What the ledger adds to DocTypes of rooms that know nothing of it: the skills of those who serve the grids."""

CUSTOM_FIELDS: dict[str, list[dict[str, object]]] = {
	"Grid Worker": [
		{
			"fieldname": "skills",
			"fieldtype": "Table MultiSelect",
			"options": "Resident Skill",
			"label": "Skills",
			"insert_after": "employer",
		},
	],
}
"""For `create_custom_fields`, by DocType."""
