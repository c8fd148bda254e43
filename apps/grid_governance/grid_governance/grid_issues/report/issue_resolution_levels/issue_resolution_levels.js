// {% include 'grid_governance/reporting/report.js' %}
grid_governance.reports.define("Issue Resolution Levels", {
	from: __("Closed From"),
	to: __("Closed Until"),
});
