frappe.views.calendar["Issue Referral"] = grid_governance.calendar.of_due();
