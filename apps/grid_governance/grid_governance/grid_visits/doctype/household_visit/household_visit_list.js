frappe.listview_settings["Household Visit"] = {
	get_indicator({ outcome }) {
		if (outcome === "Taken Back") return [__("Taken Back"), "gray", "outcome,=,Taken Back"];
	},
};
