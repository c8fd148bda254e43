(() => {
	const REPORT = "Issue Resolution Levels";

	frappe.query_reports[REPORT] = {
		filters: [
			{
				fieldname: "from_date",
				label: __("Closed From"),
				fieldtype: "Date",
				default: frappe.datetime.year_start(),
				reqd: 1,
			},
			{
				fieldname: "to_date",
				label: __("Closed Until"),
				fieldtype: "Date",
				default: frappe.datetime.get_today(),
				reqd: 1,
			},
			{ fieldname: "grid", label: __("Grid"), fieldtype: "Link", options: "Grid" },
			{
				fieldname: "roll_up",
				label: __("Rows by Level"),
				fieldtype: "Link",
				options: "Grid Level",
			},
		],

		onload(report) {
			report.page.main.on("click", "a[data-go-down]", (event) => {
				event.preventDefault();
				go_down(report, event.currentTarget.dataset);
			});
		},

		formatter(value, row, column, data, default_formatter) {
			const shown = default_formatter(value, row, column, data);
			if (!data) return shown;
			const cell = linked(shown, value, column, data);
			return data.is_total ? `<strong>${cell}</strong>` : cell;
		},
	};

	function linked(shown, value, column, data) {
		if (column.fieldname === "node" && data.grid) {
			const grid = frappe.utils.escape_html(data.grid);
			const name = frappe.utils.escape_html(value);
			return `<a href="#" class="text-primary" data-go-down="${grid}" data-name="${name}">${shown}</a>`;
		}
		const is_count = column.fieldname === "total" || column.fieldname.startsWith("count_");
		if (!is_count || !value) return shown;
		return `<a class="text-primary" href="${issues_url(column, data)}">${shown}</a>`;
	}

	// The list of exactly the issues that the figure counts.
	function issues_url(column, data) {
		const filters = frappe.query_report.get_filter_values();
		const query = {
			closed_at: ["between", [filters.from_date, filters.to_date]],
			workflow_state: ["in", data.states],
		};
		if (data.path) query.grid_path = data.exact ? ["=", data.path] : ["like", `${data.path}%`];
		if (column.fieldname !== "total") {
			query.resolution_level = column.resolution_level
				? ["=", column.resolution_level]
				: ["is", "not set"];
		}
		const params = new URLSearchParams();
		Object.entries(query).forEach(([key, value]) => params.set(key, JSON.stringify(value)));
		return `/app/grid-issue/view/list?${params.toString().replaceAll("'", "%27")}`;
	}

	// One level down: the row's node becomes the node asked for, and the level is found anew.
	// With the name at hand the Link filter has its value at once, and its change runs the report.
	async function go_down(report, { goDown, name }) {
		frappe.utils.add_link_title("Grid", goDown, name);
		await report.get_filter("roll_up").set_value("");
		await report.get_filter("grid").set_value(goDown);
	}
})();
