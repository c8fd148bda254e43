// The button of the message in which the server says what a change of a workflow means: save it all the same.
frappe.grid_save_anyway = ({ doctype, name, accepted_changes }) => {
	frappe.hide_msgprint(true);
	const drawn = frappe.get_route()[0] === "workflow-builder" && frappe.workflow_builder?.store;
	if (drawn) {
		drawn.workflow_doc.accepted_changes = accepted_changes;
		return drawn.save_changes();
	}
	const form = window.cur_frm;
	if (form && form.doctype === doctype && form.docname === name) {
		form.doc.accepted_changes = accepted_changes;
		return form.save();
	}
	return frappe.set_route("Form", doctype, name); // changed in a list: to be changed again, on the form
};
