// What those above do about issues: they urge, praise, ask for an explanation; those who settled an issue explain.
frappe.provide("grid_governance.supervision");

const AT_ONCE = 100;
const METHODS = "grid_governance.grid_issues.supervision";

/** Urge *issues* (names), with words for all of them; *done* is called when any was. */
grid_governance.supervision.urge = (issues, done) =>
	grid_governance.steps.ask({
		action: issues.length > 1 ? __("Urge {0} Issues", [issues.length]) : "Urge",
		fields: [
			{
				fieldname: "words",
				fieldtype: "Small Text",
				label: __("In Words"),
				description: __("Told to those who have it in hand. May stay empty."),
			},
		],
		take: async (values) => {
			const report = { done: [], left: [] };
			for (let at = 0; at < issues.length; at += AT_ONCE) {
				const part = issues.slice(at, at + AT_ONCE);
				const { done: urged, left } = await call("urge_all", { issues: part, ...values });
				report.done.push(...urged);
				report.left.push(...left);
			}
			grid_governance.steps.tell("Urge", report);
			if (report.done.length) done?.();
		},
	});

/** Buttons of an issue's form for what the session's user may say of it, in *wrapper*. */
grid_governance.supervision.show = async (frm, wrapper) => {
	const { name } = frm.doc;
	const may = await frappe.xcall(`${METHODS}.standing`, { issue: name });
	if (frm.doc.name !== name) return;
	const row = $(`<div class="d-flex flex-wrap align-items-center mb-3" style="gap: 8px">`);
	const button = (label, act) =>
		$(`<button type="button" class="btn btn-xs btn-default">`).text(label).on("click", act).appendTo(row);
	const reload = () => frm.reload_doc();
	if (may.may_urge) button(__("Urge"), () => grid_governance.supervision.urge([name], reload));
	if (may.urged_today) $(`<span class="text-muted small">`).text(__("Urged today")).appendTo(row);
	const verdicts = may.may_judge ? ["Praise", "Ask to Explain"] : [];
	verdicts.forEach((verdict) =>
		button(__(verdict), () => say("judge", verdict, { issue: name, verdict }, reload))
	);
	if (may.may_explain) button(__("Explain"), () => say("explain", "Explain", { issue: name }, reload));
	$(wrapper).empty();
	if (row.children().length) row.appendTo(wrapper);
};

function say(method, action, args, done) {
	const words = { fieldname: "words", fieldtype: "Small Text", label: __("In Words"), reqd: 1 };
	const take = async (values) => {
		await call(method, { ...args, ...values });
		done();
	};
	return grid_governance.steps.ask({ action, fields: [words], take });
}

function call(method, args) {
	return frappe.xcall(`${METHODS}.${method}`, args);
}
