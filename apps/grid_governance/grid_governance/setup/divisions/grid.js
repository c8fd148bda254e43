frappe.ui.form.on("Grid", {
	refresh(frm) {
		if (frm.is_new() || !frappe.model.can_create("Grid")) return;
		frm.add_custom_button(__("Draw Grids by Rule"), () =>
			grid_governance.divisions.draw_grids(frm.doc.name, () => frm.reload_doc())
		);
	},
});
