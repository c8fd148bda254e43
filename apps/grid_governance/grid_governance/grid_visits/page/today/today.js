frappe.pages["today"].on_page_load = async (wrapper) => {
	const page = frappe.ui.make_app_page({
		parent: wrapper,
		title: __("Visits Today"),
		single_column: true,
	});
	await frappe.require("visits.bundle.js");
	wrapper.visits = new grid_governance.visits.Visits(page);
	wrapper.visits.show();
};

frappe.pages["today"].on_page_show = (wrapper) => wrapper.visits?.show();
