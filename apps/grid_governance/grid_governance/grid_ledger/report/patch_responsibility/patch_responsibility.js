// {% include 'grid_governance/reporting/report.js' %}
grid_governance.reports.define("Patch Responsibility", {
	filters: [
		{
			fieldname: "show",
			label: __("Show"),
			fieldtype: "Select",
			default: "By Grid",
			options: ["By Grid", "Each Patch"].map((value) => ({ value, label: __(value) })),
		},
		{
			fieldname: "kind",
			label: __("How It Is Held"),
			fieldtype: "Select",
			depends_on: "eval: doc.show === 'Each Patch'",
			options: [
				"",
				"One Member Each",
				"Nobody in Charge",
				"No Party Member",
				"Several Members",
				"Member of Several Patches",
			].map((value) => ({ value, label: value && __(value) })),
		},
	],
});
