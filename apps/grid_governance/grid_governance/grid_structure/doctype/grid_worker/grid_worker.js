frappe.ui.form.on("Grid Worker", {
	refresh(frm) {
		const may = frm.doc.__onload || {};
		frm.set_df_property("user", "read_only", frm.is_new() || may.may_link_account ? 0 : 1);
		if (frm.is_new() || !may.may_reset_password) return;
		frm.add_custom_button(__("Reset Password"), () => ask(frm));
	},
});

function ask(frm) {
	frappe.confirm(
		__(
			"Give {0} a new first password? The present one stops working at once, and so does every log-in.",
			[frappe.utils.escape_html(frm.doc.worker_name)]
		),
		async () => {
			const made = await frappe.xcall(
				"grid_governance.grid_structure.actions.accounts.reset_password",
				{
					worker: frm.doc.name,
				}
			);
			show(frm, made);
		}
	);
}

function show(frm, { password, slip }) {
	const dialog = new frappe.ui.Dialog({
		title: __("New Password of {0}", [frappe.utils.escape_html(frm.doc.worker_name)]),
		fields: [{ fieldname: "made", fieldtype: "HTML" }],
		primary_action_label: __("Print Slip"),
		primary_action: () => print(slip),
	});
	dialog.fields_dict.made.$wrapper.html(
		`<p class="text-center" style="font: bold 1.8em monospace; letter-spacing: 2px"></p>
		<p class="text-muted">${__("Shown this once. It has to be changed at the next log-in.")}</p>`
	);
	dialog.fields_dict.made.$wrapper.find("p").first().text(password);
	dialog.onhide = () => dialog.$wrapper.remove();
	dialog.show();
}

function print(slip) {
	const page = window.open("", "_blank");
	if (!page) {
		frappe.msgprint(__("The browser blocked the page. Allow it to open windows for this site."));
		return;
	}
	page.document.write(slip);
	page.document.close();
	page.focus();
	page.print();
}
