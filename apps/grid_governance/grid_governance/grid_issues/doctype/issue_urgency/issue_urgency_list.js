frappe.listview_settings["Issue Urgency"] = {
	hide_name_column: true,
	hide_name_filter: true,
};
