// Filters that go with each question of a list to the server and are kept nowhere: neither in the list's address, nor
// in what Frappe remembers of a user's lists, nor in a saved filter.
frappe.provide("grid_governance.list_questions");

/** Let the filters that *filters* returns (a list of [doctype, field, operator, value]) go with the questions of *listview*. */
export function add_filters(listview, filters) {
	if (!listview.unkept_filters) {
		listview.unkept_filters = [];
		patch(listview);
	}
	listview.unkept_filters.push(filters);
}

grid_governance.list_questions.add_filters = add_filters;

function patch(listview) {
	const get_filters_for_args = listview.get_filters_for_args.bind(listview);
	const get_search_params = listview.get_search_params.bind(listview);
	let kept_out = false;
	listview.get_filters_for_args = () => [
		...get_filters_for_args(),
		...(kept_out ? [] : listview.unkept_filters.flatMap((filters) => filters())),
	];
	// The address of the list names what was set in its filters, not what goes with a question alone.
	listview.get_search_params = () => {
		kept_out = true;
		try {
			return get_search_params();
		} finally {
			kept_out = false;
		}
	};
}
