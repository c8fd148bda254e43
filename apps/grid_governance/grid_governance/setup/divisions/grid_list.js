frappe.listview_settings["Grid"] = Object.assign(frappe.listview_settings["Grid"] || {}, {
	onload(list) {
		grid_governance.divisions.add_import_button(list.page, () => list.refresh());
	},
});
