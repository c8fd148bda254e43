(() => {
	frappe.listview_settings["Grid Issue"] = {
		add_fields: ["urgency", "resolved_at", "closed_at"],
		hide_name_column: true,
		hide_name_filter: true,

		onload(listview) {
			// On a phone the filters stand in two columns, so that the issues come into sight.
			if (frappe.is_mobile()) {
				listview.page.page_form.find(".standard-filter-section").css({ flexWrap: "wrap" });
				listview.page.page_form.find(".frappe-control").css({ flex: "1 1 40%", maxWidth: "50%" });
			}
		},

		// The state's colour comes from the workflow; urgency is told by a colour of its own.
		formatters: {
			urgency(value) {
				const colour = { Urgent: "red", Complex: "purple" }[value];
				const label = frappe.utils.escape_html(__(value));
				return colour ? `<span class="indicator-pill ${colour}">${label}</span>` : label;
			},

			due_by(value, df, doc) {
				if (!value) return "";
				const whole = frappe.utils.escape_html(frappe.datetime.str_to_user(value));
				const now = frappe.datetime.now_datetime();
				// The year is left out while it goes without saying: a column has room for day and hour.
				const shown = value.slice(0, 4) === now.slice(0, 4) ? value.slice(5, 16) : value.slice(0, 10);
				const late = !doc.resolved_at && !doc.closed_at && value < now;
				return late
					? `<span class="indicator-pill red" title="${__("Late")} ${whole}">${shown}</span>`
					: `<span title="${whole}">${shown}</span>`;
			},
		},
	};
})();
