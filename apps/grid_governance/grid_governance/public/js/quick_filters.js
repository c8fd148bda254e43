// The buttons over a list: whose and when, by one tap.
import { add_filters } from "./list_questions";

frappe.provide("grid_governance.quick_filters");

const METHOD = "grid_governance.grid_issues.views.quick_filters";
const DUE_FIRST = "`due_by` asc";

/**
 * Put the buttons over the list (or map) of *listview*; *chosen* is the one that is on at first.
 * What a button stands for is added to each question to the server and kept nowhere, so that "late" is late now.
 */
grid_governance.quick_filters.show = (listview, chosen = null) => {
	const { doctype } = listview;
	listview.quick_filter = chosen;
	add_to_questions(listview);
	const box = $(`<div class="quick-filters" role="group">`).attr("aria-label", __("Quick Filters"));
	box.insertBefore(listview.page.page_form);
	listview.quick_filters_ready = frappe.xcall(METHOD, { doctype }).then((known) => {
		listview.quick_filters_known = known;
		buttons(doctype, known).forEach(([key, label]) => box.append(button(listview, key, label)));
		ways(listview).forEach(([route, label]) =>
			$(`<a class="btn btn-default quick-way">`)
				.text(label)
				.attr("href", `/app/${frappe.router.slug(doctype)}/view/${route}`)
				.appendTo(box)
		);
		mark(listview, box);
	});
	return listview.quick_filters_ready;
};

/**
 * Put a row of buttons over the list of *listview*: each of *entries* is [key, label, () => filters]. One is on at most.
 */
grid_governance.quick_filters.row = (listview, entries) => {
	add_filters(listview, () => entries.find(([key]) => key === listview.quick_filter)?.[2]() || []);
	say_nothing_here(listview);
	const box = $(`<div class="quick-filters" role="group">`).attr("aria-label", __("Quick Filters"));
	entries.forEach(([key, label]) => box.append(button(listview, key, label)));
	box.insertBefore(listview.page.page_form);
	mark(listview, box);
};

function say_nothing_here(listview) {
	const stock = listview.get_no_result_message.bind(listview);
	listview.get_no_result_message = () =>
		listview.quick_filter
			? `<div class="msg-box no-border"><p>${__("Nothing here at present.")}</p></div>`
			: stock();
}

function buttons(doctype, known) {
	const of_issues = doctype === "Grid Issue";
	return [
		known.acts.length && ["acts", __("For Me to Handle")],
		known.reported && frappe.model.can_create(doctype) && ["reported", __("Reported by Me")],
		["new", of_issues ? __("Newly Reported") : __("Newly Referred")],
		["today", __("Due Today")],
		["late", __("Late")],
		["open", __("Not Finished")],
	].filter(Boolean);
}

function ways(listview) {
	return [
		["list", __("List"), true],
		["map", __("Map"), listview.settings.points_method],
		["calendar/default", __("Calendar"), true],
	].filter(([route, , there]) => there && !route.startsWith(listview.view_name.toLowerCase()));
}

function button(listview, key, label) {
	return $(`<button type="button" class="btn btn-default quick-filter">`)
		.attr("data-key", key)
		.text(label)
		.on("click", function () {
			listview.quick_filter = listview.quick_filter === key ? null : key;
			mark(listview, $(this).parent());
			listview.start = 0;
			listview.refresh();
		});
}

function mark(listview, box) {
	box.find(".quick-filter").each((_, each) => {
		const on = each.dataset.key === listview.quick_filter;
		each.setAttribute("aria-pressed", on);
		each.classList.toggle("btn-primary", on);
		each.classList.toggle("btn-default", !on);
	});
}

function filters(listview) {
	const { doctype, quick_filter, quick_filters_known: known } = listview;
	if (!quick_filter || !known) return [];
	const states = (names) => [[doctype, "workflow_state", "in", names.length ? names : [""]]];
	const due = (operator, moment) => [doctype, "due_by", operator, moment];
	const now = frappe.datetime.system_datetime();
	return {
		acts: () => states(known.acts),
		reported: () => known.reported,
		new: () => states(known.new),
		today: () => [
			...states(known.open),
			due(">=", `${now.slice(0, 10)} 00:00:00`),
			due("<", `${frappe.datetime.add_days(now.slice(0, 10), 1)} 00:00:00`),
		],
		late: () => [...states(known.open), due("<", now)],
		open: () => states(known.open),
	}[quick_filter]();
}

function add_to_questions(listview) {
	const get_args = listview.get_args.bind(listview);
	add_filters(listview, () => filters(listview));
	say_nothing_here(listview);
	listview.get_args = () => {
		const args = get_args();
		return ["today", "late"].includes(listview.quick_filter) ? { ...args, order_by: DUE_FIRST } : args;
	};
}
