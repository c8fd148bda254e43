// The columns of the file: what each is taken as, to be confirmed or chosen by whoever uploads it.
import { ask, button, part, step, text } from "./parts";

/** Draw the columns of the import in *frm*; with *open*, what they are taken as can be chosen. */
export async function show_columns(frm, box, open) {
	const targets = await ask("choices", { name: frm.doc.name });
	const by_key = new Map(targets.map((target) => [target.key, target]));
	const sheets = group(frm.doc.columns);
	for (const columns of Object.values(sheets)) {
		const heading = text(box, __("Sheet “{0}”", [columns[0].sheet_name]), "import-heading");
		const [alone] = columns;
		if (!alone.letter) {
			text(box, alone.note, "import-note");
			continue;
		}
		const open_ones = columns.filter(is_open).length;
		if (open && open_ones)
			$(`<span class="import-count">`)
				.text(__("{0} columns without a meaning", [open_ones]))
				.appendTo(heading);
		const table = part("import-columns", box);
		columns.forEach((column) => show_column(table, column, targets, by_key, open));
	}
	if (open) mark_doubles(box);
}

/** What is chosen for each column, by "sheet:position". */
export function chosen(box) {
	const found = {};
	box.find("select[data-column]").each((_index, field) => {
		found[field.dataset.column] = field.value;
	});
	return found;
}

export function confirm_button(frm, box) {
	return button(
		__("Check the File"),
		() => step(frm, "check", { columns: JSON.stringify(chosen(box)) }),
		"btn-primary"
	);
}

// Neither filled nor known to be needless.
const is_open = ({ target, found }) => !target && !found;

function group(columns) {
	const sheets = {};
	columns.forEach((column) => (sheets[column.sheet] ||= []).push(column));
	return sheets;
}

function show_column(table, column, targets, by_key, open) {
	const row = part("import-column", table).toggleClass("import-open", open && is_open(column));
	const told = part("import-told", row);
	$(`<span class="import-letter">`).text(column.letter).appendTo(told);
	$(`<span class="import-title">`)
		.text(column.heading || __("(no heading)"))
		.appendTo(told);
	if (column.example) text(told, __("for example: {0}", [column.example]), "import-note");
	const means = part("import-means", row);
	if (open) select(column, targets).appendTo(means);
	else text(means, by_key.get(column.target)?.label || __("Not imported"));
	if (column.note) text(means, column.note, "import-note import-why");
}

function select(column, targets) {
	const field = $(`<select class="form-control">`)
		.attr("data-column", `${column.sheet}:${column.position}`)
		.attr("aria-label", __("What the column {0} means", [column.heading || column.letter]))
		.append($("<option>").val("").text(__("Do not import")));
	let under = null;
	for (const { key, label, group: of, may_write, several } of targets) {
		if (!under || under.attr("label") !== of) under = $("<optgroup>").attr("label", of).appendTo(field);
		$("<option>")
			.val(key)
			.text(may_write ? label : __("{0} (not yours to enter)", [label]))
			.prop("disabled", !may_write)
			.attr("data-several", several ? 1 : null)
			.appendTo(under);
	}
	const taken = column.taken && targets.some(({ key }) => key === column.target);
	return field.val(taken ? column.target : "");
}

// Two columns of one sheet with the same meaning: the server refuses them, here they are seen at once.
function mark_doubles(box) {
	const look = () => {
		const all = [...box.find("select[data-column]")];
		const at = (field) => `${field.dataset.column.split(":")[0]}|${field.value}`;
		const once = ({ value, selectedOptions }) => value && !selectedOptions[0].dataset.several;
		const taken = all.filter(once).map(at);
		all.forEach((field) => {
			const twice = taken.filter((each) => each === at(field)).length > 1;
			$(field).closest(".import-column").toggleClass("import-twice", twice);
		});
	};
	box.on("change", "select[data-column]", look);
	look();
}
