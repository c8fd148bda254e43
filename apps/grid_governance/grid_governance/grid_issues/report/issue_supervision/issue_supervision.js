// {% include 'grid_governance/reporting/report.js' %}
(() => {
	const NAME = "Issue Supervision";
	const METHODS = "grid_governance.grid_issues.supervision";
	const SHOWN = ["Each Issue", "By Grid"];
	const REASONS = [
		["escalated", __("Escalated")],
		["overdue", __("Overdue")],
		["instruction_over", __("Instruction Not Done in Time")],
		["untold", __("Not Told in Time")],
	];

	grid_governance.reports.define(NAME, {
		filters: [
			{
				fieldname: "reason",
				label: __("Why It Is Watched"),
				fieldtype: "Select",
				options: ["", ...REASONS.map(([value, label]) => ({ value, label }))],
			},
			{
				fieldname: "show",
				label: __("Show"),
				fieldtype: "Select",
				default: SHOWN[0],
				options: SHOWN.map((value) => ({ value, label: __(value) })),
			},
		],

		onload(report) {
			report.page.add_inner_button(__("Urge All Shown"), () => urge(report, to_urge(report)));
			offer_mail(report);
			report.page.main.on("click", "button[data-urge]", (event) => {
				urge(report, [event.currentTarget.dataset.urge]);
			});
		},
	});

	// How often an issue has been urged, with the button to urge it.
	const settings = frappe.query_reports[NAME];
	const { formatter } = settings;
	settings.formatter = (value, row, column, data, default_formatter) => {
		const shown = formatter(value, row, column, data, default_formatter);
		if (column.fieldname !== "urged_times" || !data?.may_urge) return shown;
		const name = frappe.utils.escape_html(data.name);
		const label = __("Urge");
		return `<button type="button" class="btn btn-xs btn-default py-0" data-urge="${name}">${label}</button> ${value || ""}`;
	};

	function to_urge(report) {
		return (report.data || []).filter((row) => row.may_urge).map((row) => row.name);
	}

	function urge(report, issues) {
		if (!issues.length) {
			frappe.msgprint(
				__("None of these is yours to urge now: an issue is urged once a day, from above.")
			);
			return;
		}
		grid_governance.supervision.urge(issues, () => report.refresh());
	}

	async function offer_mail(report) {
		const held = await frappe.xcall(`${METHODS}.mails_me`);
		if (report.report_name !== NAME) return;
		const on = held.on ? 0 : 1;
		const label = on ? __("Send Me This Every Monday") : __("Send Me This No Longer");
		const button = report.page.add_inner_button(label, async () => {
			const now = await frappe.xcall(`${METHODS}.mail_me`, { on });
			button.remove();
			offer_mail(report);
			frappe.show_alert(
				{ message: told(now), indicator: now.on && !now.sends ? "orange" : "green" },
				10
			);
		});
	}

	function told({ on, sends }) {
		if (!on) return __("The list is no longer sent to you.");
		return sends
			? __("The list comes to you by e-mail every Monday, with what you may see then.")
			: __("The list will come to you every Monday as soon as this site sends e-mail.");
	}
})();
