// The urgencies as the administrator has named and coloured them; issues store their codes.
frappe.provide("grid_governance.urgency");

const of = (code) => frappe.boot.issue_urgencies?.[code];

grid_governance.urgency.label = (code) => of(code)?.label || code || "";

/** A colour of indicators, empty for none. */
grid_governance.urgency.colour = (code) => of(code)?.colour || "";
