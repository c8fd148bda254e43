frappe.ui.form.on("Grid Adjustment", {
	setup(frm) {
		const others = () => ({
			filters: { status: "Active", name: ["!=", frm.doc.grid || ""] },
		});
		frm.set_query("grid", () => ({ filters: { status: "Active" } }));
		frm.set_query("new_parent", () => ({ filters: { ...others().filters, is_group: 1 } }));
		frm.set_query("successor", others);
		frm.set_query("grid", "sources", others);
	},
});
