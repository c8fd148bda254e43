// What changed in the rows of a table is told below a form with the labels as they are stored.
const { get_label } = frappe.meta;

frappe.meta.get_label = (...field) => __(get_label.apply(frappe.meta, field));
