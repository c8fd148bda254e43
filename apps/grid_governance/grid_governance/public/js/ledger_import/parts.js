// The parts that the form of an import is put together from. Whatever comes from a file is set as text.

const DESK = "grid_governance.grid_ledger.importing.desk";

/** Rows may be written already: the file and its columns stay as they are. */
export const has_started = ({ started_at }) => Boolean(started_at);

export const is_running = ({ state }) => ["Checking", "Writing"].includes(state);

export function part(name, box) {
	return $("<div>").addClass(name).appendTo(box);
}

export function text(box, words, look = "") {
	return $("<div>").addClass(look).text(words).appendTo(box);
}

export function button(label, act, look = "btn-default") {
	return $(`<button type="button" class="btn">`).addClass(look).text(label).on("click", act);
}

/** Call *method* of the importer for the import in *frm*; tells whether it went through (the server says why not). */
export async function call(frm, method, args = {}) {
	try {
		await frappe.call({
			method: `${DESK}.${method}`,
			args: { name: frm.doc.name, ...args },
			freeze: true,
			freeze_message: __("One moment, please"),
		});
		return true;
	} catch {
		return false;
	}
}

/** Call *method*, then show the import as it stands after it. */
export async function step(frm, method, args) {
	if (await call(frm, method, args)) await frm.reload_doc();
}

export const ask = (method, args) => frappe.xcall(`${DESK}.${method}`, args);

export function download(what) {
	open_url_post(`/api/method/${DESK}.template`, { what });
}
