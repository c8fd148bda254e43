frappe.listview_settings["Role Home"] = {
	formatters: {
		role: (value) => frappe.utils.escape_html(__(value)),
		workspace: (value) => frappe.utils.escape_html(__(value)),
	},
};
