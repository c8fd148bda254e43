frappe.listview_settings["Seed Record"] = {
	hide_name_column: true,
	filters: [["state", "!=", "Untouched"]],
	onload(listview) {
		frappe
			.xcall("grid_governance.grid_structure.doctype.seed_record.seed_record.look_again")
			.then(() => listview.refresh());
	},
	get_indicator(doc) {
		const colors = {
			Untouched: "green",
			"Changed Here": "blue",
			"Deleted Here": "gray",
			"Update Waiting": "orange",
			"Reference Missing": "red",
			"Could Not Be Written": "red",
			"No Longer Shipped": "orange",
		};
		return [__(doc.state), colors[doc.state], `state,=,${doc.state}`];
	},
};
