// {% include 'grid_governance/reporting/report.js' %}
(() => {
	const COLOURS = { "Too Small": "orange", "Too Large": "red", "Not Stated": "gray" };

	frappe.query_reports["Grid Structure and Size"] = {
		tree: true,
		name_field: "grid",
		parent_field: "parent",
		initial_depth: 3,
		filters: [
			{ fieldname: "grid", label: __("Grid"), fieldtype: "Link", options: "Grid" },
			{ fieldname: "level", label: __("Level"), fieldtype: "Link", options: "Grid Level" },
			{
				fieldname: "verdict",
				label: __("Size"),
				fieldtype: "Select",
				options: ["", "Too Small", "Within", "Too Large", "Not Stated"].map((value) => ({
					value,
					label: value && __(value),
				})),
			},
		],

		onload: (report) => grid_governance.reports.offer_print(report),

		formatter(value, row, column, data, default_formatter) {
			if (data && column.doctype && value == null) return "";
			const shown = default_formatter(value, row, column, data);
			if (column.fieldname === "grid_name" && data) {
				return `<a href="/app/grid/${encodeURIComponent(data.grid)}">${shown}</a>`;
			}
			if (column.doctype && data && value) {
				const { doctype, filters } = column;
				const url = grid_governance.reports.list_url(doctype, filters, data.path, data.exact);
				return `<a class="text-primary" href="${url}">${shown}</a>`;
			}
			const colour = column.fieldname === "verdict" && data && COLOURS[data.verdict_code];
			return colour ? `<span class="indicator-pill ${colour}">${shown}</span>` : shown;
		},
	};
})();
