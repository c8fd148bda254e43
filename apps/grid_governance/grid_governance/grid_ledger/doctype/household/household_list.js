(() => {
	const { quick_filters } = grid_governance;
	const COLOURS = { Residing: "green", "Registered Only": "gray", Away: "orange", Rental: "blue" };
	const OF = (...filter) => ["Household", ...filter];
	const ACTIVE = OF("status", "=", "Active");
	const day = (value) => (value ? frappe.datetime.str_to_user(value) : "");

	frappe.listview_settings.Household = {
		add_fields: ["address", "member_count", "residence_state", "status", "next_visit_due"],
		hide_name_column: true,
		hide_name_filter: true,

		onload: (listview) =>
			quick_filters.row(listview, [
				[
					"due",
					__("Visit Due"),
					() => [
						ACTIVE,
						OF("next_visit_due", "between", ["2000-01-01", frappe.datetime.get_today()]),
					],
				],
				["unvisited", __("Never Visited"), () => [ACTIVE, OF("last_visit_on", "is", "not set")]],
				["headless", __("Without a Head"), () => [ACTIVE, OF("head", "is", "not set")]],
				["unchatted", __("Not in the Chat Group"), () => [ACTIVE, OF("in_wechat_group", "=", 0)]],
			]),

		get_indicator: ({ status, residence_state: state }) =>
			status === "Active"
				? [__(state), COLOURS[state] || "gray", `residence_state,=,${state}`]
				: [__(status), "gray", `status,=,${status}`],

		second_line: ({ address, member_count: number, next_visit_due: due }) =>
			[address, number && __("{0} People", [number]), due && `${__("Next Visit Due")} ${day(due)}`]
				.filter(Boolean)
				.map((each) => frappe.utils.escape_html(String(each)))
				.join(" · "),
	};
})();
