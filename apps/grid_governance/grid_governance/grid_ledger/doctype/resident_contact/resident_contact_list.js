frappe.listview_settings["Resident Contact"] = {
	add_fields: ["resident", "kind", "phone", "of_whom", "is_main"],
	hide_name_column: true,
	hide_name_filter: true,

	get_indicator: ({ is_main, kind }) =>
		is_main ? [__("First to Call"), "green", "is_main,=,1"] : [__(kind), "gray", `kind,=,${kind}`],

	second_line: ({ kind, of_whom, phone }) =>
		[__(kind), of_whom, phone]
			.filter(Boolean)
			.map((each) => frappe.utils.escape_html(String(each)))
			.join(" · "),
};
