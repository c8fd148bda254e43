frappe.listview_settings["Seed Record"] = {
	hide_name_column: true,
	get_indicator(doc) {
		const colors = {
			Untouched: "green",
			"Changed Here": "blue",
			"Deleted Here": "gray",
			"Update Waiting": "orange",
			"Reference Missing": "red",
			"No Longer Shipped": "gray",
		};
		return [__(doc.state), colors[doc.state], `state,=,${doc.state}`];
	},
};
