frappe.ui.form.on("Resident Identity", {
	refresh(frm) {
		if (frm.is_new()) return;
		frm.add_custom_button(__("Show the Number"), async () => {
			await frappe.require("household.bundle.js");
			grid_governance.household.reveal(frm.doc.name);
		});
	},
});
