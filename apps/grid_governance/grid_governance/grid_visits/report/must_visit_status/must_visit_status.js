// {% include 'grid_governance/reporting/report.js' %}
grid_governance.reports.define("Must-Visit Status", {
	from: __("Due From"),
	to: __("Due Until"),
	since: frappe.datetime.month_start(),
	until: frappe.datetime.month_end(),
	filters: [
		{
			fieldname: "category",
			label: __("Care Category"),
			fieldtype: "Link",
			options: "Care Category",
			get_query: () => ({ filters: { must_visit: 1 } }),
		},
		{
			fieldname: "show",
			label: __("Show"),
			fieldtype: "Select",
			default: "By Category",
			options: ["By Category", "By Grid"].map((value) => ({ value, label: __(value) })),
		},
	],
});
