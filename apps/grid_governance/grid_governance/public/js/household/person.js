// One person, at the top of her form: how she is reached, what she needs, what became of her, and what one enters.
import { changes_list } from "./history";
import { papers, member_buttons, whose } from "./members";
import { badge, button, heading, line, telephone } from "./parts";

const METHOD = "grid_governance.grid_ledger.queries.person.person";
const FULL_AGE = 18;

/** Draw what is known of the resident in *frm*. */
export async function show_person(frm) {
	const name = frm.doc.name;
	const data = await frappe.xcall(METHOD, { resident: name });
	if (frm.doc.name === name) new PersonPage(frm, data).draw($(frm.fields_dict.page_html.wrapper).empty());
}

/** The field for a guardian stands where one is needed: for minors, and where the age is not known. */
export function show_guardian(frm, asked = false) {
	const { birth_date, guardian } = frm.doc;
	const grown = birth_date && moment().diff(birth_date, "years") >= FULL_AGE;
	frm.toggle_display("guardian", Boolean(asked || guardian || !grown));
}

class PersonPage {
	constructor(frm, data) {
		Object.assign(this, { frm, data, buttons: [] });
		const { name, resident_name } = frm.doc;
		this.member = {
			name,
			resident_name,
			phone: data.contacts[0],
			care: data.care,
			identity: data.identity,
		};
		member_buttons(this);
		if (data.may.write && !frm.get_field("guardian").df.hidden) return;
		if (data.may.write) this.add_member_button(__("Enter a Guardian"), () => this.ask_for_guardian());
	}

	add_member_button(label, act, shown = () => true) {
		if (shown(this.member)) this.buttons.push({ label, act: () => act(this.member) });
	}

	changed() {
		return this.frm.reload_doc();
	}

	ask_for_guardian() {
		show_guardian(this.frm, true);
		this.frm.scroll_to_field("guardian");
	}

	draw(wrapper) {
		const { data, frm } = this;
		const box = $(`<div class="household-page person-page">`).appendTo(wrapper);
		const facts = $(`<div class="household-facts">`).appendTo(box);
		$("<a>")
			.attr("href", frappe.utils.get_form_link("Household", frm.doc.household))
			.text(data.household_title)
			.appendTo(facts);
		$("<span>").text(` · ${data.grid_name}`).appendTo(facts);
		if (data.identity) line(facts, papers(data.identity));
		const row = $(`<div class="household-buttons">`).appendTo(box);
		this.buttons.forEach(({ label, act }) => button(label, act).appendTo(row));
		const [main, side] = ["main", "side"].map((part) =>
			$(`<div class="household-${part}">`).appendTo(box)
		);
		main.append(this.contacts(), this.care());
		side.append(heading(__("What Became of Her")), this.history());
	}

	contacts() {
		const { contacts } = this.data;
		if (!frappe.model.can_read("Resident Contact")) return [];
		const list = $(`<ul class="list-unstyled">`);
		if (!contacts.length) line(list, __("No phone entered."), "text-muted");
		contacts.forEach((each) => {
			const item = $(`<li class="household-reach">`).appendTo(list);
			if (each.phone) telephone(whose(each), each.phone).addClass("btn-default").appendTo(item);
			const words = [each.wechat && `${__("WeChat")} ${each.wechat}`, each.note].filter(Boolean);
			if (words.length) $(`<span class="household-note">`).text(words.join(" · ")).appendTo(item);
			opened("Resident Contact", each.name).appendTo(item);
		});
		return [heading(__("How She Is Reached")), list];
	}

	care() {
		const { care, past_care: past } = this.data;
		if (!frappe.model.can_read("Resident Care")) return [];
		const list = $(`<ul class="list-unstyled">`);
		if (!care.length) line(list, __("In no care category."), "text-muted");
		care.forEach((each) => list.append(care_line(each)));
		if (!past.length) return [heading(__("Care")), list];
		const rest = $("<details>");
		$("<summary>")
			.text(__("Ended: {0}", [past.length]))
			.appendTo(rest);
		past.forEach((each) => rest.append(care_line(each)));
		return [heading(__("Care")), list, rest];
	}

	history() {
		const { history } = this.data;
		return history.length
			? changes_list(history)
			: line($("<div>"), __("Nothing has been changed since she was entered."), "text-muted");
	}
}

function care_line(each) {
	const item = $(`<li class="household-reach">`).append(badge(__(each.category), each.color));
	const day = frappe.datetime.str_to_user;
	const period = each.until
		? __("{0} to {1}", [day(each.since), day(each.until)])
		: __("since {0}", [day(each.since)]);
	const words = [period, each.source === "Age Rule" && __("by age"), each.note].filter(Boolean);
	$(`<span class="household-note">`).text(words.join(" · ")).appendTo(item);
	return item.append(opened("Resident Care", each.name));
}

function opened(doctype, name) {
	return $(`<a class="btn btn-default">`)
		.attr("href", frappe.utils.get_form_link(doctype, name))
		.text(__("Change"));
}
