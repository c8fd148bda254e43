(() => {
	frappe.ui.form.on("Ledger Import", {
		setup(frm) {
			frm.set_query("grid", () => ({ filters: { status: "Active" } }));
		},
		async onload(frm) {
			if (!frm.is_new() || frm.doc.grid) return;
			const [mine] = await frappe.xcall("grid_governance.grid_structure.queries.desk.my_grids");
			if (mine && frm.is_new() && !frm.doc.grid) frm.set_value("grid", mine.grid);
		},
		refresh: (frm) => of(frm, "show"),
		kind: (frm) => of(frm, "show"),
		after_save: (frm) => of(frm, "saved"),
	});

	async function of(frm, what) {
		await frappe.require("ledger_import.bundle.js");
		await grid_governance.ledger_import[what](frm);
	}
})();
