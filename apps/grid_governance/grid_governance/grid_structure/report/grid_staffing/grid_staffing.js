(() => {
	const REPORT = "Grid Staffing";
	const LISTS = { vacancies: "Vacancies", leaderless: "Units without a Leader" };

	frappe.query_reports[REPORT] = {
		tree: true,
		name_field: "key",
		parent_field: "parent",
		initial_depth: 2,
		filters: [
			{
				fieldname: "day",
				label: __("On"),
				fieldtype: "Date",
				default: frappe.datetime.get_today(),
				reqd: 1,
			},
			{ fieldname: "grid", label: __("Grid"), fieldtype: "Link", options: "Grid" },
			{ fieldname: "roll_up", label: __("Rows by Level"), fieldtype: "Link", options: "Grid Level" },
			{ fieldname: "post", label: __("Post"), fieldtype: "Link", options: "Grid Post" },
			{
				fieldname: "show",
				label: __("Show"),
				fieldtype: "Select",
				default: "Staffing",
				options: ["Staffing", ...Object.values(LISTS)].map((value) => ({ value, label: __(value) })),
			},
		],

		onload(report) {
			report.page.main.on("click", "a[data-staffing]", (event) => {
				event.preventDefault();
				const { staffing, grid, post } = event.currentTarget.dataset;
				const { grid: asked } = report.get_filter_values();
				report.set_filter_value({ show: staffing, grid: grid || asked || "", post: post || "" });
			});
		},

		formatter(value, row, column, data, default_formatter) {
			if (data && column.fieldname !== "label" && value == null) return "";
			const shown = default_formatter(value, row, column, data);
			if (!data) return shown;
			const cell = linked(shown, value, column, data);
			return data.indent === 0 ? `<strong>${cell}</strong>` : cell;
		},
	};

	// A figure leads to the units that it counts, a node to its own staffing.
	function linked(shown, value, column, data) {
		if (column.fieldname === "grid_name")
			return `<a href="/app/grid/${encodeURIComponent(data.grid)}">${shown}</a>`;
		const show =
			LISTS[column.fieldname] ||
			(column.fieldname === "label" && !data.indent && data.grid && "Staffing");
		if (!show || !value) return shown;
		const escape = (text) => frappe.utils.escape_html(text || "");
		const post = column.fieldname === "label" ? "" : data.post;
		return `<a href="#" data-staffing="${show}" data-grid="${escape(data.grid)}" data-post="${escape(post)}">${shown}</a>`;
	}
})();
