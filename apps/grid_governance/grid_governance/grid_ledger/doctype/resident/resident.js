(() => {
	frappe.ui.form.on("Resident", {
		setup(frm) {
			frm.set_query("household", () => ({ filters: { status: "Active" } }));
			frm.set_query("guardian", () => ({ filters: { name: ["!=", frm.doc.name || ""] } }));
		},

		async refresh(frm) {
			$(frm.fields_dict.page_html.wrapper).empty();
			await frappe.require("household.bundle.js");
			grid_governance.household.show_guardian(frm);
			if (frm.is_new()) return;
			// On a phone the way to lists would push the person out of sight.
			if (frappe.utils.is_xs()) frm.dashboard.links_area?.collapse(true);
			await grid_governance.household.show_person(frm);
		},

		birth_date(frm) {
			grid_governance.household?.show_guardian(frm);
		},
	});
})();
