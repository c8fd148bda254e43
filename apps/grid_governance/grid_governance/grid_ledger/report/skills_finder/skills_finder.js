// {% include 'grid_governance/reporting/report.js' %}
grid_governance.reports.define("Skills Finder", {
	roll_up: false,
	filters: [
		{ fieldname: "skill", label: __("Skill"), fieldtype: "Link", options: "Skill" },
		{ fieldname: "skill_group", label: __("Skill Group"), fieldtype: "Data" },
		{ fieldname: "text", label: __("Name, Work or Note"), fieldtype: "Data" },
		{ fieldname: "near", label: __("Near the Household"), fieldtype: "Link", options: "Household" },
	],
});
