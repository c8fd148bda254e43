// A record whose name is drawn by chance is called by its title in the line above the form, too.
const { breadcrumbs } = frappe;
const set_form_breadcrumb = breadcrumbs.set_form_breadcrumb;

breadcrumbs.set_form_breadcrumb = function (given, view) {
	set_form_breadcrumb.call(this, given, view);
	const meta = frappe.get_meta(given.doctype);
	if (meta?.autoname !== "hash" || !meta.title_field) return;
	const doc = frappe.get_doc(given.doctype, frappe.get_route().slice(2).join("/"));
	const title = doc && !doc.__islocal && doc[meta.title_field];
	if (title) this.$breadcrumbs.find("li").last().find("a").text(title);
};

$(document).on("form-refresh", () => breadcrumbs.update());
