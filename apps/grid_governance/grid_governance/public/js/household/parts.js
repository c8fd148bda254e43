// The parts that the page of a household is put together from. Whatever comes from a record is set as text.

export function heading(text) {
	return $(`<h5 class="household-heading">`).text(text);
}

export function line(box, text, look = "") {
	$("<div>").addClass(look).text(text).appendTo(box);
	return box;
}

export function button(label, act, look = "btn-default") {
	return $(`<button type="button" class="btn">`).addClass(look).text(label).on("click", act);
}

/** A link that a phone dials; the number stands beside the words. */
export function telephone(label, number) {
	return $(`<a class="btn">`)
		.attr("href", `tel:${encodeURIComponent(number)}`)
		.text(`${label} ${number}`);
}

/** A mark in dark words on a light ground, with a dot of the category's own *color*: read in bright sun. */
export function badge(text, color) {
	const mark = $(`<span class="household-mark">`).text(text);
	if (color) $(`<i>`).css("background", color).prependTo(mark);
	return mark;
}

/**
 * Ask for *fields* and do *act* with them; the dialog stays, with all that was entered, while it is refused.
 * What is unsaved in the form is saved first, so that nothing entered there is lost.
 */
export async function ask(page, title, fields, act, { label = title, ready, more } = {}) {
	const { frm } = page;
	if (frm.is_dirty()) await frm.save();
	const dialog = new frappe.ui.Dialog({
		title,
		fields,
		primary_action_label: label,
		primary_action: async (values) => {
			dialog.disable_primary_action();
			try {
				await act(values, dialog);
				dialog.hide();
				page.changed();
			} catch {
				// Frappe has shown why it was refused; what was entered stays.
			} finally {
				dialog.enable_primary_action();
			}
		},
		...(more ? { secondary_action_label: more.label, secondary_action: () => more.act(dialog) } : {}),
	});
	forget_when_closed(dialog);
	ready?.(dialog);
	dialog.show();
	return dialog;
}

/** What was typed or shown in *dialog* leaves the page with it: a number would stay in the hidden dialog. */
export function forget_when_closed(dialog) {
	dialog.$wrapper
		.addClass("household-dialog")
		.on("hidden.bs.modal", () => setTimeout(() => dialog.$wrapper.remove()));
	return dialog;
}

export const insert = (doc) => frappe.xcall("frappe.client.insert", { doc });

/** The options of a Select field of *doctype* with their words; *leave* those out. */
export function options_of(doctype, fieldname, leave = []) {
	const { options } = frappe.meta.get_docfield(doctype, fieldname) || { options: "" };
	return options
		.split("\n")
		.filter((value) => !leave.includes(value))
		.map((value) => value && { value, label: __(value) });
}

export const reason = (reqd = 0) => ({
	fieldname: "reason",
	fieldtype: "Small Text",
	label: __("Reason"),
	reqd,
});
