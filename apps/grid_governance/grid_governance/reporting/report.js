// What the reports by period and grid do on the screen. Their scripts include this file; what they tell is
// the report's name, what its period is called, and filters of their own.
frappe.provide("grid_governance.reports");

grid_governance.reports.define = (report_name, { from, to, filters = [] }) => {
	frappe.query_reports[report_name] = {
		filters: [
			{
				fieldname: "from_date",
				label: from,
				fieldtype: "Date",
				default: frappe.datetime.year_start(),
				reqd: 1,
			},
			{
				fieldname: "to_date",
				label: to,
				fieldtype: "Date",
				default: frappe.datetime.get_today(),
				reqd: 1,
			},
			{ fieldname: "grid", label: __("Grid"), fieldtype: "Link", options: "Grid" },
			{ fieldname: "roll_up", label: __("Rows by Level"), fieldtype: "Link", options: "Grid Level" },
			...filters,
			// A figure to look behind: its column, and the row it stands in.
			...["figure", "node", "exact"].map((fieldname) => ({ fieldname, fieldtype: "Data", hidden: 1 })),
		],

		onload(report) {
			if (frappe.model.can_print(report.report_doc.ref_doctype)) {
				report.page.add_inner_button(__("Print"), () => print(report));
			}
			report.page.main.on("click", "a[data-go-down]", (event) => {
				event.preventDefault();
				go_down(report, event.currentTarget.dataset);
			});
			report.page.main.on("click", "a[data-behind]", (event) => {
				event.preventDefault();
				const { behind = "", node = "", exact = "" } = event.currentTarget.dataset;
				report.set_filter_value({ figure: behind, node, exact });
			});
		},

		formatter(value, row, column, data, default_formatter) {
			if (data && column.is_rate && value == null) return "";
			const text = typeof value === "string" ? frappe.utils.escape_html(value) : value;
			const shown = default_formatter(text, row, column, data);
			if (!data || !("path" in data)) return shown;
			const cell = linked(shown, value, column, data);
			return data.is_total ? `<strong>${cell}</strong>` : cell;
		},
	};

	// The sheet with room for seals, as a PDF: upright, where its columns have room.
	function print(report) {
		const orientation = report.columns.length > 13 ? "Landscape" : "Portrait";
		report.pdf_report({ ...locals[":Print Settings"]["Print Settings"], orientation, letter_head: null });
	}

	function linked(shown, value, column, data) {
		const escape = frappe.utils.escape_html;
		if (column.fieldname === "node" && data.grid) {
			return `<a href="#" class="text-primary" data-go-down="${escape(data.grid)}" data-name="${escape(value)}">${shown}</a>`;
		}
		if (!column.is_figure || !value) return shown;
		if (column.filters) return `<a class="text-primary" href="${list_url(column, data)}">${shown}</a>`;
		// Where a list has no words for it, the report itself shows what it has counted.
		return `<a href="#" class="text-primary" data-behind="${column.fieldname}" data-node="${data.path}" data-exact="${data.exact}">${shown}</a>`;
	}

	// The list of exactly what the figure counts.
	function list_url(column, data) {
		const query = { ...column.filters };
		if (data.path) query.grid_path = data.exact ? ["=", data.path] : ["like", `${data.path}%`];
		const { ref_doctype } = frappe.query_report.report_doc;
		const params = new URLSearchParams();
		Object.entries(query).forEach(([key, value]) => params.set(key, JSON.stringify(value)));
		return `/app/${frappe.router.slug(ref_doctype)}/view/list?${params.toString().replaceAll("'", "%27")}`;
	}

	// One level down: the row's node becomes the node asked for, and the level is found anew.
	// With the name at hand the Link filter has its value at once, and its change runs the report.
	async function go_down(report, { goDown, name }) {
		frappe.utils.add_link_title("Grid", goDown, name);
		await report.get_filter("roll_up").set_value("");
		await report.get_filter("grid").set_value(goDown);
	}
};
