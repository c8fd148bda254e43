frappe.ui.form.on("Issue Category", {
	setup(frm) {
		frm.set_query("default_urgency", () => ({ filters: { active: 1 } }));
		frm.fields_dict.default_urgency.df.filter_description = __("Urgencies in use");
	},
});
