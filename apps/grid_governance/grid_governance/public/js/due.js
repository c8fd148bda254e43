// When something is due, in the words people use, and whether it is late. Rows of issues and of referrals alike.
frappe.provide("grid_governance.due");

const OVER = ["Resolved", "Final"];
const SOON = 7;

/** Whether nothing is waited for any more: the workflow state says so by its marker, whatever it is called. */
grid_governance.due.is_over = (doc) => {
	const state = frappe.get_doc("Workflow State", doc.workflow_state);
	return OVER.includes(state?.grid_stage);
};

grid_governance.due.is_late = (doc) =>
	Boolean(
		doc.due_by && !grid_governance.due.is_over(doc) && doc.due_by < frappe.datetime.system_datetime()
	);

grid_governance.due.is_today = (doc) =>
	Boolean(doc.due_by && doc.due_by.slice(0, 10) === frappe.datetime.system_datetime().slice(0, 10));

/** Whether its clock stands still: nothing runs out meanwhile, the due time is the latest that it can become. */
grid_governance.due.is_paused = (doc) =>
	frappe.get_doc("Workflow State", doc.workflow_state)?.grid_stage === "Paused";

/** "今天到期", "逾期3天", "还有2天"; further away or over: the day. */
grid_governance.due.words = (doc) => {
	const now = moment(frappe.datetime.system_datetime());
	const due = moment(doc.due_by);
	const days = moment(due).startOf("day").diff(moment(now).startOf("day"), "days");
	const day = due.year() === now.year() ? due.format("MM-DD") : due.format("YYYY-MM-DD");
	if (grid_governance.due.is_over(doc)) return day;
	if (days < 0) return __("{0} days late", [-days]);
	if (due < now) return __("{0} hours late", [Math.max(1, Math.round(now.diff(due, "hours", true)))]);
	if (grid_governance.due.is_paused(doc)) return __("Clock Stopped");
	if (days === 0) return __("Due Today");
	if (days === 1) return __("Due Tomorrow");
	return days <= SOON ? __("{0} days left", [days]) : day;
};

/** The words with their colour; the whole moment is told when one stays on them. */
grid_governance.due.html = (doc) => {
	if (!doc.due_by) return "";
	const colour = grid_governance.due.is_over(doc)
		? ""
		: grid_governance.due.is_late(doc)
			? "red"
			: grid_governance.due.is_today(doc)
				? "orange"
				: "";
	const whole = frappe.utils.escape_html(frappe.datetime.str_to_user(doc.due_by));
	const words = frappe.utils.escape_html(grid_governance.due.words(doc));
	return `<span class="${colour ? `indicator-pill no-indicator-dot ${colour}` : ""}" title="${whole}">${words}</span>`;
};
