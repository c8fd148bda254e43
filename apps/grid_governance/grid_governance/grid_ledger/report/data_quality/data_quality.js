// {% include 'grid_governance/reporting/report.js' %}
grid_governance.reports.define("Data Quality", {
	roll_up: false,
	filters: [
		{
			fieldname: "kind",
			label: __("Finding"),
			fieldtype: "Select",
			// The kinds that the reader may be shown; asked for once the report is there.
			options: [{ value: "", label: "" }],
		},
	],
	async onload(report) {
		const { message } = await frappe.call(
			"grid_governance.grid_ledger.report.data_quality.data_quality.kinds"
		);
		grid_governance.reports.offer(report, "kind", message);
	},
});
