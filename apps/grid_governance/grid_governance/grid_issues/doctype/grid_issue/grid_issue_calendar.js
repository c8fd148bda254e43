frappe.views.calendar["Grid Issue"] = grid_governance.calendar.of_due();
