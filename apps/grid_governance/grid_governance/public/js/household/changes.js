// What becomes of a household: another head, split, merged, moved, dissolved. One call each, noted in its history.
import { ask, options_of, reason } from "./parts";

const HOUSEHOLDS = "grid_governance.grid_ledger.actions.households";
const GRIDS = "grid_governance.grid_ledger.queries.find.grids_for_households";

const call = (method, given) => frappe.xcall(`${HOUSEHOLDS}.${method}`, given);

const named = (people) => people.map(({ name, resident_name }) => ({ value: name, label: resident_name }));

/** The seldom buttons of *page*, as far as its members allow. */
export function change_buttons(page) {
	const several = page.living.length > 1;
	const offered = [
		[__("Change the Head"), change_head, several],
		[__("Split Off"), split, several],
		[__("Merge Into Another Household"), merge, page.living.length > 0],
		[__("Move to Another Grid"), move, true],
		[__("Dissolve the Household"), dissolve, page.living.length === 0],
	];
	offered
		.filter(([, , open]) => open)
		.forEach(([label, act]) => page.add_button(label, () => act(page, label), { more: true }));
}

// One field for the relation of each of *people* to the head, filled with what it is now; *shown* says when it is asked.
function relation_fields(people, shown = () => null) {
	const others = options_of("Resident", "relation_to_head", ["", "Head"]);
	return people.map((each) => ({
		fieldname: `relation_${each.name}`,
		fieldtype: "Select",
		label: __("{0}: relation to the head", [each.resident_name]),
		options: ["", ...others],
		default: others.some(({ value }) => value === each.relation_to_head) ? each.relation_to_head : "",
		depends_on: shown(each),
	}));
}

const relations_of = (values, people) =>
	Object.fromEntries(people.map(({ name }) => [name, values[`relation_${name}`] || ""]));

const without = (people, name) => people.filter((each) => each.name !== name);

async function change_head(page, title) {
	await frappe.model.with_doctype("Resident");
	const { living, frm } = page;
	const others = living.filter(({ relation_to_head }) => relation_to_head !== "Head");
	ask(
		page,
		title,
		[
			{
				fieldname: "head",
				fieldtype: "Select",
				label: __("New Head"),
				options: ["", ...named(others)],
				reqd: 1,
			},
			...relation_fields(living, ({ name }) => `eval:doc.head && doc.head !== "${name}"`),
			reason(),
		],
		(values) =>
			call("change_head", {
				household: frm.doc.name,
				head: values.head,
				relations: relations_of(values, without(living, values.head)),
				reason: values.reason,
			})
	);
}

async function split(page, title) {
	await frappe.model.with_doctype("Resident");
	const { living, frm } = page;
	const others = living.filter(({ relation_to_head }) => relation_to_head !== "Head");
	let dialog = null;
	dialog = await ask(
		page,
		title,
		[
			{
				fieldname: "members",
				fieldtype: "MultiCheck",
				label: __("Who Leaves"),
				options: named(others),
				columns: 1,
				on_change: () => dialog?.refresh_dependency(),
			},
			{
				fieldname: "head",
				fieldtype: "Select",
				label: __("New Head"),
				options: ["", ...named(others)],
				reqd: 1,
			},
			...relation_fields(
				others,
				({ name }) => `eval:(doc.members || []).includes("${name}") && doc.head !== "${name}"`
			),
			{ fieldname: "household_no", fieldtype: "Data", label: __("New Household Number") },
			reason(),
		],
		(values) => {
			const leaving = others.filter(({ name }) => (values.members || []).includes(name));
			return call("split", {
				household: frm.doc.name,
				members: leaving.map(({ name }) => name),
				head: values.head,
				relations: relations_of(values, without(leaving, values.head)),
				household_no: values.household_no || "",
				reason: values.reason || "",
			});
		}
	);
}

async function merge(page, title) {
	await frappe.model.with_doctype("Resident");
	const { living, frm } = page;
	ask(
		page,
		title,
		[
			{
				fieldname: "into",
				fieldtype: "Link",
				options: "Household",
				label: __("Merge Into"),
				reqd: 1,
				only_select: 1,
				get_query: () => ({ filters: { name: ["!=", frm.doc.name], status: "Active" } }),
				filter_description: __("Other households in your grids"),
			},
			...relation_fields(living),
			reason(),
		],
		(values) =>
			call("merge", {
				household: frm.doc.name,
				into: values.into,
				relations: relations_of(values, living),
				reason: values.reason || "",
			})
	);
}

function move(page, title) {
	const { frm } = page;
	ask(
		page,
		title,
		[
			{
				fieldname: "grid",
				fieldtype: "Link",
				options: "Grid",
				label: __("New Grid"),
				reqd: 1,
				only_select: 1,
				get_query: () => ({ query: GRIDS }),
			},
			reason(1),
		],
		(values) => call("move", { household: frm.doc.name, grid: values.grid, reason: values.reason })
	);
}

function dissolve(page, title) {
	ask(page, title, [reason(1)], (values) =>
		call("dissolve", { household: page.frm.doc.name, reason: values.reason })
	);
}
