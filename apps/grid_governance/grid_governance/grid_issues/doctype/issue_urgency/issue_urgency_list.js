frappe.listview_settings["Issue Urgency"] = {
	hide_name_column: true,
	hide_name_filter: true,
	formatters: {
		urgency_name(value, df, { indicator }) {
			const label = frappe.utils.escape_html(value);
			return indicator ? `<span class="indicator-pill ${indicator}">${label}</span>` : label;
		},
	},
	add_fields: ["indicator"],
};
