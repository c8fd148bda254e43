(() => {
	const { quick_filters } = grid_governance;
	const OF = (...filter) => ["Resident Care", ...filter];
	const OPEN = OF("until", "is", "not set");
	const today = () => frappe.datetime.get_today();
	// An empty day is before every other one to Frappe.
	const due_by = (day) => OF("next_visit_due", "between", ["2000-01-01", day]);

	frappe.listview_settings["Resident Care"] = {
		add_fields: ["resident", "category", "until", "next_visit_due"],
		hide_name_column: true,
		hide_name_filter: true,

		onload: (listview) =>
			quick_filters.row(listview, [
				["open", __("In Care"), () => [OPEN]],
				["late", __("Visit Late"), () => [OPEN, due_by(frappe.datetime.add_days(today(), -1))]],
				["month", __("Due This Month"), () => [OPEN, due_by(frappe.datetime.month_end())]],
				["age", __("Taken In by Age"), () => [OPEN, OF("source", "=", "Age Rule")]],
			]),

		get_indicator: ({ until, next_visit_due: due }) => {
			if (until) return [__("Care Ended"), "gray", "until,is,set"];
			if (due && due < today()) return [__("Visit Late"), "red", `next_visit_due,<,${today()}`];
			return [__("In Care"), "green", "until,is,not set"];
		},

		second_line: ({ category, next_visit_due: due }) =>
			[__(category), due && `${__("Next Visit Due")} ${frappe.datetime.str_to_user(due)}`]
				.filter(Boolean)
				.map((each) => frappe.utils.escape_html(String(each)))
				.join(" · "),
	};
})();
