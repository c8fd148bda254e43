// A visit is entered from the page of the household, by the same form as from the list of the day.
frappe.ui.form.on("Household", {
	household_page(frm) {
		if (frm.doc.status !== "Active" || !frappe.model.can_create("Household Visit")) return;
		const visit = () => {
			const { title, address, household_no } = frm.doc;
			frappe.route_options = { title, address, household_no };
			frappe.set_route("today", frm.doc.name);
		};
		frm.household_page.add_button(__("Enter a Visit"), visit, { first: true });
	},
});
