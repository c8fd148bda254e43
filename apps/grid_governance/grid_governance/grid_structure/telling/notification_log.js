// A digest hangs on no record of its own: its links are in its text.
frappe.ui.form.on("Notification Log", {
	refresh(frm) {
		frm.toggle_display("open_reference_document", Boolean(frm.doc.document_name));
	},
});
