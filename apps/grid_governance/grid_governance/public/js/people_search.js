// People and households are found by name, pinyin, initials, house number and whole identity number: in the search bar
// and over their lists. What is typed goes to the server in the body of a request and stands in no address.
import { add_filters } from "./list_questions";

const FIND = "grid_governance.grid_ledger.queries.find";
const WAIT = 300;
const SEARCHED = ["Resident", "Household"];
const HINTS = {
	Resident: () => __("Name, pinyin, initials, house number or whole identity number"),
	Household: () => __("Head's name, pinyin, initials, house number or address"),
};

// Of these Frappe's own scripts ask with what was typed, or found, in the address: proxies and logs keep addresses.
const IN_THE_BODY = new Set([
	"frappe.client.validate_link",
	"frappe.desk.reportview.get_sidebar_stats",
	"frappe.desk.search.search_link",
	"frappe.desk.search.search_widget",
]);
const { call } = frappe;

frappe.call = function (opts, ...rest) {
	const hidden = IN_THE_BODY.has(opts?.method) && opts.type === "GET";
	return call.call(this, hidden ? { ...opts, type: "POST" } : opts, ...rest);
};

// The search bar

const { setup, build_options, add_defaults } = frappe.search.AwesomeBar.prototype;
// The number of papers or of a telephone, whole or nearly: Frappe offers to look for it as the filter of a list.
const is_number = (text) => /\d{8}/.test(text.normalize("NFKC").replace(/[\s-]/g, ""));

Object.assign(frappe.search.AwesomeBar.prototype, {
	setup(element) {
		setup.call(this, element);
		const [box] = $(element);
		$(box).on("input", frappe.utils.debounce(offer.bind(this, box), WAIT));
	},

	build_options(text) {
		return is_number(text) ? [] : build_options.call(this, text);
	},

	add_defaults(text) {
		if (!is_number(text)) add_defaults.call(this, text);
	},
});

async function offer(box) {
	const text = box.value.trim();
	if (text.length < 2 || !SEARCHED.some((doctype) => frappe.model.can_read(doctype))) return;
	const found = await frappe.xcall(`${FIND}.for_search_bar`, { txt: text });
	if (box.value.trim() !== text || !found.length) return;
	this.awesomplete.list = [...found.map(as_option), ...this.deduplicate(this.options)];
}

function as_option({ doctype, name, title, told_apart }) {
	const escape = frappe.utils.escape_html;
	return {
		value: `${doctype} ${name}`,
		label:
			`<span class="text-muted">${__(doctype)}</span> ${escape(title)}` +
			`<br><span class="text-muted found-where">${escape(told_apart)}</span>`,
		index: 200,
		route: ["Form", doctype, name],
	};
}

// The lists

const { ListView, ReportView } = frappe.views;

[ListView, ReportView].forEach(({ prototype }) => {
	const { setup_view } = prototype;
	prototype.setup_view = function (...rest) {
		const done = setup_view.apply(this, rest);
		if (SEARCHED.includes(this.doctype) && ["List", "Report"].includes(this.view_name)) show(this);
		return done;
	};
});

/** Put a field over the list; what it finds goes with each question and is kept nowhere. */
function show(listview) {
	let found = null;
	add_filters(listview, () => found || []);
	drop_title_filter(listview);
	const box = $(`<div class="people-search">`).insertBefore(
		listview.page.page_form.siblings(".quick-filters").addBack().first()
	);
	const input = $(`<input type="search" class="form-control" autocomplete="off" spellcheck="false">`)
		.attr({ placeholder: HINTS[listview.doctype](), "aria-label": HINTS[listview.doctype]() })
		.appendTo(box);
	const note = $(`<p class="text-muted small hidden" role="status">`).appendTo(box);
	const search = async () => {
		const text = input.val().trim();
		const answer = text
			? await frappe.xcall(`${FIND}.filters_for`, { doctype: listview.doctype, txt: text })
			: { filters: null, more: false };
		if (input.val().trim() !== text) return;
		found = answer.filters;
		note.toggleClass("hidden", !answer.more).text(
			__("There are more than can be listed. Type on to find the right one.")
		);
		listview.start = 0;
		listview.refresh();
	};
	input.on("input", frappe.utils.debounce(search, WAIT));
	const stock = listview.get_no_result_message.bind(listview);
	listview.get_no_result_message = () =>
		found ? `<div class="msg-box no-border"><p>${__("Nobody found in your grids.")}</p></div>` : stock();
}

// Frappe's own filter on the title would write a name into the address of the list.
function drop_title_filter({ page, meta }) {
	page.fields_dict[meta.title_field]?.$wrapper.remove();
	delete page.fields_dict[meta.title_field];
}
