(() => {
	const STEP_METHOD = "grid_governance.grid_issues.steps.take_step";
	const HANDLING_METHOD = "grid_governance.grid_issues.log.handling";
	const REFERRALS_METHOD = "grid_governance.grid_issues.referrals.of_issue";
	const DEPARTMENTS_METHOD = "grid_governance.grid_issues.referrals.departments_for";
	const SAME_MATTER_QUERY = "grid_governance.grid_issues.duplicates.same_matter";
	const EXTENSIONS = "grid_governance.grid_issues.extensions";
	const INFORMING = "grid_governance.grid_issues.informing";
	const START_METHOD = "grid_governance.grid_issues.queries.starting_values";

	frappe.ui.form.on("Grid Issue", {
		setup(frm) {
			frm.set_query("category", () => ({ filters: { is_group: 0, active: 1 } }));
			frm.fields_dict.category.df.filter_description = __("Categories in use");
			frm.set_query("urgency", () => ({ filters: { active: 1 } }));
			frm.fields_dict.urgency.df.filter_description = __("Urgencies in use");
			frm.set_query("household", () => ({ filters: { status: "Active" } }));
			frm.fields_dict.household.df.filter_description = __("Households in your grids");
		},

		onload(frm) {
			if (frm.is_new() && !frm.doc.grid) propose_grid(frm);
		},

		refresh(frm) {
			["photo_before", "photo_after"].forEach((field) =>
				grid_governance.photos.take_over(frm.fields_dict[field])
			);
			if (frm.is_new()) return;
			show_steps(frm);
			show_satisfaction(frm);
			show_extension(frm);
			grid_governance.supervision.show(frm, frm.fields_dict.supervision_html.wrapper);
			show_informing(frm);
			show_pause(frm);
			show_referrals(frm);
			show_handling(frm);
		},

		category(frm) {
			if (frm.is_new() && frm.doc.category) propose_urgency(frm);
		},

		async household(frm) {
			if (!frm.doc.household) return;
			const { message } = await frappe.db.get_value("Household", frm.doc.household, "grid");
			if (message?.grid) await frm.set_value("grid", message.grid);
		},

		before_workflow_action(frm) {
			return ask_for_step(frm);
		},
	});

	async function propose_grid(frm) {
		const start = await frappe.xcall(START_METHOD, {});
		if (start.grid && !frm.doc.grid) await frm.set_value("grid", start.grid);
	}

	async function propose_urgency(frm) {
		const { message } = await frappe.db.get_value("Issue Category", frm.doc.category, "default_urgency");
		if (message && message.default_urgency) {
			await frm.set_value("urgency", message.default_urgency);
		}
	}

	// The steps open to the user, as buttons in sight: the menu of actions is easily overlooked on a phone.
	async function show_steps(frm) {
		const name = frm.doc.name;
		const wrapper = $(frm.fields_dict.steps_html.wrapper).empty();
		const transitions = await frappe.workflow.get_transitions(frm.doc);
		if (frm.doc.name !== name) return;
		frm.offered_steps = transitions;
		grid_governance.steps.show_buttons(wrapper, transitions, (action) => take_step(frm, action));
	}

	async function take_step(frm, action) {
		if (frm.is_dirty()) await frm.save();
		frm.selected_workflow_action = action;
		ask_for_step(frm);
	}

	// The dialog that stands before a step: it asks for what the step needs and takes it in one call.
	// The promise stays open on purpose, so that Frappe's own call does not take the step a second time.
	function ask_for_step(frm) {
		frappe.dom.unfreeze();
		const action = frm.selected_workflow_action;
		const step = (frm.offered_steps || []).find((each) => each.action === action) || {};
		return new Promise(async () => {
			const departments =
				step.needs === "Departments"
					? await frappe.xcall(DEPARTMENTS_METHOD, { issue: frm.doc.name })
					: [];
			grid_governance.steps.ask({
				action,
				issue: frm.doc.name,
				fields: step_fields(frm, step, departments),
				take: async (values) =>
					grid_governance.steps.taken(
						frm,
						await frappe.xcall(
							STEP_METHOD,
							Object.assign({ issue: frm.doc.name, action }, values)
						)
					),
			});
		});
	}

	function step_fields(frm, step, departments) {
		const state = frappe.get_doc("Workflow State", step.next_state) || {};
		const field = (fieldname, extra) =>
			Object.assign({ default: frm.doc[fieldname] }, pick(frm.fields_dict[fieldname].df), extra);
		if (state.grid_stage === "Resolved") {
			return [field("result", { reqd: 1, answers: "Result" }), field("photo_after")];
		}
		if (state.grid_stage === "Final" && !state.grid_unhandled) {
			return [field("feedback", { reqd: 1, answers: "Feedback" }), field("satisfaction")];
		}
		if (step.needs === "Departments") {
			return grid_governance.steps.referral_fields(departments, frm.doc.due_by);
		}
		if (step.needs === "Instruction") return grid_governance.steps.instruction_fields();
		const opinion = Object.assign(grid_governance.steps.opinion_field(step), {
			description: __("Goes into the handling record."),
		});
		const merged_into = field("duplicate_of", {
			options: "Grid Issue",
			reqd: 1,
			get_query: () => ({ query: SAME_MATTER_QUERY, filters: { issue: frm.doc.name } }),
			filter_description: __("Issues in your grids"),
		});
		return step.needs === "Duplicate" ? [merged_into, opinion] : [opinion];
	}

	function pick({ fieldname, fieldtype, label, description }) {
		return { fieldname, fieldtype, label: __(label), description: description && __(description) };
	}

	async function show_handling(frm) {
		const name = frm.doc.name;
		const steps = await frappe.xcall(HANDLING_METHOD, { issue: name });
		if (frm.doc.name !== name) return;
		const wrapper = $(frm.fields_dict.process_html.wrapper).empty();
		const list = $(`<ol class="list-unstyled issue-handling">`).appendTo(wrapper);
		steps.forEach((step) => list.append(step_html(step)));
	}

	// More time: whoever handles the issue asks, one level up decides, both in place.
	async function show_extension(frm) {
		const name = frm.doc.name;
		const standing = await frappe.xcall(`${EXTENSIONS}.standing`, { issue: name });
		if (frm.doc.name !== name) return;
		const wrapper = $(frm.fields_dict.extension_html.wrapper).empty();
		const button = (label, act) =>
			$(`<button type="button" class="btn btn-xs btn-default mr-2">`).text(label).on("click", act);
		const waiting = standing.waiting;
		if (waiting) {
			const text = __("More time until {0}: {1}", [
				frappe.datetime.str_to_user(waiting.until),
				waiting.reason,
			]);
			const box = $(`<div class="mb-3">`).appendTo(wrapper);
			$(`<div class="mb-1">`).text(text).appendTo(box);
			if (waiting.may_decide) {
				box.append(button(__("Grant"), () => decide_extension(frm, waiting, 1)));
				box.append(button(__("Refuse"), () => decide_extension(frm, waiting, 0)));
			}
		} else if (standing.may_ask) {
			$(`<div class="mb-3">`)
				.append(button(__("Ask for More Time"), () => ask_for_time(frm, standing.latest)))
				.appendTo(wrapper);
		}
	}

	function ask_for_time(frm, latest) {
		const at_most = latest && __("Until {0} at the latest.", [frappe.datetime.str_to_user(latest)]);
		extension_dialog(
			frm,
			__("Ask for More Time"),
			[
				{
					fieldname: "until",
					fieldtype: "Datetime",
					label: __("More Time Until"),
					description: at_most,
					reqd: 1,
				},
				{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason"), reqd: 1 },
			],
			"ask",
			{ issue: frm.doc.name }
		);
	}

	function decide_extension(frm, waiting, granted) {
		extension_dialog(
			frm,
			granted ? __("Grant") : __("Refuse"),
			[{ fieldname: "words", fieldtype: "Small Text", label: __("Opinion"), reqd: granted ? 0 : 1 }],
			"decide",
			{ extension: waiting.name, granted }
		);
	}

	function extension_dialog(frm, title, fields, method, args) {
		const dialog = new frappe.ui.Dialog({
			title,
			fields,
			primary_action_label: title,
			primary_action: async (values) => {
				dialog.disable_primary_action();
				try {
					await frappe.xcall(`${EXTENSIONS}.${method}`, Object.assign({}, args, values));
					dialog.hide();
					frm.reload_doc();
				} catch {
					// Frappe has shown why it was refused; the dialog stays.
				} finally {
					dialog.enable_primary_action();
				}
			},
		});
		dialog.show();
	}

	// That the matter is in hand: whoever handles it notes that the petitioner was told, where a rule asks for it.
	async function show_informing(frm) {
		const name = frm.doc.name;
		const wrapper = $(frm.fields_dict.informing_html?.wrapper).empty();
		if (!frm.doc.inform_by || frm.doc.informed_at || frm.doc.closed_at) return;
		const may = await frappe.xcall(`${INFORMING}.may_tell`, { issue: name });
		if (frm.doc.name !== name) return;
		const late = frm.doc.inform_by < frappe.datetime.system_datetime();
		const text = __("The petitioner is to be told by {0} that the matter is in hand.", [
			frappe.datetime.str_to_user(frm.doc.inform_by),
		]);
		const box = $(`<div class="mb-3">`).appendTo(wrapper.empty());
		$(`<div class="mb-1">`)
			.addClass(late ? "text-danger" : "")
			.text(text)
			.appendTo(box);
		if (!may) return;
		$(`<button type="button" class="btn btn-xs btn-default">`)
			.text(__("Petitioner Was Told"))
			.on("click", () => tell_petitioner(frm))
			.appendTo(box);
	}

	function tell_petitioner(frm) {
		const ways = frm.fields_dict.informed_way.df.options.split("\n");
		const title = __("Petitioner Was Told");
		const dialog = new frappe.ui.Dialog({
			title,
			fields: [
				{
					fieldname: "way",
					fieldtype: "Select",
					label: __("Petitioner Told How"),
					options: ways.slice(0, -1).join("\n"),
					reqd: 1,
				},
				{ fieldname: "words", fieldtype: "Small Text", label: __("What Was Said"), reqd: 1 },
			],
			primary_action_label: title,
			primary_action: async (values) => {
				dialog.disable_primary_action();
				try {
					await frappe.xcall(`${INFORMING}.tell`, Object.assign({ issue: frm.doc.name }, values));
					dialog.hide();
					frm.reload_doc();
				} catch {
					// Frappe has shown why it was refused; the dialog stays.
				} finally {
					dialog.enable_primary_action();
				}
			},
		});
		dialog.show();
	}

	function show_pause(frm) {
		if (!frm.doc.paused_at) return;
		const moments = [frm.doc.paused_at, frm.doc.paused_until].map((at) =>
			frappe.datetime.str_to_user(at)
		);
		frm.set_intro(__("The clock has stood still since {0}; it goes on by {1} at the latest.", moments));
	}

	async function show_referrals(frm) {
		const name = frm.doc.name;
		const referrals = await frappe.xcall(REFERRALS_METHOD, { issue: name });
		if (frm.doc.name !== name) return;
		frm.set_df_property("section_break_referrals", "hidden", referrals.length ? 0 : 1);
		const wrapper = $(frm.fields_dict.referrals_html.wrapper).empty();
		referrals.forEach((referral) => wrapper.append(referral_html(referral)));
	}

	function referral_html(referral) {
		const escape = frappe.utils.escape_html;
		const words = [referral.opinion, referral.returned_reason].filter(Boolean).join("\n");
		const colour = COLOURS[referral.style] || "gray";
		const lead = referral.lead ? ` <span class="text-muted">(${__("In the Lead")})</span>` : "";
		const due = referral.due_by
			? `<div class="text-muted small">${__("Answer By")} ${escape(
					frappe.datetime.str_to_user(referral.due_by)
				)}</div>`
			: "";
		return `<div class="mb-3">
			<a href="/app/issue-referral/${encodeURIComponent(referral.name)}"><strong>${escape(
				referral.department
			)}</strong></a>${lead}
			<span class="indicator-pill ${colour} ml-2">${escape(__(referral.state))}</span>
			${due}
			${words ? `<div class="mt-1" style="white-space: pre-wrap">${escape(words)}</div>` : ""}
		</div>`;
	}

	// Frappe 15.0 hides a rating of less than five stars where the form is read only.
	function show_satisfaction(frm) {
		const stars = Math.round(frm.doc.satisfaction * 10) / 2;
		frm.set_df_property("feedback", "description", stars ? __("Satisfaction: {0} of 5", [stars]) : "");
	}

	const COLOURS = {
		Success: "green",
		Warning: "orange",
		Danger: "red",
		Primary: "blue",
		Inverse: "darkgrey",
		Info: "cyan",
	};

	function step_html(step) {
		const escape = frappe.utils.escape_html;
		const who = escape(step.by_clock ? __("By the Clock") : step.worker_name || step.full_name || "");
		const at = frappe.datetime.str_to_user(step.at);
		const who_for = step.department ? `${step.department} · ` : "";
		const what = step.action
			? __(step.action)
			: step.changed
				? __("Corrected")
				: step.from_state
					? __(step.by_clock ? "Reminder" : "Note")
					: __("Reported");
		const words = [step.opinion, step.changed].filter(Boolean).join("\n");
		return `<li class="mb-3 pl-3" style="border-left: 2px solid var(--border-color)">
			<div>
				<strong>${escape(what)}</strong>
				<span class="indicator-pill ${COLOURS[step.style] || "gray"} ml-2">${escape(__(step.to_state))}</span>
			</div>
			<div class="text-muted small">${escape(at)} · ${escape(who_for)}${who}</div>
			${words ? `<div class="mt-1" style="white-space: pre-wrap">${escape(words)}</div>` : ""}
		</li>`;
	}
})();
