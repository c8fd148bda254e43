// What is reported at a household: from its page, with the household and its grid filled in.
frappe.ui.form.on("Household", {
	household_page(frm) {
		if (frm.doc.status !== "Active" || !frappe.model.can_create("Grid Issue")) return;
		const report = () => {
			frappe.route_options = {
				household: frm.doc.name,
				household_title: frm.doc.title,
				grid: frm.doc.grid,
				grid_name: frm.household_page.data.grid_name,
			};
			frappe.set_route("report-issue");
		};
		frm.household_page.add_button(__("Report a Matter Here"), report, { first: true });
	},
});
