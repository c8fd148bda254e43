// {% include 'grid_governance/reporting/report.js' %}
grid_governance.reports.define("Superior Tasks", {
	from: __("Received From"),
	to: __("Received Until"),
});
