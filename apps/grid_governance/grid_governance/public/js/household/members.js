// The members of a household: who they are, what they need, how they are reached.
import { identity_buttons } from "./identities";
import { badge, button, heading, line, telephone } from "./parts";
import { add_care, add_contact } from "./people";

const GONE = ["Moved Out", "Deceased"];

/** The members of *page* as cards, those who are gone behind a line. */
export function members(page) {
	const { living } = page;
	const gone = page.data.members.filter(({ status }) => GONE.includes(status));
	const list = $(`<ul class="list-unstyled household-members">`);
	living.forEach((each) => list.append(card(page, each)));
	const parts = [heading(__("{0} members", [living.length])), list];
	if (!living.length)
		line(list, __("Nobody lives here. Add the head of the household first."), "text-muted");
	if (gone.length) {
		const rest = $("<details>");
		$("<summary>")
			.text(__("No longer here: {0}", [gone.length]))
			.appendTo(rest);
		const those = $(`<ul class="list-unstyled household-members">`).appendTo(rest);
		gone.forEach((each) => those.append(card(page, each)));
		parts.push(rest);
	}
	return parts;
}

/** What may be entered for a member. */
export function member_buttons(page) {
	const { may } = page.data;
	if (may["Resident Contact"]) page.add_member_button(__("Add a Phone"), (each) => add_contact(page, each));
	if (may["Resident Care"]) page.add_member_button(__("Add Care"), (each) => add_care(page, each));
	identity_buttons(page);
}

function card(page, each) {
	const item = $(`<li class="household-member">`).attr("data-name", each.name);
	const head = $(`<div class="household-who">`).appendTo(item);
	$("<a>")
		.attr("href", frappe.utils.get_form_link("Resident", each.name))
		.text(each.resident_name)
		.appendTo(head);
	$("<span>").text(about(each)).appendTo(head);
	const marks = $(`<div class="household-marks">`).appendTo(item);
	each.care.forEach(({ category, color }) => marks.append(badge(__(category), color)));
	if (each.is_minor)
		line(
			item,
			each.guardian ? __("Minor; guardian: {0}", [each.guardian]) : __("Minor; no guardian entered"),
			"household-note"
		);
	if (each.identity) line(item, papers(each.identity), "household-note");
	const row = $(`<div class="household-reach">`).appendTo(item);
	if (each.phone) telephone(whose(each.phone), each.phone.phone).addClass("btn-default").appendTo(row);
	if (GONE.includes(each.status)) return item;
	const offered = page.member_buttons.filter(({ shown }) => shown(each));
	if (offered.length) more(each, offered).appendTo(row);
	return item;
}

function about({ relation_to_head, sex, age, status }) {
	const usual = status === "Living Here";
	return [
		__(relation_to_head),
		sex && __(sex),
		age === null ? __("age unknown") : __("{0} years", [age]),
		!usual && __(status),
	]
		.filter(Boolean)
		.join(" · ");
}

export function whose({ kind, of_whom }) {
	return kind === "Own" ? __("Call") : __("Call {0}", [of_whom || __(kind)]);
}

export function papers({ id_number_masked, verified_on }) {
	const seen = verified_on
		? __("verified on {0}", [frappe.datetime.str_to_user(verified_on)])
		: __("not verified");
	return `${__("Number of the Papers")} ${id_number_masked} · ${seen}`;
}

// The buttons of a member open below her, so that a page of ten people stays short.
function more(each, offered) {
	const box = $(`<span class="household-member-more">`);
	const opener = button(__("Do More"), () => {
		opener.remove();
		offered.forEach(({ label, act }) => button(label, () => act(each)).appendTo(box));
	}).attr("aria-label", __("What to do for {0}", [each.resident_name]));
	return box.append(opener);
}
