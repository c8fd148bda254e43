// What Frappe's desk does not say on a phone, says twice, or offers in vain.
const { ListView } = frappe.views;
const get_indicator_dot = ListView.prototype.get_indicator_dot;

// On a phone a row of a list has room for one word beside its title: the state, of which Frappe shows the colour only.
ListView.prototype.get_indicator_dot = function (doc) {
	const state = frappe.get_indicator(doc, this.doctype);
	if (!state || !state[0]) return get_indicator_dot.call(this, doc);
	const word = frappe.utils.escape_html(__(state[0]));
	return `<span class="indicator-pill no-indicator-dot ${state[1]} list-state">${word}</span>`;
};

// Whoever may not change the workspaces of the site is not offered an editor without a way to save.
const { Workspace } = frappe.views;
const setup_actions = Workspace.prototype.setup_actions;

Workspace.prototype.setup_actions = function (page) {
	if (!this.has_access && page.public) return this.clear_page_actions();
	return setup_actions.call(this, page);
};

// The same message, while it still stands, is not shown again.
const show_alert = frappe.show_alert;

frappe.show_alert = frappe.toast = function (message, ...rest) {
	const words = $("<div>").html(typeof message === "string" ? message : message?.message || "");
	const standing = [...document.querySelectorAll("#alert-container .desk-alert .alert-message")];
	const said = words.text().trim();
	if (said && standing.some((alert) => alert.textContent.trim() === said)) return null;
	return show_alert.call(this, message, ...rest);
};

// On a phone a matter is reported on a page made for it; a shortcut to a new document goes there as the list's button does.
Object.defineProperty(frappe.create_routes, "Grid Issue", {
	get: () => (frappe.is_mobile() ? "report-issue" : undefined),
});

const { generate_route } = frappe.utils;

frappe.utils.generate_route = function (item) {
	const own = item.doc_view === "New" && frappe.create_routes[item.name];
	return own ? `/app/${own}` : generate_route.call(this, item);
};
