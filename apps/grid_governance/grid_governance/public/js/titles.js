// The title of a record that is known by the record it links to, as care is by its resident.
const { Toolbar } = frappe.ui.form;
const { set_title } = Toolbar.prototype;

Toolbar.prototype.set_title = function (...rest) {
	set_title.apply(this, rest);
	const { doc, meta } = this.frm;
	const field = meta.title_field && frappe.meta.get_docfield(meta.name, meta.title_field);
	if (field?.fieldtype !== "Link" || this.frm.is_new()) return;
	const title = frappe.utils.get_link_title(field.options, doc[field.fieldname]);
	if (title) this.page.set_title(title);
};
