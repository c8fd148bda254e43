frappe.ui.form.on("Grid", {
	setup(frm) {
		frm.set_query("parent_grid", () => ({
			filters: { status: "Active", is_group: 1, name: ["!=", frm.doc.name || ""] },
		}));
	},
	refresh(frm) {
		if (frm.is_new()) return;
		frm.add_custom_button(__("Tree"), () => frappe.set_route("Tree", "Grid"));
		if (frm.doc.status === "Active" && frappe.model.can_create("Grid Adjustment")) {
			frm.add_custom_button(__("Adjust"), () =>
				frappe.new_doc("Grid Adjustment", { grid: frm.doc.name })
			);
		}
	},
});
