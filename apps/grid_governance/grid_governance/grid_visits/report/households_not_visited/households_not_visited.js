// {% include 'grid_governance/reporting/report.js' %}
grid_governance.reports.define("Households Not Visited", {
	filters: [
		{ fieldname: "days", label: __("Not Visited for … Days"), fieldtype: "Int" },
		{
			fieldname: "show",
			label: __("Show"),
			fieldtype: "Select",
			default: "Each Household",
			options: ["Each Household", "By Grid"].map((value) => ({ value, label: __(value) })),
		},
	],
});
