// Asks an administrator whether a DocType that she has linked to Grid is limited by grid.
if (!frappe.grid_limit_question) {
	const answer = (doctype, limited) =>
		frappe
			.xcall("grid_governance.scope.limits.answer_limit_question", { doctype, limited })
			.then(() => frappe.show_alert({ message: __("Saved"), indicator: "green" }));

	frappe.grid_limit_question = async (frm, doctype) => {
		const state = await frappe.xcall("grid_governance.scope.limits.limit_question", { doctype });
		if (!state.applies) return;
		const limited = Boolean(state.limited);
		frm.add_custom_button(limited ? __("Do Not Limit by Grid") : __("Limit by Grid"), () =>
			answer(doctype, limited ? 0 : 1).then(() => frm.reload_doc())
		);
		if (state.answered) return;
		frappe.confirm(
			__(
				"{0} is linked to Grid. Shall everyone see only the rows of the grids of her own posts? Until you answer, rows are limited for a DocType of your own and open for any other.",
				[__(doctype).bold()]
			),
			() => answer(doctype, 1),
			() => answer(doctype, 0)
		);
	};

	frappe.ui.form.on("DocType", {
		refresh: (frm) => frm.is_new() || frappe.grid_limit_question(frm, frm.doc.name),
	});
	frappe.ui.form.on("Customize Form", {
		refresh: (frm) => frm.doc.doc_type && frappe.grid_limit_question(frm, frm.doc.doc_type),
	});
}
