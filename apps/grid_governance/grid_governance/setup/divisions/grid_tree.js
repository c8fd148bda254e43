const grid_tree_onload = frappe.treeview_settings["Grid"].onload;

frappe.treeview_settings["Grid"].onload = (treeview) => {
	grid_tree_onload(treeview);
	grid_governance.divisions.add_import_button(treeview.page, () => treeview.make_tree());
};
