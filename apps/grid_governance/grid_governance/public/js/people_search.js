// People are found by name, pinyin, initials, house number and whole identity number: in the search bar and over the
// list of residents. What is typed goes to the server in the body of a request and stands in no address.
frappe.provide("grid_governance.people_search");

const FIND_METHOD = "grid_governance.grid_ledger.queries.find.residents";
const IN_THE_BAR = 8;
const IN_THE_LIST = 200;
const WAIT = 300;

const find = (txt, page_len) => frappe.xcall(FIND_METHOD, { txt, page_len });

const { setup } = frappe.search.AwesomeBar.prototype;
frappe.search.AwesomeBar.prototype.setup = function (element) {
	setup.call(this, element);
	$(element).on(
		"input",
		frappe.utils.debounce(async () => {
			const text = element.value.trim();
			if (text.length < 2 || !frappe.model.can_read("Resident")) return;
			const found = await find(text, IN_THE_BAR);
			if (element.value.trim() !== text || !found.length) return;
			this.awesomplete.list = [...found.map(as_option), ...this.deduplicate(this.options)];
		}, WAIT)
	);
};

function as_option([name, resident_name, told_apart]) {
	const escape = frappe.utils.escape_html;
	return {
		value: name,
		label: `${escape(resident_name)} <span class="text-muted">${escape(told_apart)}</span>`,
		index: 100,
		route: ["Form", "Resident", name],
	};
}

/** Put a field over the list of residents; what it finds is added to each question and kept nowhere. */
grid_governance.people_search.show = (listview) => {
	let found = null;
	const stock = listview.get_filters_for_args.bind(listview);
	listview.get_filters_for_args = () => [
		...stock(),
		...(found ? [["Resident", "name", "in", found.length ? found : [""]]] : []),
	];
	const input = $(`<input type="search" class="form-control people-search" autocomplete="off">`)
		.attr("placeholder", __("Name, pinyin, initials, house number or whole identity number"))
		.insertBefore(listview.page.page_form);
	input.on(
		"input",
		frappe.utils.debounce(async () => {
			const text = input.val().trim();
			const rows = text && (await find(text, IN_THE_LIST));
			if (input.val().trim() !== text) return;
			found = text ? rows.map(([name]) => name) : null;
			listview.start = 0;
			listview.refresh();
		}, WAIT)
	);
};
