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
		if (frm.doc.__onload?.may_take_back) {
			frm.add_custom_button(__("Take Back"), () => take_back(frm));
		}
		if (frm.doc.taken_back_at) {
			frm.disable_form();
			frm.set_intro(__("This visit was taken back and counts for nothing."), "orange");
		}
		const { owner, entered_at } = frm.doc;
		const late =
			frappe.datetime.get_hour_diff(frappe.datetime.now_datetime(), entered_at) >= CORRECTED_FOR;
		if (late || owner !== frappe.session.user) frm.disable_form();
	},
});

function take_back(frm) {
	frappe.prompt(
		{
			fieldname: "why",
			fieldtype: "Small Text",
			label: __("Why It Is Taken Back"),
			reqd: 1,
			description: __(
				"The round, must-visits, notices told and promises are as before the visit. Matters raised and changes of the ledger stay."
			),
		},
		async ({ why }) => {
			await frappe.call({
				method: "grid_governance.grid_visits.taking_back.take_back",
				args: { visit: frm.doc.name, why },
				freeze: true,
			});
			frm.reload_doc();
		},
		__("Take Back"),
		__("Take Back")
	);
}
