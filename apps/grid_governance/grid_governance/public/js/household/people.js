// What is entered for a household's people at the door: through Frappe's own way, so that every right holds.
import { ask, insert, options_of } from "./parts";

const doctypes = (...names) => Promise.all(names.map((name) => frappe.model.with_doctype(name)));

/** A member: what is asked at the door; everything else stands in the whole form. */
export async function add_member(page) {
	await doctypes("Resident");
	const { frm } = page;
	const headless = !page.living.some(({ relation_to_head }) => relation_to_head === "Head");
	const label = __("Add a Member");
	const given = (values) => ({ ...values, doctype: "Resident", household: frm.doc.name });
	ask(
		page,
		label,
		[
			{ fieldname: "resident_name", fieldtype: "Data", label: __("Name"), reqd: 1 },
			{
				fieldname: "relation_to_head",
				fieldtype: "Select",
				label: __("Relation to the Head"),
				options: ["", ...options_of("Resident", "relation_to_head", headless ? [] : ["Head"])],
				default: headless ? "Head" : "",
				reqd: 1,
			},
			{
				fieldname: "sex",
				fieldtype: "Select",
				label: __("Sex"),
				options: options_of("Resident", "sex"),
			},
			{ fieldname: "birth_date", fieldtype: "Date", label: __("Date of Birth") },
		],
		(values) => insert(given(values)),
		{
			label: __("Add"),
			more: {
				label: __("Whole Form"),
				act: (dialog) => {
					const values = dialog.get_values(true);
					dialog.hide();
					frappe.new_doc("Resident", given(values));
				},
			},
		}
	);
}

export async function add_contact(page, member) {
	await doctypes("Resident Contact");
	const field = (fieldname, extra) => ({
		...copied("Resident Contact", fieldname),
		...extra,
	});
	ask(
		page,
		__("Phone of {0}", [member.resident_name]),
		[
			field("kind", { default: "Own" }),
			field("of_whom", { depends_on: "eval:doc.kind !== 'Own'" }),
			field("phone"),
			field("wechat"),
			field("is_main", { default: member.phone ? 0 : 1 }),
		],
		(values) => insert({ ...values, doctype: "Resident Contact", resident: member.name }),
		{ label: __("Add") }
	);
}

export async function add_care(page, member) {
	await doctypes("Resident Care");
	const known = member.care.map(({ category }) => category);
	ask(
		page,
		__("Care for {0}", [member.resident_name]),
		[
			{
				...copied("Resident Care", "category"),
				options: "Care Category",
				only_select: 1,
				get_query: () => ({
					filters: {
						name: ["not in", known],
						...(page.data.may["Resident Identity"] ? {} : { is_sensitive: 0 }),
					},
				}),
				filter_description: __("Categories she is not in yet"),
			},
			{ ...copied("Resident Care", "since"), default: frappe.datetime.get_today() },
			copied("Resident Care", "consent_on"),
			copied("Resident Care", "note"),
		],
		(values) => insert({ ...values, doctype: "Resident Care", resident: member.name }),
		{ label: __("Add") }
	);
}

/** A field as its DocType has it. */
export function copied(doctype, fieldname) {
	const field = frappe.meta.get_docfield(doctype, fieldname) || {};
	const { fieldtype, label, description, reqd } = field;
	return {
		fieldname,
		fieldtype,
		label: __(label),
		description: description && __(description),
		reqd,
		...(fieldtype === "Select" ? { options: options_of(doctype, fieldname) } : {}),
		...(field.length ? { length: field.length } : {}),
	};
}
