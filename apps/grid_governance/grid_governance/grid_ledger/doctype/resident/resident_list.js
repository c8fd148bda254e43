(() => {
	const { list_questions, quick_filters } = grid_governance;
	const COLOURS = { "Living Here": "green", Away: "orange", "Moved Out": "gray", Deceased: "gray" };
	const OF = (...filter) => ["Resident", ...filter];
	const STAYING = OF("status", "in", ["Living Here", "Away"]);
	const MAJORITY = 18;

	// Full years today of somebody born on this day.
	const age = (born) => (born ? moment(frappe.datetime.get_today()).diff(moment(born), "years") : null);
	const years = (born) => (born ? __("{0} years", [age(born)]) : "");
	const born_after = (full_years) =>
		frappe.datetime.add_months(frappe.datetime.get_today(), -12 * full_years);

	frappe.listview_settings.Resident = {
		add_fields: ["sex", "birth_date", "household", "relation_to_head", "grid", "status"],
		hide_name_column: true,
		hide_name_filter: true,

		// Whoever was merged into another row is shown where one asks for her.
		onload(listview) {
			const asked = () => listview.filter_area?.get().some(([, field]) => field === "merged_into");
			list_questions.add_filters(listview, () => (asked() ? [] : [OF("merged_into", "is", "not set")]));
			quick_filters.row(listview, [
				["staying", __("In the Register"), () => [STAYING]],
				["migrants", __("Migrants"), () => [STAYING, OF("population_type", "=", "Migrant")]],
				["minors", __("Minors"), () => [STAYING, OF("birth_date", ">", born_after(MAJORITY))]],
				[
					"party",
					__("Party Members"),
					() => [STAYING, OF("political_status", "in", ["Party Member", "Probationary Member"])],
				],
				[
					"unknown",
					__("Without a Date of Birth"),
					() => [STAYING, OF("birth_date", "is", "not set")],
				],
			]);
		},

		get_indicator: ({ status }) => [__(status), COLOURS[status] || "gray", `status,=,${status}`],

		second_line: ({ sex, birth_date, household_title, relation_to_head, grid_grid_name }) =>
			[sex && __(sex), years(birth_date), household_title, __(relation_to_head), grid_grid_name]
				.filter(Boolean)
				.map((each) => frappe.utils.escape_html(String(each)))
				.join(" · "),

		// The age first: a narrow column cuts the day off.
		formatters: {
			birth_date: (value) => (value ? `${years(value)} · ${frappe.datetime.str_to_user(value)}` : ""),
		},
	};
})();
