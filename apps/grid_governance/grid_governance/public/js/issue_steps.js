// The steps of issues and referrals: buttons in sight, and the dialog that asks for what a step needs.
frappe.provide("grid_governance.steps");

const ANSWERS_METHOD = "grid_governance.grid_issues.standard_answers.offered";

/** Put one button for each of *transitions* into *wrapper*; the menu of actions is easily overlooked on a phone. */
grid_governance.steps.show_buttons = (wrapper, transitions, take) => {
	const row = $(`<div class="d-flex flex-wrap mb-2" style="gap: 8px">`).appendTo($(wrapper).empty());
	[...new Set(transitions.map((transition) => transition.action))].forEach((action, at) => {
		$(`<button type="button" class="btn btn-sm">`)
			.addClass(at ? "btn-default" : "btn-primary")
			.text(__(action))
			.on("click", () => take(action))
			.appendTo(row);
	});
};

/** What a department is asked for and by whom; the one that answers for the category is proposed. */
grid_governance.steps.referral_fields = (departments, answer_by) => [
	{
		fieldname: "lead_department",
		fieldtype: "Select",
		label: __("Department in the Lead"),
		options: ["", ...departments],
		default: departments.find((each) => each.proposed)?.value,
		reqd: 1,
	},
	{ fieldname: "answer_by", fieldtype: "Datetime", label: __("Answer By"), default: answer_by },
	{
		fieldname: "opinion",
		fieldtype: "Small Text",
		label: __("What Is Asked of Them"),
		answers: "Opinion",
	},
	{
		fieldname: "other_departments",
		fieldtype: "MultiCheck",
		label: __("Departments Taking Part"),
		options: departments,
		columns: 2,
	},
];

/** What those below are to do, and by when. */
grid_governance.steps.instruction_fields = () => [
	{ fieldname: "instruction", fieldtype: "Small Text", label: __("Instruction"), reqd: 1 },
	{ fieldname: "instruction_due", fieldtype: "Datetime", label: __("To Be Done by"), reqd: 1 },
];

/** What is said of a step that asks for nothing else. */
grid_governance.steps.opinion_field = (step) => ({
	fieldname: "opinion",
	fieldtype: "Small Text",
	label: step.needs === "Reason" ? __("Reason") : __("Opinion"),
	reqd: step.needs === "Reason" ? 1 : 0,
	answers: step.needs === "Reason" ? "Reason" : "Opinion",
});

/**
 * Ask for the *fields* of a step and take it; the dialog stays open, with all that was typed, while it is refused.
 * A field with `answers` is offered the standard answers of that use, those that fit *issue*.
 */
grid_governance.steps.ask = async ({ action, fields, issue, take }) => {
	const wanted = fields.some((field) => field.answers);
	const answers = wanted && issue ? await frappe.xcall(ANSWERS_METHOD, { issue }) : {};
	const dialog = new frappe.ui.Dialog({
		title: __(action),
		fields: fields.flatMap((field) =>
			answers[field.answers]
				? [field, { fieldname: `${field.fieldname}_answers`, fieldtype: "HTML" }]
				: [field]
		),
		primary_action_label: __(action),
		primary_action: async (values) => {
			dialog.disable_primary_action();
			try {
				await take(values);
				dialog.hide();
			} catch {
				// Frappe has shown why the step was refused; the dialog stays for the missing words.
			} finally {
				dialog.enable_primary_action();
			}
		},
	});
	fields.forEach((field) => {
		if (answers[field.answers]) offer(dialog, field.fieldname, answers[field.answers]);
		if (field.fieldtype === "Attach Image") {
			grid_governance.photos.take_over(dialog.fields_dict[field.fieldname]);
		}
	});
	dialog.show();
	return dialog;
};

/** Show *doc*, as the server returned it after its step. */
grid_governance.steps.taken = (frm, doc) => {
	frappe.model.sync(doc);
	frm.refresh();
	frm.selected_workflow_action = null;
	frappe.show_alert({ message: __(doc.workflow_state), indicator: "green" });
};

/** Tell what came of *action* on several issues: for how many it was done, and which were *left* out and why. */
grid_governance.steps.tell = (action, { done, left }) => {
	if (!left.length) {
		frappe.show_alert({
			message: __("{0}: done for {1} issues.", [__(action), done.length]),
			indicator: "green",
		});
		return;
	}
	const escape = frappe.utils.escape_html;
	const lines = left.map(
		(each) =>
			`<li class="mb-2"><a href="/app/grid-issue/${encodeURIComponent(each.issue)}">${escape(each.title)}</a>
			<div class="text-muted">${escape(each.why)}</div></li>`
	);
	frappe.msgprint({
		title: __(action),
		indicator: done.length ? "orange" : "red",
		message: `<p>${__("Done for {0} issues, not for {1}:", [done.length, left.length])}</p>
			<ul class="list-unstyled">${lines.join("")}</ul>`,
	});
};

// What was typed is never replaced: words that are no standard answer stay, and the chosen one follows them.
function offer(dialog, fieldname, texts) {
	const wrapper = dialog.fields_dict[`${fieldname}_answers`].$wrapper;
	$(`<div class="text-muted small mb-1">`).text(__("Standard Answers")).appendTo(wrapper);
	const list = $(`<div class="standard-answers mb-3">`).appendTo(wrapper);
	texts.forEach((text) =>
		$(`<button type="button" class="btn btn-default btn-block text-left mt-0 mb-1">`)
			.css("white-space", "normal")
			.text(text)
			.on("click", () => {
				const typed = (dialog.get_value(fieldname) || "").trim();
				const own = typed && !texts.includes(typed) && !typed.includes(text);
				dialog.set_value(fieldname, own ? `${typed}\n${text}` : typed.includes(text) ? typed : text);
			})
			.appendTo(list)
	);
	list.css({ maxHeight: "11em", overflowY: "auto" });
}
