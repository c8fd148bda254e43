// {% include 'grid_governance/reporting/report.js' %}
grid_governance.reports.define("Online Referrals", {
	from: __("Closed From"),
	to: __("Closed Until"),
});
