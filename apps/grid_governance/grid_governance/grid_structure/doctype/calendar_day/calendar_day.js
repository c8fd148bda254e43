// Says until when the state's calendar is known, so that nobody enters what is known already.
frappe.ui.form.on("Calendar Day", {
	async refresh(frm) {
		frm.set_intro("");
		frm.set_intro(await grid_governance.calendar_known());
	},
});
