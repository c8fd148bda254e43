// {% include 'grid_governance/reporting/report.js' %}
grid_governance.reports.define("Livelihood Problems Solved", {
	from: __("Closed From"),
	to: __("Closed Until"),
	filters: [
		{
			fieldname: "category_group",
			label: __("Category Group"),
			fieldtype: "Link",
			options: "Issue Category",
			get_query: () => ({ filters: { is_group: 1 } }),
		},
	],
});
