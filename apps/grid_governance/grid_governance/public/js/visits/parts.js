// What the pages of a visit are made of: large type, large buttons. Whatever comes from a record is set as text.

/** A large button; `name` is what a test finds it by, `pressed` whether it is chosen. */
export function button(label, act, { look = "btn-default", name, pressed } = {}) {
	const made = $('<button type="button" class="btn visit-button"></button>').addClass(look).text(label);
	if (name) made.attr("data-action", name);
	if (pressed !== undefined)
		made.attr("aria-pressed", pressed).toggleClass("visit-chosen", Boolean(pressed));
	return made.on("click", act);
}

export function heading(box, text) {
	return $('<h3 class="visit-heading"></h3>').text(text).appendTo(box);
}

export function line(box, text, look = "") {
	return $("<div></div>").addClass(look).text(text).appendTo(box);
}

export function row(box, look = "visit-row") {
	return $("<div></div>").addClass(look).appendTo(box);
}

/** A box for words, `rows` high, or of one line. */
export function words(value, hint, changed, { rows, name, type = "text", max = 140 } = {}) {
	const box = rows ? $("<textarea></textarea>").attr("rows", rows) : $("<input>").attr("type", type);
	return box
		.addClass("form-control visit-words")
		.attr({ placeholder: hint, "aria-label": hint, maxlength: max, "data-fieldname": name || null })
		.val(value || "")
		.on("input", ({ target }) => changed(target.value));
}

/** The phone's own list: `options` are [value, words]. */
export function choice(value, options, hint, changed, name) {
	const box = $('<select class="form-control visit-words"></select>').attr({
		"aria-label": hint,
		"data-fieldname": name || null,
	});
	[["", hint], ...options].forEach(([key, label]) =>
		$("<option></option>").val(key).text(label).appendTo(box)
	);
	return box.val(value || "").on("change", ({ target }) => changed(target.value));
}

/** What a household is called, without the number of its door, which stands beside it. */
export function name_of({ title = "", household_no }) {
	const end = ` · ${household_no}`;
	return household_no && title.endsWith(end) ? title.slice(0, -end.length) : title;
}

/** A key that no other phone draws. */
export function new_key() {
	return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
		byte.toString(16).padStart(2, "0")
	).join("");
}

const MOMENT_DAY = "YYYY-MM-DD";

/** The day of a moment (milliseconds) where the system is. */
export const day_of = (at) => moment.tz(at, frappe.boot.time_zone.system).format(MOMENT_DAY);

export const today = () => day_of(grid_governance.clock.now());

export const in_days = (count) => moment(today()).add(count, "days").format(MOMENT_DAY);

/** How far a day is away, in words. */
export function when(day) {
	const days = moment(day).diff(moment(today()), "days");
	if (days < 0) return __("{0} days late", [-days]);
	if (days === 0) return __("Due Today");
	if (days === 1) return __("Due Tomorrow");
	return short_day(day);
}

/** "11-25", with the year only when it is another one. */
export function short_day(day) {
	const date = moment(day);
	return date.format(date.year() === moment(today()).year() ? __("MM-DD") : MOMENT_DAY);
}
