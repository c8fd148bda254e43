(() => {
	const GRIDS = "grid_governance.grid_ledger.queries.find.grids_for_households";

	frappe.ui.form.on("Household", {
		setup(frm) {
			const member = () => ({ filters: { household: frm.doc.name } });
			["head", "group_rep"].forEach((field) => frm.set_query(field, member));
			frm.set_query("grid", () => ({ query: GRIDS }));
		},

		async refresh(frm) {
			frm.toggle_enable("head", false);
			$(frm.fields_dict.page_html.wrapper).empty();
			if (frm.is_new()) return;
			await frappe.require("household.bundle.js");
			await grid_governance.household.show(frm);
		},
	});
})();
