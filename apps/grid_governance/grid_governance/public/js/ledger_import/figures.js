// What a file does, in figures; each is a card that opens its rows.
import { part } from "./parts";

/** The figures of an import: field, word, key of its rows (see lines.js), colour; without a key it opens nothing. */
const FIGURES = [
	["rows_read", () => __("Rows Read"), null, "gray"],
	["rows_new", () => __("New Rows"), null, "green"],
	["rows_changed", () => __("Rows That Change Something"), "Changed", "blue"],
	["rows_unchanged", () => __("Rows That Change Nothing"), null, "gray"],
	["rows_refused", () => __("Rows Refused"), "Refused", "red"],
	["rows_to_decide", () => __("Rows to Decide"), "To Be Decided", "orange"],
	["rows_alike", () => __("Rows Like Others"), "Alike", "purple"],
];

/** Draw the figures of *doc*; *open* is called with the key of the card that is tapped. */
export function show_figures(doc, box, open) {
	const strip = part("import-figures", box);
	for (const [field, word, key, colour] of FIGURES) {
		const number = doc[field] || 0;
		const opens = key && number;
		const card = $(opens ? `<button type="button">` : "<div>")
			.addClass(`import-figure import-${colour}`)
			.toggleClass("import-none", !number)
			.appendTo(strip);
		$(`<span class="import-number">`)
			.text(format_number(number, null, 0))
			.appendTo(card);
		$(`<span class="import-word">`).text(word()).appendTo(card);
		if (opens)
			card.attr("data-rows", key).on("click", () => {
				strip.find(".import-figure").removeClass("import-shown");
				card.addClass("import-shown");
				open(key);
			});
	}
	return strip;
}

/** The card whose rows are shown first: what somebody has to do something about. */
export const first_to_look_at = (doc) =>
	["To Be Decided", "Refused", "Changed", "Alike"].find(
		(key) => doc[FIGURES.find((figure) => figure[2] === key)[0]]
	);
