// What those above do about issues: they urge, praise, ask for an explanation; those who settled an issue explain.
frappe.provide("grid_governance.supervision");

const AT_ONCE = 100;
const METHODS = "grid_governance.grid_issues.supervision";

/** Urge *issues* (names), with words for all of them; *done* is called when any was. */
grid_governance.supervision.urge = (issues, done) =>
	ask(
		issues.length > 1 ? __("Urge {0} Issues", [issues.length]) : __("Urge"),
		[
			{
				fieldname: "words",
				fieldtype: "Small Text",
				label: __("In Words"),
				description: __("Told to those who have it in hand. May stay empty."),
			},
		],
		async (values) => {
			const report = { done: [], left: [] };
			for (let at = 0; at < issues.length; at += AT_ONCE) {
				const part = issues.slice(at, at + AT_ONCE);
				const { done: urged, left } = await call("urge_all", { issues: part, ...values });
				report.done.push(...urged);
				report.left.push(...left);
			}
			show(report);
			if (report.done.length) done?.();
		}
	);

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
	if (may.may_judge) {
		button(__("Praise"), () => say("judge", __("Praise"), { issue: name, verdict: "Praise" }, reload));
		const verdict = "Ask to Explain";
		button(__(verdict), () => say("judge", __(verdict), { issue: name, verdict }, reload));
	}
	if (may.may_explain) button(__("Explain"), () => say("explain", __("Explain"), { issue: name }, reload));
	$(wrapper).empty();
	if (row.children().length) row.appendTo(wrapper);
};

function say(method, title, args, done) {
	const words = { fieldname: "words", fieldtype: "Small Text", label: __("In Words"), reqd: 1 };
	return ask(title, [words], async (values) => {
		await call(method, { ...args, ...values });
		done();
	});
}

function ask(title, fields, take) {
	const dialog = new frappe.ui.Dialog({
		title,
		fields,
		primary_action_label: title,
		primary_action: async (values) => {
			dialog.disable_primary_action();
			try {
				await take(values);
				dialog.hide();
			} catch {
				// Frappe has shown why it was refused; the dialog stays with what was typed.
			} finally {
				dialog.enable_primary_action();
			}
		},
	});
	dialog.show();
	return dialog;
}

function call(method, args) {
	return frappe.xcall(`${METHODS}.${method}`, args);
}

function show({ done, left }) {
	if (!left.length) {
		frappe.show_alert({ message: __("Urged: {0}", [done.length]), indicator: "green" });
		return;
	}
	const escape = frappe.utils.escape_html;
	const lines = left.map(
		(each) =>
			`<li class="mb-2"><a href="/app/grid-issue/${encodeURIComponent(each.issue)}">${escape(each.title)}</a>
			<div class="text-muted">${escape(each.why)}</div></li>`
	);
	frappe.msgprint({
		title: __("Urge"),
		indicator: done.length ? "orange" : "red",
		message: `<p>${__("Done for {0} issues, not for {1}:", [done.length, left.length])}</p>
			<ul class="list-unstyled">${lines.join("")}</ul>`,
	});
}
