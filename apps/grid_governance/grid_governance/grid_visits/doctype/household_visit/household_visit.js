const CORRECTED_FOR = 24; // hours, as in grid_visits/actions.py

frappe.ui.form.on("Household Visit", {
	setup(frm) {
		frm.set_query("residents_met", () => ({
			filters: { household: frm.doc.household, status: ["in", ["Living Here", "Away"]] },
		}));
		frm.set_query("topics", () => ({ filters: { active: 1 } }));
	},
	refresh(frm) {
		if (frm.is_new()) return;
		const { owner, entered_at } = frm.doc;
		const late =
			frappe.datetime.get_hour_diff(frappe.datetime.now_datetime(), entered_at) >= CORRECTED_FOR;
		if (late || owner !== frappe.session.user) frm.disable_form();
	},
});
