"""Markers on Frappe's own masters: what a workflow state stands for and which action the clock may take.

And on a department what it answers for, which the room of departments knows nothing of.

The markers stand on Workflow State and Workflow Action Master, not on the rows of a Workflow: the Workflow
Builder of Frappe 15.0 drops custom fields of states and transitions when it saves.
"""

CLOCK_RULES: dict[str, object] = {
	"fieldname": "clock_rules",
	"fieldtype": "Table",
	"options": "Clock Rule",
	"label": "Times for Issues",
	"insert_after": "section_break_clocks",
}

CUSTOM_FIELDS: dict[str, list[dict[str, object]]] = {
	"Workflow State": [
		{
			"fieldname": "grid_section",
			"fieldtype": "Section Break",
			"label": "Meaning for Grid Issues",
			"insert_after": "style",
		},
		{
			"fieldname": "grid_stage",
			"fieldtype": "Select",
			"label": "Issue Stage",
			"options": "\nOpen\nResolved\nFinal\nPaused",
			"insert_after": "grid_section",
			"in_list_view": 1,
			"description": "Open: being worked on. Resolved: done, not yet confirmed. Final: over and frozen. "
			"Paused: the clock stands still. Empty counts as open.",
		},
		{
			"fieldname": "grid_resolution_level",
			"fieldtype": "Link",
			"options": "Resolution Level",
			"label": "Resolution Level",
			"insert_after": "grid_stage",
			"in_list_view": 1,
			"description": "The level that acts while an issue is in this state.",
		},
		{
			"fieldname": "grid_unhandled",
			"fieldtype": "Check",
			"label": "Ended Without Handling",
			"insert_after": "grid_resolution_level",
			"description": "A final state that needs no feedback and counts in no figure of closed issues: merged, "
			"refused or withdrawn.",
		},
	],
	"Workflow Action Master": [
		{
			"fieldname": "grid_by_clock",
			"fieldtype": "Check",
			"label": "Taken by the Clock",
			"insert_after": "workflow_action_name",
			"in_list_view": 1,
			"description": "At the due time the clock takes this action where the workflow offers it.",
		},
		{
			"fieldname": "grid_needs",
			"fieldtype": "Select",
			"label": "Needs",
			"options": "\nReason\nDuplicate\nDepartments\nInstruction",
			"insert_after": "grid_by_clock",
			"in_list_view": 1,
			"description": "What whoever takes this action has to give. A result, its photo and feedback are asked for "
			"by the state it leads to.",
		},
		{
			"fieldname": "grid_reporter_only",
			"fieldtype": "Check",
			"label": "Only by the Reporter",
			"insert_after": "grid_needs",
			"description": "Offered to whoever reported the issue, and only before anyone has acted on it.",
		},
		{
			"fieldname": "grid_by_rule",
			"fieldtype": "Select",
			"label": "Taken by Rule",
			"options": "\nLead Resolved\nAll Returned\nIssue Moved On\nPause Over",
			"insert_after": "grid_reporter_only",
			"description": "Offered to nobody: an issue takes it when the department in the lead has resolved it or all "
			"departments have returned it or the time for its pauses is over, a referral when its issue has moved on "
			"without the department.",
		},
	],
	"Governance Settings": [
		{
			**CLOCK_RULES,
			"description": "Each urgency has its own time. Here stand the times that hold for a source, or for both "
			"together; whatever names the source goes before what names the urgency alone.",
		}
	],
	"Township Profile": [
		{
			**CLOCK_RULES,
			"description": "Where this township differs from the site: its times go before the site's.",
		}
	],
	"Township Department": [
		{
			"fieldname": "answers_for",
			"fieldtype": "Table MultiSelect",
			"options": "Department Category",
			"label": "Categories It Answers For",
			"insert_after": "responsibilities",
			"description": "Proposed when a matter of these categories is referred. A group stands for the categories "
			"in it that no other department names.",
		},
	],
}
"""For `create_custom_fields`, by DocType."""
