// {% include 'grid_governance/reporting/report.js' %}
grid_governance.reports.define("Issue Closing and Timeliness", {
	from: __("Found From"),
	to: __("Found Until"),
});
