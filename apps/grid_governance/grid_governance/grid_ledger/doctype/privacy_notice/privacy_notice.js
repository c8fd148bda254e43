frappe.ui.form.on("Privacy Notice", {
	setup(frm) {
		frm.set_query("grid", "grid_governance.grid_ledger.queries.notices.townships");
	},

	// What is shipped is written into a new one, to be read and changed before it is saved.
	async onload(frm) {
		if (!frm.is_new() || frm.doc.purposes) return;
		const method = "grid_governance.grid_ledger.actions.notices.shipped";
		frm.set_value(await frappe.xcall(method, { doctype: frm.doctype }));
	},

	refresh(frm) {
		if (!frm.is_new())
			frm.add_web_link(`/privacy/${encodeURIComponent(frm.doc.grid)}`, __("Public Page"));
	},
});
