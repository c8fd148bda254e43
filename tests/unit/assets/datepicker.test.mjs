// The date picker of the bundles shows and sets seconds, as Frappe's time controls expect.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { Bench, require } from "./support.mjs";

const CHROMIUM = process.env.CHROMIUM || "chromium";

let bench, addSeconds, stock;
before(async () => {
	bench = new Bench();
	({ addSeconds } = await import(pathToFileURL(bench.path("apps/frappe/esbuild/datepicker-seconds.mjs"))));
	stock = fs.readFileSync(require.resolve("air-datepicker/dist/js/datepicker.js"), "utf8");
});
after(() => bench.remove());

test("another version of the package stops the build instead of losing the seconds", () => {
	assert.throws(
		() => addSeconds(stock.replace("minutesStep: 1,", "stepOfMinutes: 1,")),
		/option secondsStep/
	);
	assert.throws(() => addSeconds(""), /not version 2\.2\.3/);
});

/** Runs the bundle in a page and returns what `script` puts into `result`. */
async function inBrowser(script) {
	bench.source(
		"js/picker.bundle.js",
		`import $ from "jquery"; window.jQuery = window.$ = $; require("air-datepicker/dist/js/datepicker.min.js");`
	);
	const { code, output } = await bench.build("--apps", "sample");
	assert.equal(code, 0, output);
	const bundle = path.basename(bench.manifest()["picker.bundle.js"]);
	bench.write(
		"sites/assets/sample/dist/js/page.html",
		`<body><input id="when"><pre></pre><script src="${bundle}"></script><script>
		$.fn.datepicker.language.xx = { ...$.fn.datepicker.language.ru, dateFormat: "yyyy-mm-dd", timeFormat: "hh:ii:ss" };
		const input = $("#when");
		const picker = input.datepicker({ language: "xx", timepicker: true }).data("datepicker");
		const result = {};
		${script}
		$("pre").text(JSON.stringify(result));
	</script>`
	);
	const page = pathToFileURL(bench.path("apps/sample/sample/public/dist/js/page.html")).href;
	const flags = [
		"--headless",
		"--no-sandbox",
		"--disable-gpu",
		"--allow-file-access-from-files",
		"--dump-dom",
	];
	const dom = execFileSync(CHROMIUM, [...flags, page], {
		encoding: "utf8",
		stdio: ["ignore", "pipe", "ignore"],
	});
	return JSON.parse(/<pre>(.*?)<\/pre>/.exec(dom)[1]);
}

test("seconds are shown, set by the slider and kept when another day is picked", async () => {
	const result = await inBrowser(`
		picker.selectDate(new Date(2023, 1, 3, 4, 5, 6));
		result.selected = input.val();
		const { timepicker } = picker;
		timepicker.$seconds.val(42);
		for (const event of ["input", "mouseup"]) {
			timepicker.$seconds[0].dispatchEvent(new Event(event, { bubbles: true }));
		}
		result.moved = input.val();
		result.text = timepicker.$secondsText.text();
		result.separator = timepicker.$secondsText.prev().text();
		result.row = timepicker.$seconds.parent().attr("class");
		picker.selectDate(new Date(2023, 1, 3, 7, 8, 59));
		result.again = [input.val(), timepicker.$secondsText.text(), timepicker.$seconds.val()];
	`);
	assert.deepEqual(result, {
		selected: "2023-02-03 04:05:06",
		moved: "2023-02-03 04:05:42",
		text: "42",
		separator: ":",
		row: "datepicker--time-row",
		again: ["2023-02-03 07:08:59", "59", "59"],
	});
});
