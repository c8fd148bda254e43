(() => {
	frappe.listview_settings["Issue Referral"] = {
		hide_name_column: true,
		hide_name_filter: true,
		add_fields: ["answered_at", "returned_reason"],

		formatters: {
			due_by(value, df, doc) {
				if (!value) return "";
				const moment = frappe.utils.escape_html(frappe.datetime.str_to_user(value));
				const waiting = !doc.answered_at && !doc.returned_reason;
				const late = waiting && value < frappe.datetime.now_datetime();
				return late
					? `<span class="indicator-pill red" title="${__("Late")}">${moment}</span>`
					: moment;
			},
		},
	};
})();
