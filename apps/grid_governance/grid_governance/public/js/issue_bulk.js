// One step on several issues, from the list: what it needs is asked once, and what was not done is listed with reasons.
const BULK = "grid_governance.grid_issues.bulk";
const DEPARTMENTS_METHOD = "grid_governance.grid_issues.referrals.departments_for";
const { get_workflow_action_menu_items } = frappe.views.ListView.prototype;

frappe.views.ListView.prototype.get_workflow_action_menu_items = function () {
	const items = get_workflow_action_menu_items.call(this);
	if (this.doctype !== "Grid Issue") return items;
	return items.map((item) => ({ ...item, action: () => ask(this, item.name) }));
};

async function ask(listview, action) {
	const rows = listview.get_checked_items();
	const issues = rows.map((row) => row.name);
	const steps = await frappe.xcall(`${BULK}.steps_for`, { issues });
	const step = steps.find((each) => each.action === action);
	if (!step) {
		frappe.msgprint(__("This step is not open to you for all of the chosen issues."));
		return;
	}
	const same_category = new Set(rows.map((row) => row.category)).size === 1;
	const departments =
		step.needs === "Departments" ? await frappe.xcall(DEPARTMENTS_METHOD, { issue: issues[0] }) : [];
	const seen = Object.fromEntries(rows.map((row) => [row.name, row.workflow_state]));
	const dialog = await grid_governance.steps.ask({
		action,
		issue: same_category ? issues[0] : null,
		fields: [
			{
				fieldtype: "HTML",
				options: `<div class="mb-3">${__("For {0} issues at once", [rows.length])}</div>`,
			},
			...fields(
				step,
				same_category ? departments : departments.map((each) => ({ ...each, proposed: 0 }))
			),
		],
		take: async (words) => {
			const answer = await frappe.xcall(`${BULK}.take_step`, { issues: seen, action, words });
			const report = answer.job ? await wait(action, answer) : answer;
			if (report) show(listview, action, report);
			else
				frappe.msgprint(
					__("The outcome is no longer on record. The list shows each issue as it is now.")
				);
		},
	});
	return dialog;
}

function fields(step, departments) {
	const state = frappe.get_doc("Workflow State", step.next_state) || {};
	const words = (fieldname, label, answers) => ({
		fieldname,
		fieldtype: "Small Text",
		label,
		reqd: 1,
		answers,
	});
	if (state.grid_stage === "Resolved") return [words("result", __("What Was Done"), "Result")];
	if (state.grid_stage === "Final" && !state.grid_unhandled) {
		return [words("feedback", __("Feedback"), "Feedback")];
	}
	if (step.needs === "Departments") return grid_governance.steps.referral_fields(departments);
	if (step.needs === "Instruction") return grid_governance.steps.instruction_fields();
	return [grid_governance.steps.opinion_field(step)];
}

// Many issues are taken in the background; how far it is, is asked for, so that nothing hangs on one connection.
async function wait(action, { job, total }) {
	for (;;) {
		const report = await frappe.xcall(`${BULK}.outcome`, { job });
		frappe.show_progress(__(action), report?.at || 0, total, "", true);
		if (!report || report.finished) return report;
		await new Promise((after) => setTimeout(after, 2000));
	}
}

function show(listview, action, report) {
	listview.clear_checked_items();
	listview.refresh();
	grid_governance.steps.tell(action, report);
}
