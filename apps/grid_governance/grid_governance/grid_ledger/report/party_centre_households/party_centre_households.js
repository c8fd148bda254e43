// {% include 'grid_governance/reporting/report.js' %}
grid_governance.reports.define("Party Centre Households", {
	filters: [
		{
			fieldname: "show",
			label: __("Show"),
			fieldtype: "Select",
			default: "By Grid",
			options: ["By Grid", "Each Centre"].map((value) => ({ value, label: __(value) })),
		},
	],
});
