// The rows of a file of which there is something to say, by what becomes of them; questions are answered here.
import { button, call, part, text } from "./parts";

const PAGE = 50;
const FIELDS = [
	"name",
	"sheet",
	"row_no",
	"verdict",
	"is_alike",
	"who",
	"details",
	"answer",
	"answer_record",
];
const TITLES = {
	Changed: () => __("What changes"),
	Refused: () => __("Refused: correct these rows and upload them again"),
	"To Be Decided": () => __("To be decided: only you can say"),
	Alike: () => __("Like others: look whether it is the same person"),
};

/** Draw the rows of *key* ("Changed", "Refused", "To Be Decided", "Alike") of the import in *frm*, a page at a time; *answered* is called after an answer. */
export async function show_lines(frm, box, key, answered) {
	box.empty();
	text(box, TITLES[key](), "import-heading");
	const list = part("import-lines", box);
	await more({ frm, key, answered }, list, 0);
}

async function more(shown, list, start) {
	const { frm, key } = shown;
	const name = frm.doc.name;
	const filters = { ledger_import: name, ...(key === "Alike" ? { is_alike: 1 } : { verdict: key }) };
	const rows = await frappe.db.get_list("Ledger Import Line", {
		fields: FIELDS,
		filters,
		order_by: "sheet asc, row_no asc",
		start,
		limit: PAGE + 1,
	});
	if (frm.doc.name !== name) return;
	rows.slice(0, PAGE).forEach((row) => show_row(shown, list, row));
	if (rows.length > PAGE) {
		const next = button(__("Show More"), async () => {
			next.remove();
			await more(shown, list, start + PAGE);
		}).appendTo(list);
	}
	if (!rows.length && !start) text(list, __("There are none."), "import-note");
}

function show_row(shown, list, row) {
	const { frm, key } = shown;
	const details = JSON.parse(row.details || "{}");
	const box = part("import-line", list).attr("data-line", row.name);
	const head = part("import-line-head", box);
	$(`<span class="import-row">`).text(place(frm, row)).appendTo(head);
	$(`<strong>`).text(row.who).appendTo(head);
	for (const { message } of details.problems || []) text(box, message, "import-problem");
	for (const change of details.changes || []) show_change(box, change);
	if (details.alike && key !== "To Be Decided") text(box, details.alike, "import-note");
	if (row.verdict === "To Be Decided") show_question(shown, box, row, details);
}

function place(frm, { sheet, row_no }) {
	const sheets = new Map(frm.doc.columns.map((column) => [column.sheet, column.sheet_name]));
	return sheets.size > 1 ? __("{0}, row {1}", [sheets.get(sheet) || "", row_no]) : __("Row {0}", [row_no]);
}

function show_change(box, { label, old, new: now }) {
	const line = part("import-change", box);
	$(`<span class="import-label">`).text(label).appendTo(line);
	$(`<del>`)
		.text(old || __("(empty)"))
		.appendTo(line);
	line.append(" → ");
	$(`<ins>`)
		.text(now || __("(empty)"))
		.appendTo(line);
}

function show_question({ frm, answered }, box, row, { question, candidates = [] }) {
	text(box, question || "", candidates.length ? "import-question" : "import-note");
	if (!candidates.length) return; // it hangs on the answer to another row
	const choices = part("import-choices", box);
	const add = (label, choice, record = "") =>
		button(label, async () => {
			if (!(await call(frm, "answer", { line: row.name, choice, record }))) return;
			Object.assign(row, { answer: choice, answer_record: record });
			draw();
			await answered();
		})
			.attr({ "data-choice": choice, "data-record": record })
			.appendTo(choices);
	for (const { name, label } of candidates) add(__("It is: {0}", [label]), "This Record", name);
	add(__("None of these, a new one"), "New Record");
	add(__("Leave this row out"), "Leave Out");
	const draw = () =>
		choices.children().each((_index, each) => {
			const { choice, record } = each.dataset;
			const taken = choice === row.answer && (record || "") === (row.answer_record || "");
			$(each).toggleClass("btn-primary", taken).toggleClass("btn-default", !taken);
			each.setAttribute("aria-pressed", taken);
		});
	draw();
}
