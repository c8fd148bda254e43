// {% include 'grid_governance/reporting/report.js' %}
grid_governance.reports.define("Element Ledger", {
	from: __("Changed From"),
	to: __("Changed Until"),
});
