frappe.ui.form.on("Grid Post Assignment", {
	setup(frm) {
		frm.set_query("worker", () => ({ filters: { active: 1 } }));
		frm.set_query("department", () => ({ filters: { active: 1, grid: frm.doc.grid } }));
	},
	refresh(frm) {
		frm.trigger("offer_hand_over");
	},
	offer_hand_over(frm) {
		frm.remove_custom_button(__("Hand Over"));
		if (!can_be_handed_over(frm)) return;
		frm.add_custom_button(__("Hand Over"), () => ask(frm));
	},
	to_date(frm) {
		if (!frm.doc.to_date || !can_be_handed_over(frm)) return;
		ask(frm, frm.doc.to_date);
	},
});

function can_be_handed_over(frm) {
	if (frm.is_new() || !frm.perm[0]?.write) return false;
	return frm.is_dirty() || !frm.doc.to_date || frm.doc.to_date >= frappe.datetime.get_today();
}

async function ask(frm, last_day) {
	const open = await frappe.xcall("grid_governance.grid_structure.queries.handover.open_under", {
		assignment: frm.doc.name,
	});
	const dialog = new frappe.ui.Dialog({
		title: __("Hand Over: {0}", [`${frm.doc.post} · ${frm.doc.worker_name || frm.doc.worker}`]),
		fields: [
			{ fieldname: "open", fieldtype: "HTML", options: told(open) },
			{
				fieldname: "successor",
				fieldtype: "Link",
				label: __("Successor in the Post"),
				options: "Grid Worker",
				reqd: 1,
				get_query: () => ({ filters: { active: 1, name: ["!=", frm.doc.worker] } }),
			},
			{
				fieldname: "last_day",
				fieldtype: "Date",
				label: __("Last Day"),
				reqd: 1,
				default: last_day || frappe.datetime.get_today(),
				description: __("The successor holds the post from the day after."),
			},
			{ fieldname: "note", fieldtype: "Small Text", label: __("Note") },
		],
		primary_action_label: __("Hand Over"),
		async primary_action(values) {
			dialog.disable_primary_action();
			try {
				await frappe.xcall("grid_governance.grid_structure.actions.handover.hand_over", {
					assignment: frm.doc.name,
					...values,
				});
			} finally {
				dialog.enable_primary_action();
			}
			dialog.hide();
			frappe.show_alert({ message: __("Handed over."), indicator: "green" });
			frm.reload_doc();
		},
	});
	if (last_day) {
		dialog.set_secondary_action_label(__("Only End the Post"));
		dialog.set_secondary_action(() => dialog.hide());
	}
	dialog.show();
}

function told(open) {
	if (!open.length) return `<p class="text-muted">${__("Nothing is open under this post.")}</p>`;
	const lines = open.map(({ label, count, route }) => {
		const words = `${frappe.utils.escape_html(label)}: <strong>${count}</strong>`;
		return `<li>${route ? `<a href="${frappe.utils.escape_html(route)}" target="_blank">${words}</a>` : words}</li>`;
	});
	return `<p>${__("Open under this post; it stays with the grid and so passes to the successor:")}</p><ul>${lines.join("")}</ul>`;
}
