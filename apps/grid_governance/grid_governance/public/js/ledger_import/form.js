// The form of an import, by the state it is in. What can be done next is one blue button.
import { confirm_button, show_columns } from "./columns";
import { first_to_look_at, show_figures } from "./figures";
import { show_lines } from "./lines";
import { ask, button, download, has_started, is_running, part, step, text } from "./parts";
import { follow, show_progress } from "./progress";
import { take_over } from "./upload";

frappe.provide("grid_governance.ledger_import");

const PEOPLE = ["Household", "Resident", "Resident Identity", "Resident Contact", "Resident Care"];

/** Draw the import in *frm*. */
grid_governance.ledger_import.show = async (frm) => {
	const { doc } = frm;
	const box = $(frm.fields_dict.view.wrapper).empty();
	const page = part("import-page", box);
	frm.page.clear_primary_action();
	frm.toggle_enable("file", !has_started(doc) && !is_running(doc));
	take_over(frm);
	follow(frm);
	if (frm.is_new() || !(doc.file || doc.cleared_on)) return show_templates(frm, page);
	if (is_running(doc)) return show_progress(frm, page);
	if (doc.state === "Draft") return show_unread(frm, page);
	if (doc.state === "Columns to Confirm") return show_to_confirm(frm, page);
	await show_found(frm, page);
};

/** The form has been saved, as it is when a file is attached: say what its columns are. */
grid_governance.ledger_import.saved = async (frm) => {
	if (frm.doc.file && frm.doc.state === "Draft") await step(frm, "look");
};

function say(page, words, look = "blue") {
	text(page, words, `import-say import-say-${look}`);
}

function show_templates(frm, page) {
	say(
		page,
		__(
			"Attach the file as it is: the columns are recognised and shown to you, and nothing is written before you have seen what it would do. Or fill in a template."
		)
	);
	const { kind } = frm.doc;
	const alone = kind === "Households and People" ? PEOPLE : [];
	const whole = alone.length ? [kind, "Households and People in Two Sheets"] : [kind];
	const buttons = part("import-buttons", page);
	for (const what of [...whole, ...alone.filter((doctype) => frappe.model.can_create(doctype))])
		button(__("Template: {0}", [__(what)]), () => download(what)).appendTo(buttons);
}

function show_unread(frm, page) {
	if (frm.doc.error) say(page, frm.doc.error, "red");
	const buttons = part("import-buttons", page);
	button(__("Read the File"), () => step(frm, "look"), "btn-primary").appendTo(buttons);
}

function show_to_confirm(frm, page) {
	say(
		page,
		__("This is how the columns are understood. Correct what is wrong, then let the file be checked.")
	);
	const columns = part("import-sheets", page);
	show_columns(frm, columns, true);
	confirm_button(frm, columns).appendTo(part("import-buttons import-last", page));
}

async function show_found(frm, page) {
	const { doc } = frm;
	tell_state(doc, page);
	if (doc.state === "Checked") tell_slow(frm, page);
	const buttons = part("import-buttons", page);
	const redraw = async () => add_buttons(frm, buttons.empty(), await answered_rows(doc));
	await redraw();
	const lines = $(`<div class="import-rows">`);
	if (doc.rows_read) {
		const strip = show_figures(doc, page, (key) => show_lines(frm, lines, key, redraw));
		const first = first_to_look_at(doc);
		if (first && !doc.cleared_on) strip.find(`[data-rows="${first}"]`).trigger("click");
	}
	lines.appendTo(page);
	if (!doc.cleared_on) {
		frm.page.add_menu_item(__("Remove the Rows and Files Now"), () => clear(frm));
		const details = $("<details>").appendTo(page);
		$("<summary>").text(__("Columns of the File")).appendTo(details);
		details.one("toggle", () => show_columns(frm, part("import-sheets", details), false));
	}
}

// Answers that the last check did not know yet.
const answered_rows = async ({ name, rows_to_decide }) =>
	rows_to_decide
		? frappe.db.count("Ledger Import Line", {
				filters: { ledger_import: name, verdict: "To Be Decided", answer: ["is", "set"] },
			})
		: 0;

function tell_state(doc, page) {
	const { state, error, rows_refused, rows_to_decide, cleared_on } = doc;
	if (cleared_on)
		say(
			page,
			__("The file and its rows were removed on {0}.", [frappe.datetime.str_to_user(cleared_on)])
		);
	else if (state === "Checked" && doc.rows_read === doc.rows_unchanged)
		say(page, __("Everything in the file is there already."), "green");
	else if (state === "Checked")
		say(
			page,
			rows_refused || rows_to_decide
				? __(
						"Checked; nothing is written yet. The good rows can be written now, the others corrected and uploaded again."
					)
				: __("Checked; nothing is written yet. All rows are good."),
			rows_refused || rows_to_decide ? "orange" : "green"
		);
	else if (state === "Done")
		say(
			page,
			rows_refused || rows_to_decide
				? __("The good rows are written. The others wait to be corrected or decided.")
				: __("All rows are written."),
			"green"
		);
	else if (state === "Cancelled" && has_started(doc))
		say(page, __("Cancelled. What was written stays; it can be gone on with."), "orange");
	else if (state === "Cancelled") say(page, __("Cancelled; nothing is written."), "orange");
	else if (state === "Stopped" && has_started(doc))
		say(
			page,
			__("Broken off: {0} What was written stays; nothing is half. Go on when it is mended.", [
				error || "",
			]),
			"red"
		);
	else say(page, __("It did not work: {0}", [error || ""]), "red");
}

// In bulk or one by one: known in time, not found out by waiting.
async function tell_slow(frm, page) {
	const box = part("import-note", page);
	const why = await ask("why_slow", { name: frm.doc.name });
	if (why) box.text(__("The rows will be saved one by one, which takes much longer. {0}", [why]));
}

function add_buttons(frm, buttons, answered) {
	const { doc } = frm;
	const good = doc.rows_new + doc.rows_changed;
	const add = (label, method, look) => button(label, () => step(frm, method), look).appendTo(buttons);
	if (doc.cleared_on) return add_another(doc, buttons);
	if (has_started(doc)) {
		if (doc.state !== "Done") add(__("Go On"), "write", "btn-primary");
		else if (answered) add(__("Write What Was Answered"), "write", "btn-primary");
	} else {
		if (answered) add(__("Check Again with {0} Answers", [answered]), "check", "btn-primary");
		if (doc.state === "Checked" && good)
			add(__("Write {0} Rows", [good]), "write", answered ? "btn-default" : "btn-primary");
		if (!answered) add(__("Check Again"), "check");
		add(__("Change the Columns"), "look");
	}
	if (doc.state === "Done") add_another(doc, buttons);
	for (const [field, label] of [
		["refused_file", __("Download the Rows to Correct")],
		["outcome_file", __("Download What Is Changed and Asked")],
	])
		if (doc[field])
			$(`<a class="btn btn-default" download>`).attr("href", doc[field]).text(label).appendTo(buttons);
}

function add_another({ grid, kind }, buttons) {
	const make = () => frappe.new_doc("Ledger Import", { grid, kind });
	button(__("Import Another File"), make).appendTo(buttons);
}

function clear(frm) {
	frappe.confirm(
		__(
			"Remove the file, the rows to correct and all details of this import? The figures stay. What was written is not touched."
		),
		() => step(frm, "clear")
	);
}
