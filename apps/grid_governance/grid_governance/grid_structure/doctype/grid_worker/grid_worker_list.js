frappe.listview_settings["Grid Worker"] = { hide_name_column: true };
