// The numbers of papers: entered, verified, and shown once for a reason. Nothing of a number stays on the page.
import { ask, forget_when_closed, insert } from "./parts";
import { copied } from "./people";

const REVEAL = "grid_governance.grid_ledger.actions.identities.reveal";

/** What whoever may see numbers does with them, for each member. */
export function identity_buttons(page) {
	const { may } = page.data;
	if (may["Resident Identity"])
		page.add_member_button(
			__("Enter the Number"),
			(each) => enter(page, each),
			(each) => !each.identity
		);
	if (may["Resident Identity"])
		page.add_member_button(
			__("Number Verified"),
			(each) => verify(page, each),
			(each) => each.identity && !each.identity.verified_on
		);
	page.add_member_button(
		__("Show the Number"),
		(each) => reveal(each.identity.name),
		(each) => each.identity
	);
}

async function enter(page, member) {
	await frappe.model.with_doctype("Resident Identity");
	ask(
		page,
		__("Number of {0}", [member.resident_name]),
		[
			{ ...copied("Resident Identity", "id_type"), default: "Citizen Number" },
			{ ...copied("Resident Identity", "id_number"), fieldtype: "Data" },
			{
				...copied("Resident Identity", "verified_on"),
				description: __("When you have compared it with the card itself."),
			},
		],
		(values) => insert({ ...values, doctype: "Resident Identity", resident: member.name }),
		{ label: __("Add") }
	);
}

async function verify(page, member) {
	await frappe.model.with_doctype("Resident Identity");
	ask(
		page,
		__("Number of {0}", [member.resident_name]),
		[
			{
				...copied("Resident Identity", "verified_on"),
				default: frappe.datetime.get_today(),
				reqd: 1,
				description: __("When you have compared it with the card itself."),
			},
		],
		({ verified_on }) =>
			frappe.xcall("frappe.client.set_value", {
				doctype: "Resident Identity",
				name: member.identity.name,
				fieldname: "verified_on",
				value: verified_on,
			}),
		{ label: __("Number Verified") }
	);
}

/** Show the number of *identity* once, for a reason that is logged. */
export function reveal(identity) {
	const dialog = new frappe.ui.Dialog({
		title: __("Show the Number"),
		fields: [
			{
				fieldname: "reason",
				fieldtype: "Small Text",
				label: __("What You Need It For"),
				reqd: 1,
				description: __("Goes into the log of accesses with your name."),
			},
		],
		primary_action_label: __("Show"),
		primary_action: async ({ reason }) => {
			dialog.disable_primary_action();
			try {
				const number = await frappe.xcall(REVEAL, { identity, reason });
				dialog.hide();
				show(number);
			} catch {
				// Frappe has shown why it was refused; the reason stays.
			} finally {
				dialog.enable_primary_action();
			}
		},
	});
	forget_when_closed(dialog).show();
}

function show(number) {
	const dialog = new frappe.ui.Dialog({
		title: __("Number of the Papers"),
		fields: [{ fieldname: "number", fieldtype: "HTML" }],
	});
	$(`<code class="identity-number">`).text(number).appendTo(dialog.fields_dict.number.$wrapper);
	forget_when_closed(dialog).show();
}
