frappe.query_reports["What Each Role May Do"] = {
	filters: [
		{ fieldname: "role", label: __("Role"), fieldtype: "Link", options: "Role" },
		{ fieldname: "record", label: __("Record"), fieldtype: "Link", options: "DocType" },
	],
};
