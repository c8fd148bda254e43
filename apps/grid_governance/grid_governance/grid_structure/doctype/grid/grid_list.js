frappe.listview_settings["Grid"] = {
	add_fields: ["status"],
	get_indicator(grid) {
		const colour = grid.status === "Active" ? "green" : "gray";
		return [__(grid.status), colour, `status,=,${grid.status}`];
	},
	hide_name_column: true,
};
