frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Visit Coverage"] = {
	method: "grid_governance.grid_visits.charts.visit_coverage",
	filters: [],
};
