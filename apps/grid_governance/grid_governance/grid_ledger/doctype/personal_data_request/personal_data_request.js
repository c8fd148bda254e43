(() => {
	const ACTIONS = "grid_governance.grid_ledger.actions.requests";
	const BUTTONS = { See: see, Correct: correct, Delete: remove };

	frappe.ui.form.on("Personal Data Request", {
		refresh(frm) {
			frm.set_intro();
			if (frm.is_new()) return;
			const { status, kind, due_by } = frm.doc;
			if (status !== "To Be Answered") return frm.disable_save();
			const late = frappe.datetime.get_day_diff(due_by, frappe.datetime.get_today()) < 0;
			const said = late ? __("Late: it was due on {0}.") : __("To be answered by {0}.");
			frm.set_intro(said.replace("{0}", frappe.datetime.str_to_user(due_by)), late ? "red" : "blue");
			if (!frm.perm[0]?.write) return;
			BUTTONS[kind](frm);
			frm.add_custom_button(__("Refuse"), () => refuse(frm));
		},
	});

	function see(frm) {
		add(frm, __("Make the File"), () =>
			frappe.confirm(
				__(
					"The file holds everything kept of her, with the whole identity number. That you made it goes into the log."
				),
				() => run(frm, "produce")
			)
		);
	}

	function correct(frm) {
		frm.add_custom_button(__("Open the Resident"), () =>
			frappe.set_route("Form", "Resident", frm.doc.resident)
		);
		add(frm, __("Corrected"), () =>
			ask(frm, "corrected", __("Corrected"), [
				answer(__("What Was Changed"), __("The asker is told this. Correct the record first.")),
			])
		);
	}

	async function remove(frm) {
		add(frm, __("Delete Now"), async () => {
			const { whole, stays } = await frappe.xcall(`${ACTIONS}.deletion`, { request: frm.doc.name });
			const said = whole
				? __("Everything that tells who she was is deleted. This cannot be undone.")
				: __(
						"Contacts, skills, files and care that rest on consent are deleted. This cannot be undone. What stays:"
					);
			const list = stays.map((each) => `<li>${frappe.utils.escape_html(each)}</li>`).join("");
			frappe.confirm(`<p>${said}</p>${list && `<ul>${list}</ul>`}`, () => run(frm, "delete"));
		});
	}

	function refuse(frm) {
		const field = frappe.meta.get_docfield("Personal Data Request", "refusal_ground");
		const options = field.options
			.split("\n")
			.filter(Boolean)
			.map((value) => ({ value, label: __(value) }));
		ask(frm, "refuse", __("Refuse"), [
			{ fieldname: "ground", fieldtype: "Select", label: __("Ground of Refusal"), options, reqd: 1 },
			answer(
				__("What the Asker Is Told"),
				__("With the ground, and that she may complain or go to court.")
			),
		]);
	}

	const answer = (label, description) => ({
		fieldname: "answer",
		fieldtype: "Small Text",
		label,
		description,
		reqd: 1,
	});

	// What was not saved would be lost: a step works on what is stored.
	function add(frm, label, action) {
		frm.add_custom_button(label, async () => {
			if (frm.is_dirty()) await frm.save();
			action();
		}).addClass("btn-primary");
	}

	function ask(frm, step, title, fields) {
		const dialog = new frappe.ui.Dialog({
			title,
			fields,
			primary_action_label: title,
			primary_action: async (values) => {
				await run(frm, step, values);
				dialog.hide();
			},
		});
		dialog.show();
	}

	async function run(frm, step, values = {}) {
		await frappe.xcall(`${ACTIONS}.${step}`, { request: frm.doc.name, ...values });
		await frm.reload_doc();
	}
})();
