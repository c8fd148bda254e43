// The file is chosen with one tap and sent as the import's own: no link, no camera, no library of files.
const KINDS = [
	...[".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".csv", ".txt", "text/csv", "application/vnd.ms-excel"],
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
].join(",");

/** Milliseconds that a township's file may take on a slow line. */
const PATIENCE = 15 * 60 * 1000;

/** Let the button of the field for the file ask for it itself. */
export function take_over(frm) {
	const control = frm.fields_dict.file;
	if (!control.$input || control.takes_tables) return;
	control.takes_tables = true;
	control.$input.text(__("Choose the File"));
	control.on_attach_click = () => choose((file) => send(frm, file));
}

function choose(act) {
	const input = Object.assign(document.createElement("input"), {
		type: "file",
		accept: KINDS,
		hidden: true,
	});
	input.addEventListener("change", () => {
		input.remove();
		if (input.files.length) act(input.files[0]);
	});
	input.addEventListener("cancel", () => input.remove());
	document.body.append(input); // some phones forget an input that stands nowhere
	input.click();
}

async function send(frm, file) {
	if (frm.is_new() || frm.is_dirty()) await frm.save();
	if (frm.is_new() || frm.is_dirty()) return; // the form has said what is missing
	frappe.dom.freeze(__("The file is being sent"));
	const answer = await grid_governance.send(
		"upload_file",
		{ doctype: frm.doctype, docname: frm.doc.name, fieldname: "file", is_private: 1, file },
		PATIENCE
	);
	frappe.dom.unfreeze();
	if (!answer.ok) {
		const cut = answer.why === "connection";
		return frappe.msgprint(cut ? __("The connection broke off. Send the file again.") : answer.words);
	}
	await frm.set_value("file", answer.message.file_url);
	await frm.save();
}
