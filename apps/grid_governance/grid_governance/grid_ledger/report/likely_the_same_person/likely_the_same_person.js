(() => {
	const REASONS = [
		"Same Number",
		"Number One Apart",
		"Same Name and Birth",
		"Same Phone",
		"Registered Here, Living There",
	];
	const PEOPLE = { resident_about: "resident", other_about: "other" };

	frappe.query_reports["Likely the Same Person"] = {
		filters: [
			{ fieldname: "grid", label: __("Grid"), fieldtype: "Link", options: "Grid" },
			{
				fieldname: "reason",
				label: __("Why"),
				fieldtype: "Select",
				options: ["", ...REASONS.map((value) => ({ value, label: __(value) }))],
			},
			{ fieldname: "judged", label: __("Also Those Judged Different"), fieldtype: "Check" },
		],

		onload(report) {
			report.page.main.on("click", "button[data-compare]", ({ currentTarget }) => {
				const [resident, other] = currentTarget.dataset.compare.split(" ");
				grid_governance.people.compare(resident, other, () => report.refresh());
			});
		},

		formatter(value, row, column, data, default_formatter) {
			const text = typeof value === "string" ? frappe.utils.escape_html(value) : value;
			const shown = default_formatter(text, row, column, data);
			if (!data) return shown;
			if (column.fieldname === "compare") {
				return `<button type="button" class="btn btn-link btn-xs p-0 text-primary" data-compare="${data.resident} ${data.other}">${text}</button>`;
			}
			const person = PEOPLE[column.fieldname];
			return person
				? `<a class="text-primary" href="/app/resident/${data[person]}">${shown}</a>`
				: shown;
		},
	};
})();
