frappe.listview_settings["Personal Data Request"] = {
	add_fields: ["status", "due_by"],
	hide_name_column: true,
	has_indicator_for_draft: true,

	get_indicator({ status, due_by }) {
		if (status === "Answered") return [__("Answered"), "green", "status,=,Answered"];
		if (status === "Refused") return [__("Refused"), "gray", "status,=,Refused"];
		const today = frappe.datetime.get_today();
		return due_by < today
			? [__("Late"), "red", `status,=,To Be Answered|due_by,<,${today}`]
			: [__("To Be Answered"), "orange", "status,=,To Be Answered"];
	},
};
