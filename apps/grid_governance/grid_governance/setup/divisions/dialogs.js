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
			const made = await ask(dialog, "import_division", { code });
			if (!made) return;
			dialog.hide();
			frappe.show_alert({
				message: made.created
					? __("Brought in, with {0} villages.", [made.villages])
					: __("It was there already, with {0} villages.", [made.villages]),
				indicator: "green",
			});
			done(made);
		},
	});
	dialog.show();
};

grid_governance.divisions.draw_grids = async (grid, done) => {
	const { villages, level, target: usual } = await frappe.xcall(`${DIVISIONS}.villages_below`, { grid });
	if (!villages.length) {
		frappe.msgprint(__("Every village here has grids already."));
		return;
	}
	const planned = villages.map(({ grid, grid_name, households }) => ({
		fieldname: grid,
		fieldtype: "Int",
		label: grid_name,
		default: households || undefined,
	}));
	const half = Math.ceil(planned.length / 2);
	const dialog = new frappe.ui.Dialog({
		title: __("Draw Grids by Rule"),
		fields: [
			{
				fieldname: "target",
				fieldtype: "Int",
				label: __("Households a Grid"),
				description: __("Left empty: {0}, what the rules here say of the level {1}.", [usual, level]),
			},
			{
				fieldtype: "Section Break",
				label: __("Planned Households"),
				description: __("Of each village. One left empty is not drawn now."),
			},
			...planned.slice(0, half),
			{ fieldtype: "Column Break" },
			...planned.slice(half),
		],
		primary_action_label: __("Draw"),
		primary_action: async ({ target, ...households }) => {
			const rows = villages.map(({ grid }) => ({ grid, households: households[grid] }));
			const drawn = await ask(dialog, "draw_grids", { villages: rows, target });
			if (drawn === undefined) return;
			dialog.hide();
			frappe.show_alert({ message: __("{0} grids drawn", [drawn]), indicator: "green" });
			done();
		},
	});
	dialog.show();
};

// What is refused is told by the server; the dialog stays with all that was typed.
async function ask(dialog, method, args) {
	dialog.disable_primary_action();
	try {
		return await frappe.xcall(`${DIVISIONS}.${method}`, args);
	} catch {
		return undefined;
	} finally {
		dialog.enable_primary_action();
	}
}
