// Frappe's time controls show seconds ("hh:ii:ss", timepicker.$seconds). air-datepicker on npm (2.2.3) knows hours and
// minutes only, so what is missing is written into its source while it is bundled.
import fs from "node:fs";

const SECONDS_TEXT =
	`'<span class="datepicker--time-current-colon">:</span>` +
	`<span class="datepicker--time-current-seconds">#{secValue}</span>'`;
const SECONDS_ROW =
	`'<div class="datepicker--time-row">` +
	`<input type="range" name="seconds" value="#{secValue}" min="0" max="59" step="#{secStep}"/></div>'`;

/** What is changed, in the order of the file: [pattern, replacement]. */
const EDITS = {
	"option secondsStep": [/minutesStep: 1,/, "minutesStep: 1,\n            secondsStep: 1,"],
	"seconds of a parsed date": [/(parsed(?:Selected|Date))\.minutes\n/g, "$1.minutes,\n$1.seconds\n"],
	"ss in a format": [
		/case \/ii\/\.test/,
		"case /ss/.test(result):\nresult = replacer(result, boundary('ss'), d.fullSeconds);\ncase /ii/.test",
	],
	"a day is picked": [
		/([\w.]+)\.setMinutes\(this\.timepicker\.minutes\)/g,
		"$1.setMinutes(this.timepicker.minutes); $1.setSeconds(this.timepicker.seconds)",
	],
	"seconds among the arguments": [
		/_onTimeChange: function \(e, h, m\)/,
		"_onTimeChange: function (e, h, m, s)",
	],
	"the time changes": [/date\.setMinutes\(m\);/, "date.setMinutes(m); date.setSeconds(s || 0);"],
	"parts of a date": [
		/fullMinutes: /,
		"seconds: date.getSeconds(), fullSeconds: ('0' + date.getSeconds()).slice(-2), fullMinutes: ",
	],
	"text of the time": [/(minutes">#\{minValue\}<\/span>' \+)/, `$1 ${SECONDS_TEXT} +`],
	"slider of the seconds": [/(step="#\{minStep\}"\/>' \+\s*' *<\/div>' \+)/, `$1 ${SECONDS_ROW} +`],
	"seconds of the picker": [/(this\.minutes = _date\.minutes < .*\n)/, "$1this.seconds = _date.seconds;\n"],
	"values of the template": [
		/minValue: lz\(this\.minutes\)/,
		"minValue: lz(this.minutes), secValue: lz(this.seconds), secStep: this.opts.secondsStep",
	],
	"element of the slider": [
		/(this\.\$minutes = .*\n)/,
		`$1this.$$seconds = $('[name="seconds"]', this.$$timepicker);\n`,
	],
	"element of the text": [
		/(this\.\$minutesText = .*\n)/,
		"$1this.$$secondsText = $('.datepicker--time-current-seconds', this.$$timepicker);\n",
	],
	"text is updated": [
		/this\.\$minutesText\.html\(m\);/,
		"this.$$minutesText.html(m); this.$$secondsText.html(dp.getLeadingZeroNum(this.seconds));",
	],
	"slider is updated": [/(\}\)\.val\(this\.minutes\))/, "$1; this.$$seconds.val(this.seconds)"],
	"seconds are told": [/\[this\.hours, this\.minutes\]/, "[this.hours, this.minutes, this.seconds]"],
};

/**
 * @param {string} source dist/js/datepicker.js of air-datepicker 2.2.3
 * @returns {string} the same with seconds
 * @throws {Error} when an edit finds nothing to change, as it would with another version
 */
export function addSeconds(source) {
	let text = source.replace(/\r\n/g, "\n");
	for (const [name, [pattern, replacement]] of Object.entries(EDITS)) {
		const edited = text.replace(pattern, replacement);
		if (edited === text) throw new Error(`air-datepicker is not version 2.2.3: no place for "${name}"`);
		text = edited;
	}
	return text;
}

export const datepickerSeconds = {
	name: "datepicker-seconds",
	setup(build) {
		build.onLoad(
			{ filter: /air-datepicker[\\/]dist[\\/]js[\\/]datepicker(\.min)?\.js$/ },
			({ path: file }) => {
				const readable = file.replace(".min.js", ".js");
				return {
					contents: addSeconds(fs.readFileSync(readable, "utf8")),
					loader: "js",
					watchFiles: [readable],
				};
			}
		);
	},
};
