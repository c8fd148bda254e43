(() => {
	const REPORT = "Personal-Data Access Log";
	const KINDS = [
		"Viewed",
		"Reveal",
		"Export",
		"Print",
		"Download",
		"Request",
		"Merge",
		"Anonymise",
		"Delete",
		"Backup",
	];
	const options = (values) => values.map((value) => ({ value, label: value && __(value) }));
	const escape = (text) => frappe.utils.escape_html(text || "");

	frappe.query_reports[REPORT] = {
		filters: [
			{
				fieldname: "from_date",
				label: __("From Date"),
				fieldtype: "Date",
				default: frappe.datetime.month_start(),
				reqd: 1,
			},
			{
				fieldname: "to_date",
				label: __("To Date"),
				fieldtype: "Date",
				default: frappe.datetime.get_today(),
				reqd: 1,
			},
			{ fieldname: "grid", label: __("Grid"), fieldtype: "Link", options: "Grid" },
			{ fieldname: "user", label: __("User"), fieldtype: "Link", options: "User" },
			{
				fieldname: "kind",
				label: __("Kind of Access"),
				fieldtype: "Select",
				options: options(["", ...KINDS]),
			},
			{
				fieldname: "show",
				label: __("Show"),
				fieldtype: "Select",
				default: "By Person",
				options: options(["By Person", "Each Access"]),
			},
		],

		onload(report) {
			report.page.main.on("click", "a[data-accesses]", (event) => {
				event.preventDefault();
				const { accesses, kind } = event.currentTarget.dataset;
				report.set_filter_value({ show: "Each Access", user: accesses, kind: kind || "" });
			});
		},

		formatter(value, row, column, data, default_formatter) {
			const shown = default_formatter(value, row, column, data);
			if (!data || !value) return shown;
			if (data.user && column.fieldname === "full_name" && !data.at)
				return `<a href="#" data-accesses="${escape(data.user)}">${shown}</a>`;
			const kind = KINDS.find((each) => each.toLowerCase() === column.fieldname);
			if (kind && !data.at)
				return `<a href="#" data-accesses="${escape(data.user)}" data-kind="${kind}">${shown}</a>`;
			if (column.fieldname === "record_shown" && data.record)
				return `<a href="${frappe.utils.get_form_link(data.doctype, data.record)}">${shown}</a>`;
			return shown;
		},
	};
})();
