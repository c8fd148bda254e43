// The page of a household: who lives there, who is responsible, what is due, what is open, and the buttons.
//
// Other rooms put their own buttons there with an event of the form. A file in their `doctype_js` for Household says:
//
//     frappe.ui.form.on("Household", {
//         household_page(frm) {
//             frm.household_page.add_button(__("Enter a Visit"), () => ..., { first: true });
//             frm.household_page.add_member_button(__("Visit Her"), (member) => ...);
//         },
//     });
//
// The event comes each time the page is drawn, before it is: `frm.household_page.data` holds what the method `page` of
// the ledger returned. `first` puts a button before the others, `more` among those that are seldom needed.
import { change_buttons } from "./changes";
import { show_history } from "./history";
import { member_buttons, members } from "./members";
import { place, take_position } from "./place";
import { badge, button, heading, line, telephone } from "./parts";
import { add_member } from "./people";
import { reveal } from "./identities";
import { show_guardian, show_person } from "./person";

frappe.provide("grid_governance.household");

const METHOD = "grid_governance.grid_ledger.queries.page.page";

/** Draw the page of the household in *frm*. */
grid_governance.household.show = async (frm) => {
	const name = frm.doc.name;
	const data = await frappe.xcall(METHOD, { household: name });
	if (frm.doc.name !== name) return;
	frm.household_page = new HouseholdPage(frm, data);
	await frm.script_manager.trigger("household_page");
	if (frm.doc.name === name) frm.household_page.draw($(frm.fields_dict.page_html.wrapper).empty());
};

Object.assign(grid_governance.household, { reveal, show_guardian, show_person });

class HouseholdPage {
	constructor(frm, data) {
		Object.assign(this, { frm, data, buttons: [], member_buttons: [] });
		this.add_own_buttons();
	}

	/** A button of the household: *act* is called by a tap. */
	add_button(label, act, { first = false, more = false } = {}) {
		this.buttons.push({ label, act, first, more });
	}

	/** A button of each member who is not gone, or of those whom *shown* (member -> boolean) names. */
	add_member_button(label, act, shown = () => true) {
		this.member_buttons.push({ label, act, shown });
	}

	/** The members who are not gone. */
	get living() {
		return this.data.members.filter(({ status }) => !["Moved Out", "Deceased"].includes(status));
	}

	/** Draw again what has been changed; the form is saved, or not changed, before anything is. */
	changed() {
		return this.frm.reload_doc();
	}

	add_own_buttons() {
		const { data, frm } = this;
		if (data.may.Resident) this.add_button(__("Add a Member"), () => add_member(this));
		if (data.may.write) {
			this.add_button(
				data.located ? __("Take the Position Anew") : __("Take the Position Here"),
				() => take_position(this),
				{ more: data.located }
			);
			change_buttons(this);
		}
		if (frappe.model.can_read("Household Change"))
			this.add_button(__("What Became of It"), () => show_history(frm.doc.name), { more: true });
		if (data.may.print) this.add_button(__("Print the Card"), () => this.print(), { more: true });
		member_buttons(this);
	}

	print() {
		const { frm, data } = this;
		frm.meta.default_print_format = frm.meta.default_print_format || data.card;
		frm.print_doc();
	}

	draw(wrapper) {
		const box = $(`<div class="household-page">`).appendTo(wrapper);
		const [main, side] = ["main", "side"].map((part) => $(`<div class="household-${part}">`));
		box.append(this.facts(), this.due(), this.button_row(), main, side);
		main.append(members(this));
		side.append(this.matters(), this.responsible(), place(this));
	}

	facts() {
		const { doc } = this.frm;
		const box = $(`<div class="household-facts">`);
		if (doc.status === "Dissolved")
			line(box, __("This household is dissolved and stays as history."), "bold");
		const unusual = doc.residence_state !== "Residing" && doc.residence_state;
		const kinds = [doc.house_type, unusual].filter(Boolean).map((kind) => __(kind));
		line(box, [this.data.grid_name, doc.address, ...kinds].filter(Boolean).join(" · "));
		const head = this.data.members.find(({ relation_to_head }) => relation_to_head === "Head");
		if (head?.phone)
			telephone(__("Call the Head"), head.phone.phone)
				.addClass("btn-primary household-call")
				.appendTo(box);
		return box;
	}

	// Late is said in words, not by a colour alone.
	due() {
		const { last_visit_on: last, next_visit_due: next, days_late } = this.data;
		const day = frappe.datetime.str_to_user;
		const box = $(`<div class="household-due">`);
		line(box, last ? __("Last visited on {0}", [day(last)]) : __("No visit entered yet"));
		if (days_late)
			line(
				box,
				__("The visit is {0} days late: it was due on {1}", [days_late, day(next)]),
				"household-late"
			);
		else if (next) line(box, __("Next visit by {0}", [day(next)]), "bold");
		else line(box, __("No next visit is planned"));
		return box;
	}

	button_row() {
		const row = $(`<div class="household-buttons">`);
		const put = ({ label, act }, look) => button(label, act, look).appendTo(row);
		const often = this.buttons.filter(({ more }) => !more);
		const seldom = this.buttons.filter(({ more }) => more);
		const ordered = [...often.filter(({ first }) => first), ...often.filter(({ first }) => !first)];
		ordered.forEach((each, at) => put(each, at ? "btn-default" : "btn-primary"));
		if (!seldom.length) return row;
		const opener = put(
			{
				label: __("More to Do"),
				act: () => {
					opener.remove();
					seldom.forEach((each) => put(each, "btn-default"));
				},
			},
			"btn-default household-more"
		);
		return row;
	}

	matters() {
		const { matters } = this.data;
		const box = [heading(__("Open Matters"))];
		if (!matters.length) return [...box, line($("<div>"), __("Nothing is open here."), "text-muted")];
		const list = $(`<ul class="list-unstyled household-matters">`);
		matters.forEach((row) => {
			const item = $("<li>").appendTo(list);
			$("<a>")
				.attr("href", frappe.utils.get_form_link(row.doctype, row.name))
				.text(row.title)
				.appendTo(item);
			const marks = $("<div>")
				.append(badge(__(row.state)))
				.appendTo(item);
			const due = { due_by: row.due, workflow_state: row.state };
			if (row.due) $("<span>").append(" ", grid_governance.due.html(due)).appendTo(marks);
		});
		return [...box, list];
	}

	responsible() {
		const { responsible } = this.data;
		const box = [heading(__("Responsible People"))];
		if (!responsible.length)
			return [...box, line($("<div>"), __("Nobody is responsible for this grid yet."), "text-muted")];
		const list = $(`<ul class="list-unstyled household-responsible">`);
		responsible.forEach(({ post, worker_name, phone }) => {
			const item = $("<li>").appendTo(list);
			$("<span>")
				.text(`${__(post)} ${worker_name}`)
				.appendTo(item);
			if (phone) telephone(__("Call"), phone).addClass("btn-default").appendTo(item);
		});
		return [...box, list];
	}
}
