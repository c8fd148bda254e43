// {% include 'grid_governance/reporting/report.js' %}
grid_governance.reports.define("Visit Coverage", {
	from: __("Rounds From"),
	to: __("Rounds Until"),
	since: frappe.datetime.month_start(),
});
