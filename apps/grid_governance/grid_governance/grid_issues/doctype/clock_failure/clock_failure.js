frappe.ui.form.on("Clock Failure", {
	refresh(frm) {
		frm.disable_save();
		if (!frm.perm[0]?.delete) return;
		frm.add_custom_button(__("Try Again"), async () => {
			const said = await frappe.xcall("grid_governance.grid_issues.escalation.failures.try_again", {
				issue: frm.doc.issue,
			});
			frappe.show_alert({ message: said, indicator: "green" });
		});
	},
});
