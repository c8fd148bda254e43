(() => {
	const STEP_METHOD = "grid_governance.grid_issues.answers.take_step";

	frappe.ui.form.on("Issue Referral", {
		refresh(frm) {
			frm.disable_save();
			show_steps(frm);
			show_issue(frm);
		},

		before_workflow_action(frm) {
			return ask_for_step(frm, frm.selected_workflow_action);
		},
	});

	async function show_steps(frm) {
		const name = frm.doc.name;
		const wrapper = $(frm.fields_dict.steps_html.wrapper).empty();
		const transitions = await frappe.workflow.get_transitions(frm.doc);
		if (frm.doc.name !== name) return;
		frm.offered_steps = transitions;
		grid_governance.steps.show_buttons(wrapper, transitions, (action) => {
			frm.selected_workflow_action = action;
			ask_for_step(frm, action);
		});
	}

	// The promise stays open on purpose, so that Frappe's own call does not take the step a second time.
	function ask_for_step(frm, action) {
		frappe.dom.unfreeze();
		const step = (frm.offered_steps || []).find((each) => each.action === action) || {};
		return new Promise(() => {
			grid_governance.steps.ask({
				action,
				issue: frm.doc.issue,
				fields: step_fields(step),
				take: async (values) =>
					grid_governance.steps.taken(
						frm,
						await frappe.xcall(
							STEP_METHOD,
							Object.assign({ referral: frm.doc.name, action }, values)
						)
					),
			});
		});
	}

	function step_fields(step) {
		const state = frappe.get_doc("Workflow State", step.next_state) || {};
		if (state.grid_stage === "Resolved") {
			return [
				{
					fieldname: "opinion",
					fieldtype: "Small Text",
					label: __("What Was Done"),
					reqd: 1,
					answers: "Result",
				},
				{ fieldname: "photo", fieldtype: "Attach Image", label: __("Photo of the Result") },
			];
		}
		return [grid_governance.steps.opinion_field(step)];
	}

	const SHOWN = [
		"urgency",
		"location_note",
		"description",
		"found_at",
		"due_by",
		"workflow_state",
		"photo_before",
	];

	// What the department is asked about, in place; the issue itself has the whole record.
	async function show_issue(frm) {
		const name = frm.doc.name;
		const { message } = await frappe.db.get_value("Grid Issue", frm.doc.issue, SHOWN);
		if (frm.doc.name !== name) return;
		const issue = message || {};
		if (!issue.workflow_state) {
			$(frm.fields_dict.issue_html.wrapper)
				.empty()
				.append(
					$("<div class='text-muted'>").text(
						__("The issue is no longer with this department. What was asked and said stays here.")
					)
				);
			return;
		}
		const escape = frappe.utils.escape_html;
		const lines = [
			[__("Urgency"), grid_governance.urgency.label(issue.urgency)],
			[__("Exact Place"), issue.location_note],
			[__("What Happened"), issue.description],
			[__("Found At"), frappe.datetime.str_to_user(issue.found_at)],
			[__("Due By"), issue.due_by && frappe.datetime.str_to_user(issue.due_by)],
			[__("Handling State"), __(issue.workflow_state)],
		].filter(([, value]) => value);
		const wrapper = $(frm.fields_dict.issue_html.wrapper).empty();
		lines.forEach(([label, value]) =>
			wrapper.append(
				`<div class="mb-1"><span class="text-muted">${label}</span> <span style="white-space: pre-wrap">${escape(
					value
				)}</span></div>`
			)
		);
		if (issue.photo_before) {
			wrapper.append(
				$("<img class='my-2' style='max-width: 100%; max-height: 320px'>").attr(
					"src",
					issue.photo_before
				)
			);
		}
		wrapper.append(
			`<div><a href="/app/grid-issue/${encodeURIComponent(frm.doc.issue)}">${__("Open the Issue")}</a></div>`
		);
	}
})();
