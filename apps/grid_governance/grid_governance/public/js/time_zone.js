// Frappe names the time zone under every date with a time. It tells nothing to people who are in the site's own.
const { ControlDatetime } = frappe.ui.form;
const set_description = ControlDatetime.prototype.set_description;

ControlDatetime.prototype.set_description = function () {
	const { user, system } = frappe.boot.time_zone || {};
	if (user === system) this.df.hide_timezone = 1;
	return set_description.call(this);
};
