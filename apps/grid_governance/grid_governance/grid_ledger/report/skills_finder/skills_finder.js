// {% include 'grid_governance/reporting/report.js' %}
grid_governance.reports.define("Skills Finder", {
	roll_up: false,
	filters: [
		{ fieldname: "skill", label: __("Skill"), fieldtype: "Link", options: "Skill" },
		{
			fieldname: "skill_group",
			label: __("Skill Group"),
			fieldtype: "Select",
			// Those that skills have; asked for once the report is there.
			options: [{ value: "", label: "" }],
		},
		{ fieldname: "text", label: __("Name, Work or Note"), fieldtype: "Data" },
		{ fieldname: "near", label: __("Near the Household"), fieldtype: "Link", options: "Household" },
	],
	async onload(report) {
		const skills = await frappe.db.get_list("Skill", { fields: ["skill_group"], limit: 0 });
		const groups = [...new Set(skills.map(({ skill_group }) => skill_group).filter(Boolean))];
		grid_governance.reports.offer(
			report,
			"skill_group",
			groups.map((value) => ({ value, label: value }))
		);
	},
});
