// Frappe asks, at every save, about documents in states that the workflow does not have. Of the DocTypes of this app
// the server tells what the change means, once and in numbers, so that question is left out.
{
	const told = new Set();
	frappe.ui.form.on("Workflow", {
		refresh(frm) {
			if (frm.doc.__onload?.changes_are_told) told.add(frm.doc.document_type);
			if (told.has(frm.doc.document_type)) frm.ignore_warning = true;
		},
	});
}
