// What the DocType Website Theme calls.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Bench, start } from "./support.mjs";

let bench;
beforeEach(() => {
	bench = new Bench();
});
afterEach(() => bench.remove());

async function compile(scss) {
	const args = ["generate_bootstrap_theme.js", bench.path("theme.css"), scss.replaceAll("\n", "\\n")];
	const compiler = start("node", args, { cwd: bench.frappe });
	return { code: await compiler.ended, output: compiler.output };
}

test("Frappe's files and packages can be imported, and nothing is said", async () => {
	bench.write(
		"apps/frappe/frappe/public/scss/website.scss",
		`@import "~bootstrap/scss/functions"; .a { color: $primary }`
	);
	const done = await compile(`// theme\n$primary: teal;\n@import "frappe/public/scss/website";`);
	assert.deepEqual(done, { code: 0, output: "" });
	assert.equal(bench.read("theme.css"), ".a{color:teal}");
});

test("a mistake is told with its line, and no file is left", async () => {
	const { code, output } = await compile(`$primary: teal;\n.a { color: $secondary; }`);
	assert.equal(code, 1);
	assert.match(output, /Undefined variable[^]*2 │/);
	assert.ok(!bench.exists("theme.css"));
});
