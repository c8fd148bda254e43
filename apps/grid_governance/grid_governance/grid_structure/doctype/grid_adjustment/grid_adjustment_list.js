frappe.listview_settings["Grid Adjustment"] = { hide_name_column: true };
