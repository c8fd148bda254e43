// What a visit can do beside: what each kind asks for at the door. What it is called comes with the offer of its room.
import { button, choice, line, row, today, words } from "./parts";

const people_of = (start) =>
	(start.people || []).map(({ resident, resident_name }) => [resident, resident_name]);
const coded = (codes) => (codes || []).map((code) => [code, __(code)]);
const named = (rows) => (rows || []).map(({ name, label }) => [name, label || name]);
const word_of = (options, value) => options.find(([key]) => key === value)?.[1] || value;

const person = (start) => ({
	...{ field: "resident", hint: __("Who"), reqd: 1 },
	options: people_of(start),
});
const day = { field: "on", hint: __("On Which Day"), type: "date", reqd: 1, usual: today };

const consent = () => ({
	...{ field: "consent_on", hint: __("Has She Agreed"), reqd: 1 },
	options: [[today(), __("Agreed today, face to face")]],
});

const WHERE_TO = [
	["Moved Out", () => __("Moved away for good")],
	["Away", () => __("Away for a time")],
	["Living Here", () => __("Lives here again")],
];

const shown_by_photo = () => __("The first photo of this visit shows it");

const HEIR = "next_head";
const RELATION = "relation:";
const GONE = ({ kind, status }) => kind === "died" || status === "Moved Out";

/** Who lives there once `effects` have happened, in their order: [resident, resident_name, relation_to_head, …]. */
export function people_after(people, effects) {
	return effects.filter(GONE).reduce((left, { resident, next_head, relations = {} }) => {
		const others = left.filter((each) => each.resident !== resident);
		if (!next_head) return others;
		return others.map((each) => ({
			...each,
			relation_to_head: each.resident === next_head ? "Head" : relations[each.resident],
		}));
	}, people);
}

/** Where a new effect stands among the others: somebody new is related to whoever is head in the end. */
export function with_effect(effects, effect) {
	const after = effect.next_head ? ({ kind }) => kind === "newcomer" : () => false;
	return [...effects.filter((each) => !after(each)), effect, ...effects.filter(after)];
}

// Where the head goes and others stay, one of them is head after her, and the others stand to that one.
function heirs(start, offer, { resident, next_head }) {
	const others = start.people.filter((each) => each.resident !== resident);
	const head = start.people.find((each) => each.resident === resident)?.relation_to_head === "Head";
	if (!head || !others.length) return [];
	const options = people_of({ people: others });
	const relations = coded(
		(offer.relations || start.effects.newcomer?.relations || []).filter((each) => each !== "Head")
	);
	const chosen = next_head && others.filter((each) => each.resident !== next_head);
	return [
		{ field: HEIR, hint: __("New Head"), options, reqd: 1, leads_on: true, by_name: true },
		...(chosen || []).map((each) => ({
			field: RELATION + each.resident,
			hint: __("{0}'s relation to the new head", [each.resident_name]),
			options: relations,
			reqd: 1,
		})),
	];
}

function with_relations(given) {
	const entries = Object.entries(given);
	const relations = entries
		.filter(([key]) => key.startsWith(RELATION))
		.map(([key, value]) => [key.slice(RELATION.length), value]);
	return {
		...Object.fromEntries(entries.filter(([key]) => !key.startsWith(RELATION))),
		...(relations.length ? { relations: Object.fromEntries(relations) } : {}),
	};
}

/** What is asked for, by kind: `fields(start, offer, given)`; a field has `field`, `hint`, `options` or `type` or `rows`, `reqd`;
 * `leads_on`: other fields follow from it; `by_name`: what was chosen is said with its hint. */
