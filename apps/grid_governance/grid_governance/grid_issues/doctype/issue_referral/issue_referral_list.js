(() => {
	const { due, quick_filters } = grid_governance;

	frappe.listview_settings["Issue Referral"] = {
		add_fields: ["due_by", "workflow_state"],
		hide_name_column: true,
		hide_name_filter: true,
		moved_by_steps: true,
		second_line: due.html,
		onload: (listview) => quick_filters.show(listview),

		formatters: {
			due_by: (value, df, doc) => due.html(doc),
		},
	};
})();
