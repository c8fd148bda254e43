frappe.ui.form.on("Grid", {
	setup(frm) {
		frm.set_query("parent_grid", () => ({
			filters: { status: "Active", name: ["!=", frm.doc.name || ""] },
		}));
	},
	refresh(frm) {
		if (frm.is_new()) return;
		frm.add_custom_button(__("Tree"), () => frappe.set_route("Tree", "Grid"));
	},
});
