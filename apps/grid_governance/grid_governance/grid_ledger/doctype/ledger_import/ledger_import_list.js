frappe.listview_settings["Ledger Import"] = {
	hide_name_column: true,
	hide_name_filter: true,
	add_fields: ["rows_to_decide"],
	get_indicator({ state }) {
		const colours = {
			Draft: "gray",
			"Columns to Confirm": "orange",
			Checking: "blue",
			Checked: "orange",
			Writing: "blue",
			Done: "green",
			Stopped: "red",
			Cancelled: "gray",
			Failed: "red",
		};
		return [__(state), colours[state], `state,=,${state}`];
	},
};
