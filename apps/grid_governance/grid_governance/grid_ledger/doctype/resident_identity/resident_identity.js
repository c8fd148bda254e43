(() => {
	const REVEAL_METHOD = "grid_governance.grid_ledger.actions.identities.reveal";

	frappe.ui.form.on("Resident Identity", {
		refresh(frm) {
			if (!frm.is_new()) frm.add_custom_button(__("Show the Number"), () => reveal(frm));
		},
	});

	// The number is shown once and kept nowhere on the page: neither in the form nor in the list.
	function reveal(frm) {
		frappe.prompt(
			{
				fieldname: "reason",
				fieldtype: "Small Text",
				label: __("What You Need It For"),
				reqd: 1,
				description: __("Goes into the log of accesses with your name."),
			},
			async ({ reason }) => {
				const number = await frappe.xcall(REVEAL_METHOD, { identity: frm.doc.name, reason });
				frappe.msgprint({
					title: __("Number"),
					message: `<code style="font-size: 1.4em">${frappe.utils.escape_html(number)}</code>`,
				});
			},
			__("Show the Number"),
			__("Show")
		);
	}
})();
