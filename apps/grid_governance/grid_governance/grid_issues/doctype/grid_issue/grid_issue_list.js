(() => {
	const { due, quick_filters } = grid_governance;

	frappe.listview_settings["Grid Issue"] = {
		add_fields: ["urgency", "due_by", "workflow_state"],
		hide_name_column: true,
		hide_name_filter: true,
		moved_by_steps: true,
		points_method: "grid_governance.grid_issues.views.points",
		second_line: due.html,

		onload(listview) {
			offer_urge(listview);
			return quick_filters.show(listview);
		},

		// The state's colour comes from the workflow; urgency is told by a colour of its own.
		formatters: {
			urgency(value) {
				const colour = grid_governance.urgency.colour(value);
				const label = frappe.utils.escape_html(grid_governance.urgency.label(value));
				return colour ? `<span class="indicator-pill ${colour}">${label}</span>` : label;
			},

			due_by: (value, df, doc) => due.html(doc),
		},
	};

	// Those who stand above may urge what is ticked.
	async function offer_urge(listview) {
		if (!(await frappe.xcall("grid_governance.grid_issues.supervision.supervises"))) return;
		listview.page.add_actions_menu_item(
			__("Urge"),
			() => {
				const issues = listview.get_checked_items(true);
				grid_governance.supervision.urge(issues, () => {
					listview.clear_checked_items();
					listview.refresh();
				});
			},
			true
		);
	}
})();
