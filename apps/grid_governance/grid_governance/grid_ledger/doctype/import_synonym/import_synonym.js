(() => {
	const CHOICES = "grid_governance.grid_ledger.importing.columns.synonyms.choices";

	frappe.ui.form.on("Import Synonym", {
		async refresh(frm) {
			if (!frm.is_new()) return;
			frm.choices = (await frappe.xcall(CHOICES)) || [];
			frm.fields_dict.target.set_data(frm.choices.map(({ value, label }) => ({ value, label })));
			offer_values(frm);
		},
		target(frm) {
			frm.set_value("code", "");
			offer_values(frm);
		},
	});

	function offer_values(frm) {
		const chosen = (frm.choices || []).find(({ value }) => value === frm.doc.target);
		frm.fields_dict.code.set_data(chosen ? chosen.values : []);
		frm.toggle_display("code", Boolean(chosen && chosen.values.length));
	}
})();
