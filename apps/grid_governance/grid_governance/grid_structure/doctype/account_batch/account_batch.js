frappe.ui.form.on("Account Batch", {
	setup(frm) {
		frm.set_query("grid", () => ({ filters: { status: "Active" } }));
	},
	onload_post_render(frm) {
		frappe.realtime.off("account_batch");
		frappe.realtime.on("account_batch", (told) => {
			frm.doc.made = told.made;
			frm.doc.total = told.total;
			frm.refresh_fields(["made", "total"]);
			show_progress(frm);
			if (told.status !== "Running") frm.reload_doc();
		});
	},
	refresh(frm) {
		frm.disable_save();
		if (frm.is_new()) {
			frm.enable_save();
			frm.set_intro(
				__("Choose a grid and save: you see for whom accounts will be made before any is made."),
				"blue"
			);
			return;
		}
		show_progress(frm);
		watch(frm);
		if (frm.doc.status === "Waiting") {
			frm.add_custom_button(__("Look Again"), () => {
				frm.dirty();
				frm.save();
			});
			if (frm.doc.total) {
				frm.page.set_primary_action(__("Make {0} Accounts", [frm.doc.total]), () => start(frm));
			}
		} else if (frm.doc.status !== "Done") {
			frm.add_custom_button(__("Go On"), () => start(frm));
		} else if (frm.doc.slips) {
			frm.page.set_primary_action(__("Open the Slips"), () => window.open(frm.doc.slips, "_blank"));
		}
	},
});

async function start(frm) {
	await frappe.xcall("grid_governance.grid_structure.actions.batches.start", { batch: frm.doc.name });
	frm.reload_doc();
}

function show_progress(frm) {
	if (frm.doc.status !== "Running") return;
	const { made = 0, total = 0 } = frm.doc;
	const text =
		made < total
			? __("{0} of {1} accounts made", [made, total])
			: __("Passwords and slips are being made");
	frm.dashboard.show_progress(__("Accounts"), total ? (95 * made) / total : 95, text);
}

// Also where no realtime connection is to be had.
function watch(frm) {
	clearTimeout(frm.account_batch_timer);
	if (frm.doc.status !== "Running") return;
	frm.account_batch_timer = setTimeout(() => {
		if (cur_frm === frm) frm.reload_doc();
	}, 5000);
}
