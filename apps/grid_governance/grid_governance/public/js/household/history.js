// What became of a household, in words: who, when, what, why.
import { line } from "./parts";

const METHOD = "grid_governance.grid_ledger.queries.history.history";

export async function show_history(household) {
	const changes = await frappe.xcall(METHOD, { household });
	const dialog = new frappe.ui.Dialog({
		title: __("What Became of It"),
		fields: [{ fieldname: "changes", fieldtype: "HTML" }],
	});
	const box = dialog.fields_dict.changes.$wrapper;
	if (!changes.length) line(box, __("Nothing has been changed since it was entered."), "text-muted");
	box.append(changes_list(changes));
	dialog.show();
}

/** *changes*, as the server told them, as a list. */
export function changes_list(changes) {
	const list = $(`<ol class="list-unstyled household-history">`);
	changes.forEach((change) => {
		const item = $("<li>").appendTo(list);
		line(item, change.what, "bold");
		change.people.forEach((words) => line(item, words));
		if (change.reason) line(item, __("Reason: {0}", [change.reason]));
		const when = frappe.datetime.str_to_user(change.happened_on);
		line(item, `${when} · ${change.by}`, "text-muted");
	});
	return list;
}
