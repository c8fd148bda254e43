frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Must Visits"] = {
	method: "grid_governance.grid_visits.charts.must_visits",
	filters: [],
};
