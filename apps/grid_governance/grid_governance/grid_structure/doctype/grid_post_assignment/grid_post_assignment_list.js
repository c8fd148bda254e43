frappe.listview_settings["Grid Post Assignment"] = { hide_name_column: true };
