// How far the job is: told by the server as it goes, and asked for where no realtime connection is to be had.
import { button, is_running, part, step, text } from "./parts";

const SECONDS = 3;
const FIELDS = ["state", "stage", "position", "parts"];

/** Draw how far the import in *frm* is. */
export function show_progress(frm, page) {
	const { doc } = frm;
	const box = part("import-progress", page);
	text(box, words(doc), "import-stage").attr("role", "status");
	const bar = part("progress", box);
	$(`<div class="progress-bar progress-bar-striped" role="progressbar">`)
		.css("width", share(doc))
		.appendTo(bar);
	text(box, __("It goes on when you leave this page."), "import-note");
	const buttons = part("import-buttons", page);
	if (doc.cancel_asked)
		text(box, __("Is being cancelled: it ends after the part it is at."), "import-note");
	button(__("Cancel the Import"), () => cancel(frm)).appendTo(buttons);
}

/** Keep what is shown in step with the job, as long as one works on the import in *frm*. */
export function follow(frm) {
	frappe.realtime.off("ledger_import");
	clearTimeout(frm.ledger_import_timer);
	if (frm.is_new() || !is_running(frm.doc)) return;
	frappe.realtime.on("ledger_import", (told) => {
		if (told.name === frm.doc.name) take(frm, told);
	});
	const look = async () => {
		const name = frm.doc.name;
		const { message } = await frappe.db.get_value("Ledger Import", name, FIELDS);
		if (frm.doc.name !== name || !is_running(frm.doc)) return;
		await take(frm, message);
		if (is_running(frm.doc)) frm.ledger_import_timer = setTimeout(look, SECONDS * 1000);
	};
	frm.ledger_import_timer = setTimeout(look, SECONDS * 1000);
}

async function take(frm, told) {
	if (!is_running(told)) return frm.reload_doc();
	for (const field of FIELDS) if (told[field] !== undefined) frm.doc[field] = told[field];
	const page = $(frm.fields_dict.view.wrapper);
	page.find(".import-stage").text(words(frm.doc));
	page.find(".progress-bar").css("width", share(frm.doc));
}

function words({ state, stage, position, parts }) {
	const doing = stage ? __(stage) : __(state);
	return parts ? __("{0}: {1} of {2} done", [doing, position, parts]) : `${doing} …`;
}

const share = ({ position, parts }) => `${parts ? Math.max(3, Math.round((100 * position) / parts)) : 3}%`;

function cancel(frm) {
	frappe.confirm(__("Cancel the import? What is written already stays, and you can go on later."), () =>
		step(frm, "cancel")
	);
}
