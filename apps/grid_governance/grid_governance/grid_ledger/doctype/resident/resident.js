(() => {
	frappe.ui.form.on("Resident", {
		setup(frm) {
			frm.set_query("household", () => ({ filters: { status: "Active" } }));
			frm.set_query("guardian", () => ({ filters: { name: ["!=", frm.doc.name || ""] } }));
		},
	});
})();
