frappe.listview_settings.Resident = {
	onload(listview) {
		grid_governance.people_search.show(listview);
	},
};
