// {% include 'grid_governance/reporting/report.js' %}
grid_governance.reports.define("Notice Reach", {
	from: __("Sent From"),
	to: __("Sent Until"),
	filters: [
		{ fieldname: "notice", label: __("Notice"), fieldtype: "Link", options: "Notice" },
		{ fieldname: "notice_type", label: __("Type of Notice"), fieldtype: "Link", options: "Notice Type" },
	],
});
