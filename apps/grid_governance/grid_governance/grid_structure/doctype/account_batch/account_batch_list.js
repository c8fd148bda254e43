frappe.listview_settings["Account Batch"] = {
	get_indicator(batch) {
		const colours = { Waiting: "gray", Running: "blue", Done: "green", Failed: "red" };
		return [__(batch.status), colours[batch.status], `status,=,${batch.status}`];
	},
};
