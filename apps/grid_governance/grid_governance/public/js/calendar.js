// The calendar of what is due: of issues by their due time, of referrals by the time an answer is asked for.
frappe.provide("grid_governance.calendar");

/** Settings of Frappe's calendar; on a phone a month is a list of its days. */
grid_governance.calendar.of_due = () => {
	const { due } = grid_governance;
	const small = frappe.is_mobile();
	const tone = (row) => {
		if (due.is_over(row)) return "success";
		if (due.is_late(row)) return "danger";
		return due.is_today(row) ? "warning" : "default";
	};
	return {
		field_map: { id: "name", start: "due_by", end: "due_by", title: "title", allDay: "all_day" },
		get_events_method: "grid_governance.grid_issues.views.due_between",
		get_css_class: tone,
		options: {
			locale: "zh-cn",
			// A due time follows from the rules: it is seen here, not dragged, whoever may write the issue.
			eventDataTransform: (row) => ({ ...row, editable: false }),
			selectable: false,
			displayEventEnd: false,
			timeFormat: "HH:mm",
			slotLabelFormat: "HH:mm",
			eventLimit: 4,
			height: "auto",
			eventRender(row, element) {
				element.addClass(`due-${tone(row)}`).attr("title", `${row.title} ${due.words(row)}`);
			},
			viewRender(view, element) {
				const calendar = element.closest(".fc");
				calendar.find(".fc-prev-button").attr("aria-label", __("Earlier"));
				calendar.find(".fc-next-button").attr("aria-label", __("Later"));
			},
			noEventsMessage: __("Nothing is due."),
			...(small
				? {
						defaultView: "listMonth",
						header: { left: "prev, title, next", right: "today, listMonth, month" },
					}
				: {}),
		},
	};
};
