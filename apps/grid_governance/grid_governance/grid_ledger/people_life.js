// What becomes of a resident: moves, leaves, dies, comes back, withdraws a consent, is compared with somebody.
(() => {
	const COMINGS = "grid_governance.grid_ledger.actions.comings";
	const WITHDRAW = "grid_governance.grid_ledger.actions.consents.withdraw";
	const ELSEWHERE = "grid_governance.grid_ledger.queries.likeness.elsewhere";
	const GONE = ["Moved Out", "Deceased"];

	frappe.ui.form.on("Resident", {
		async refresh(frm) {
			if (frm.is_new()) return;
			if (frm.doc.merged_into) return show_merged(frm);
			limit_fields(frm);
			if (frm.perm[0]?.write) add_buttons(frm);
			await show_elsewhere(frm);
		},
	});

	function show_merged(frm) {
		const link = $(`<a>`)
			.attr("href", frappe.utils.get_form_link("Resident", frm.doc.merged_into))
			.text(__("Open the one that stayed."));
		const text = $(`<span>`).text(
			__("This record was merged into another one and stays as history.") + " "
		);
		frm.set_intro(text.append(link).prop("outerHTML"), "orange");
		frm.disable_form();
	}

	// Who moves, leaves or dies does so with a day and a reason; that she is away for a while is a field.
	function limit_fields(frm) {
		const gone = GONE.includes(frm.doc.status);
		["household", "status_date"].forEach((field) => frm.set_df_property(field, "read_only", 1));
		frm.set_df_property("status", "read_only", gone ? 1 : 0);
		const { options } = frappe.meta.get_docfield("Resident", "status");
		const here = options.split("\n").filter((option) => gone || !GONE.includes(option));
		frm.set_df_property("status", "options", here);
	}

	function add_buttons(frm) {
		const add = (label, act) => frm.add_custom_button(label, () => act(frm), __("Comings and Goings"));
		if (GONE.includes(frm.doc.status)) {
			add(__("Record the Return"), come_back);
		} else {
			add(__("Move to Another Household"), move);
			add(__("Record a Departure"), (form) => leave(form, "move_out", __("Record a Departure")));
			add(__("Record a Death"), (form) => leave(form, "record_death", __("Record a Death")));
		}
		add(__("Withdraw Consent"), withdraw);
		add(__("Compare With Another Resident"), compare);
	}

	async function show_elsewhere(frm) {
		const { name } = frm.doc;
		const rows = await frappe.xcall(ELSEWHERE, { resident: name });
		if (frm.doc.name !== name || !rows.length) return;
		const list = $(`<ul class="list-unstyled mb-0">`);
		rows.forEach((row) => {
			const item = $(`<li>`)
				.text(`${__(row.reason)}: `)
				.appendTo(list);
			$(`<a>`)
				.attr("href", frappe.utils.get_form_link("Resident", row.name))
				.text(row.about)
				.appendTo(item);
		});
		frm.dashboard.add_section(list, __("Elsewhere in the Ledger"));
		frm.dashboard.show();
	}

	const day = (label) => ({
		fieldname: "on",
		fieldtype: "Date",
		label,
		reqd: 1,
		default: frappe.datetime.get_today(),
	});
	const reason = (reqd = 0) => ({
		fieldname: "reason",
		fieldtype: "Small Text",
		label: __("Reason"),
		reqd,
	});

	function relation(fieldname, label, with_head) {
		const { options } = frappe.meta.get_docfield("Resident", "relation_to_head");
		const known = options.split("\n").filter((option) => with_head || option !== "Head");
		return {
			fieldname,
			fieldtype: "Select",
			label,
			options: ["", ...known.map((value) => ({ value, label: __(value) }))],
			reqd: 1,
		};
	}

	// Who is head after somebody who was it, and how the others stand to that one.
	async function succession(frm) {
		const { message } = await frappe.db.get_value("Household", frm.doc.household, "head");
		if (message.head !== frm.doc.name) return { fields: [], given: () => ({}) };
		const others = await frappe.db.get_list("Resident", {
			filters: {
				household: frm.doc.household,
				name: ["!=", frm.doc.name],
				status: ["not in", GONE],
				merged_into: ["is", "not set"],
			},
			fields: ["name", "resident_name"],
			order_by: "creation asc",
			limit: 0,
		});
		if (!others.length) return { fields: [], given: () => ({}) };
		const named = others.map(({ name, resident_name }) => ({ value: name, label: resident_name }));
		return {
			fields: [
				{
					fieldname: "next_head",
					fieldtype: "Select",
					label: __("New Head"),
					options: ["", ...named],
					reqd: 1,
				},
				...others.map(({ name, resident_name }) => ({
					...relation(`of_${name}`, __("{0}: relation to the new head", [resident_name]), false),
					depends_on: `eval:doc.next_head && doc.next_head !== "${name}"`,
					mandatory_depends_on: `eval:doc.next_head && doc.next_head !== "${name}"`,
					reqd: 0,
				})),
			],
			given: (values) => ({
				next_head: values.next_head,
				relations: Object.fromEntries(
					others
						.filter(({ name }) => name !== values.next_head)
						.map(({ name }) => [name, values[`of_${name}`] || ""])
				),
			}),
		};
	}

	function ask(frm, title, fields, method, given = () => ({})) {
		const dialog = new frappe.ui.Dialog({
			title: `${title}: ${frm.doc.resident_name}`,
			fields,
			primary_action_label: title,
			primary_action: async (values) => {
				dialog.disable_primary_action();
				try {
					const { on, reason: why } = values;
					const told = { resident: frm.doc.name, on, reason: why || "", ...given(values) };
					const answer = await frappe.xcall(method, told);
					dialog.hide();
					await frm.reload_doc();
					if (answer?.length) tell_of_wards(answer);
				} catch {
					// Frappe has shown why it was refused; what was entered stays.
				} finally {
					dialog.enable_primary_action();
				}
			},
		});
		dialog.show();
	}

	function tell_of_wards(names) {
		const list = names.map(frappe.utils.escape_html).join(__("; "));
		frappe.msgprint({
			title: __("Minors without a Guardian"),
			message: __("These minors have lost their guardian. Enter another one: {0}", [list]),
			indicator: "orange",
		});
	}

	async function move(frm) {
		const after = await succession(frm);
		const to = {
			fieldname: "household",
			fieldtype: "Link",
			options: "Household",
			label: __("To the Household"),
			reqd: 1,
			get_query: () => ({ filters: { name: ["!=", frm.doc.household], status: "Active" } }),
		};
		const fields = [
			to,
			relation("relation", __("Relation to the Head There"), true),
			day(__("Day")),
			...after.fields,
			reason(),
		];
		ask(frm, __("Move to Another Household"), fields, `${COMINGS}.move`, (values) => ({
			household: values.household,
			relation: values.relation,
			...after.given(values),
		}));
	}

	async function leave(frm, method, title) {
		const after = await succession(frm);
		ask(frm, title, [day(__("Day")), ...after.fields, reason()], `${COMINGS}.${method}`, after.given);
	}

	function come_back(frm) {
		const died = frm.doc.status === "Deceased";
		const fields = [
			{
				fieldname: "household",
				fieldtype: "Link",
				options: "Household",
				label: __("To the Household"),
				default: frm.doc.household,
				reqd: 1,
				get_query: () => ({ filters: { status: "Active" } }),
			},
			relation("relation", __("Relation to the Head There"), true),
			day(__("Day")),
			reason(died ? 1 : 0),
		];
		ask(
			frm,
			__("Record the Return"),
			fields,
			`${COMINGS}.come_back`,
			({ household, relation: stands }) => ({
				household,
				relation: stands,
			})
		);
	}

	function withdraw(frm) {
		const category = {
			fieldname: "category",
			fieldtype: "Link",
			options: "Care Category",
			label: __("Only of This Category"),
			get_query: () => ({ filters: { legal_basis: "Consent" } }),
			description: __("Left empty, everything that rests on her consent ends."),
		};
		ask(frm, __("Withdraw Consent"), [day(__("Day")), category, reason(1)], WITHDRAW, (values) => ({
			category: values.category || "",
		}));
	}

	function compare(frm) {
		frappe.prompt(
			{
				fieldname: "other",
				fieldtype: "Link",
				options: "Resident",
				label: __("Other Resident"),
				reqd: 1,
				get_query: () => ({ filters: { name: ["!=", frm.doc.name] } }),
			},
			({ other }) => grid_governance.people.compare(frm.doc.name, other, () => frm.reload_doc()),
			__("Compare With Another Resident"),
			__("Compare")
		);
	}
})();
