(() => {
	const METHOD = "grid_governance.grid_structure.doctype.township_profile.township_profile.site_rules";
	let site_rules;

	frappe.ui.form.on("Township Profile", {
		setup(frm) {
			frm.set_query("grid", () => ({ filters: { status: "Active" } }));
		},
		async refresh(frm) {
			if (!frm.is_new()) {
				frm.page.set_title(frappe.utils.get_link_title("Grid", frm.doc.grid) || frm.doc.grid);
			}
			site_rules = site_rules || (await frappe.xcall(METHOD));
			show(frm);
		},
	});

	// What is empty, or 0, comes from the site: its rule stands in the empty field.
	function show(frm) {
		for (const [fieldname, value] of Object.entries(site_rules)) {
			const field = frm.fields_dict[fieldname];
			if (!field?.$input) continue;
			if (!frm.doc[fieldname]) field.$input.val("");
			const words = __("Site: {0}", [__(String(value))]);
			if (field.df.fieldtype === "Select") field.$input.find("option[value='']").text(words);
			else field.$input.attr("placeholder", words);
		}
	}
})();
