frappe.provide("grid_governance.divisions");

const DIVISIONS = "grid_governance.setup.divisions.api";

grid_governance.divisions.add_import_button = (page, done) => {
	if (!frappe.model.can_create("Grid")) return;
	page.add_inner_button(__("Import a Township"), () => grid_governance.divisions.import_township(done));
};

grid_governance.divisions.import_township = (done) => {
	const dialog = new frappe.ui.Dialog({
		title: __("Import a Township"),
		fields: [
			{
				fieldname: "code",
				fieldtype: "Autocomplete",
				label: __("Township"),
				reqd: 1,
				ignore_validation: 1,
				get_query: { query: `${DIVISIONS}.search_townships` },
				description: __(
					"Type the beginning of the name or the nine-digit code. The township and its villages are made under their statistical codes; what exists already is left as it is."
				),
			},
		],
		primary_action_label: __("Import"),
		primary_action: async ({ code }) => {
			const made = await frappe.xcall(`${DIVISIONS}.import_division`, { code });
			dialog.hide();
			frappe.show_alert({
				message: __("{0} villages, {1} grids newly made", [made.villages, made.created]),
				indicator: "green",
			});
			done(made);
		},
	});
	dialog.show();
};

grid_governance.divisions.draw_grids = async (grid, done) => {
	const villages = await frappe.xcall(`${DIVISIONS}.villages_below`, { grid });
	if (!villages.length) {
		frappe.msgprint(__("Every village here has grids already."));
		return;
	}
	const planned = villages.map(({ grid, grid_name, households }) => ({
		fieldname: grid,
		fieldtype: "Int",
		label: grid_name,
		default: households,
	}));
	const half = Math.ceil(planned.length / 2);
	const dialog = new frappe.ui.Dialog({
		title: __("Draw Grids by Rule"),
		fields: [
			{
				fieldname: "target",
				fieldtype: "Int",
				label: __("Households a Grid"),
				description: __("Left empty: what the grid level aims at."),
			},
			{ fieldtype: "Section Break", label: __("Planned Households") },
			...planned.slice(0, half),
			{ fieldtype: "Column Break" },
			...planned.slice(half),
		],
		primary_action_label: __("Draw"),
		primary_action: async ({ target, ...households }) => {
			const rows = villages.map(({ grid }) => ({ grid, households: households[grid] }));
			const drawn = await frappe.xcall(`${DIVISIONS}.draw_grids`, { villages: rows, target });
			dialog.hide();
			frappe.show_alert({ message: __("{0} grids drawn", [drawn]), indicator: "green" });
			done();
		},
	});
	dialog.show();
};