const KINDS = {
	issue: {
		fields: (start, { categories, own = [] }) => [
			{
				field: "category",
				hint: __("What Kind of Matter"),
				options: grouped(categories, own),
				reqd: 1,
			},
			{ field: "description", hint: __("What It Is About"), rows: 2, max: 1000 },
			...(start.photos
				? [{ field: "photo", hint: __("Photo"), options: [["photo_1", shown_by_photo()]] }]
				: []),
		],
	},
	care_added: {
		fields: (start, { categories }, { category }) => [
			person(start),
			{
				...{ field: "category", hint: __("Which Care"), reqd: 1, leads_on: true },
				options: named(categories),
			},
			...(categories?.find(({ name }) => name === category)?.needs_consent ? [consent()] : []),
			{ field: "note", hint: __("Note") },
		],
	},
	care_ended: {
		fields: (start, { cares }) => [
			{
				...{ field: "care", hint: __("Whose Care"), reqd: 1 },
				options: (cares || []).map(({ care, resident_name, label, category }) => [
					care,
					`${resident_name} · ${label || category}`,
				]),
			},
			{ field: "reason", hint: __("Reason"), reqd: 1 },
		],
		offered: (start, { cares }) => Boolean(cares?.length),
	},
	newcomer: {
		fields: (start, { relations, sexes }) => [
			{ field: "resident_name", hint: __("Name"), reqd: 1 },
			{
				...{ field: "relation_to_head", hint: __("Relation to the Head"), reqd: 1 },
				options: coded(relations),
			},
			{ field: "sex", hint: __("Sex"), options: coded(sexes) },
			{ field: "birth_date", hint: __("Date of Birth"), type: "date" },
		],
	},
	moved: {
		fields: (start, offer, given) => [
			{ ...person(start), leads_on: true },
			{
				...{ field: "status", hint: __("Where To"), reqd: 1, leads_on: true },
				options: WHERE_TO.map(([code, label]) => [code, label()]),
			},
			day,
			...(given.status === "Moved Out" ? heirs(start, offer, given) : []),
		],
		wanted: with_relations,
	},
	died: {
		fields: (start, offer, given) => [
			{ ...person(start), leads_on: true },
			day,
			...heirs(start, offer, given),
		],
		wanted: with_relations,
	},
	household: {
		fields: (start, { values, residence_states }) => [
			{
				...{ field: "residence_state", hint: __("Residence"), options: coded(residence_states) },
				usual: () => values?.residence_state,
			},
			{
				...{ field: "in_wechat_group", hint: __("In the Grid's Chat Group") },
				options: [
					["1", __("In the Grid's Chat Group")],
					["0", __("Not in the Chat Group")],
				],
				usual: () => (values?.in_wechat_group ? "1" : "0"),
			},
			{
				...{ field: "group_rep", hint: __("Member in the Chat Group"), options: people_of(start) },
				usual: () => values?.group_rep,
			},
		],
		wanted: changed_only,
	},
};

// Those that the reader reports most stand first.
function grouped(categories, own) {
	const order = ({ name }) => (own.includes(name) ? own.indexOf(name) : own.length);
	return [...(categories || [])]
		.sort((one, other) => order(one) - order(other))
		.map(({ name, label, group }) => [name, [group, label || name].filter(Boolean).join(" · ")]);
}

// Of what is known already only what is now otherwise is sent.
function changed_only({ kind, ...given }, { values = {} }) {
	const text = (value) => String(value ?? "");
	const other = Object.entries(given).filter(
		([key, value]) => text(value) !== text(values[key] || 0 || "")
	);
	const really = other.filter(([key, value]) => !(value === "0" && !values[key]));
	return really.length ? { kind, ...Object.fromEntries(really) } : null;
}

export function kinds_offered(start) {
	return Object.keys(KINDS).filter((kind) => {
		const offer = start.effects?.[kind];
		return offer && (KINDS[kind].offered?.(start, offer) ?? true);
	});
}

export const label_of = (kind, start) => start.effects[kind].label;

/** What the card of an effect says. */
export const words_of = ({ words: told, photo }) =>
	[told, photo && shown_by_photo()].filter(Boolean).join(" · ");

/** Ask for one effect in `box`; `add` gets it with the `words` that say it, `cancel` is called when it is left. */
export function ask(box, kind, start, { add, cancel }) {
	const offer = start.effects[kind];
	const { fields, wanted = (given) => given } = KINDS[kind];
	const given = {};
	let asked = [];
	const draw = () => {
		asked = fields(start, offer, given);
		asked.forEach(({ field, usual }) => (given[field] ??= usual?.() || ""));
		parts.empty();
		asked.forEach((each) => control(each, given, draw).appendTo(parts));
	};
	const take = () => {
		const missing = asked.find(({ field, reqd }) => reqd && !given[field].trim());
		if (missing) return message.text(__("Still missing: {0}", [missing.hint]));
		const filled = asked.map(({ field }) => [field, given[field]]).filter(([, value]) => value !== "");
		const effect = wanted({ kind, ...Object.fromEntries(filled) }, offer);
		if (!effect) return message.text(__("Nothing is different from before."));
		add({ ...effect, words: said(label_of(kind, start), asked, given) });
	};
	box.empty().addClass("visit-asked");
	line(box, label_of(kind, start), "visit-strong");
	const parts = row(box, "");
	draw();
	const message = line(box, "", "visit-red").attr("role", "status");
	const buttons = row(box);
	button(__("Add It"), take, { look: "btn-primary", name: "effect-add" }).appendTo(buttons);
	button(__("Leave It"), cancel).appendTo(buttons);
}

function control({ field, hint, options, leads_on, ...how }, given, again) {
	const changed = (value) => {
		given[field] = value;
		if (leads_on) again();
	};
	// What it asks for stands above, and stays there when something is entered.
	const box = options
		? choice(given[field], options, __("Please Choose"), changed, field)
		: words(given[field], "", changed, { ...how, name: field });
	return $('<label class="visit-label"></label>').text(hint).append(box.removeAttr("aria-label"));
}

function said(label, asked, given) {
	const shown = asked
		.filter(({ field }) => given[field] && field !== "photo" && !field.startsWith(RELATION))
		.map(({ field, hint, options, by_name }) => {
			const value = options ? word_of(options, given[field]) : given[field];
			return by_name ? __("{0}: {1}", [hint, value]) : value;
		});
	return [label, ...shown].join(" · ");
}
