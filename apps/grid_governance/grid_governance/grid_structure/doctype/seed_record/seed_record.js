frappe.ui.form.on("Seed Record", {
	refresh(frm) {
		frm.disable_save();
		const call = (method, message) =>
			frappe.confirm(message, () =>
				frappe
					.xcall(`grid_governance.grid_structure.doctype.seed_record.seed_record.${method}`, {
						seed: frm.doc.name,
					})
					.then(() => frm.reload_doc())
			);
		const onload = frm.doc.__onload || {};
		if (onload.can_take) {
			frm.add_custom_button(__("Take the Shipped Version"), () =>
				call("take_shipped", __("What was changed or deleted here will be given up. Continue?"))
			);
		}
		if (onload.can_keep) {
			frm.add_custom_button(__("Keep Our Version"), () =>
				call(
					"keep_own",
					__("The record stays as it is and this update is not offered again. Continue?")
				)
			);
		}
	},
});
