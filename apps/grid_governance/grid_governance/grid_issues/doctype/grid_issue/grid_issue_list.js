frappe.listview_settings["Grid Issue"] = {
	add_fields: ["urgency"],
	// The state's colour comes from the workflow; urgency is told by a colour of its own.
	formatters: {
		urgency(value) {
			const colour = { Urgent: "red", Complex: "purple" }[value];
			const label = frappe.utils.escape_html(__(value));
			return colour ? `<span class="indicator-pill ${colour}">${label}</span>` : label;
		},
	},
};
