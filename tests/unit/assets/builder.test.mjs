// What the builder makes of each kind of source, and what it leaves alone when one is wrong.
import assert from "node:assert/strict";
import { after, afterEach, beforeEach, describe, test } from "node:test";
import vm from "node:vm";
import { Bench, freePort, require, startRedis } from "./support.mjs";

let bench;
beforeEach(() => {
	bench = new Bench();
});
afterEach(() => bench.remove());

async function buildWell(...args) {
	const { code, output } = await bench.build(...args);
	assert.equal(code, 0, output);
	return output;
}

/** Runs a script bundle as a page would; returns its globals and the style sheets it added. */
function run(name) {
	const sheets = [];
	const ids = new Map();
	const document = {
		getElementById: (id) => ids.get(id),
		createElement: () => ({}),
		head: {
			appendChild(sheet) {
				ids.set(sheet.id, sheet);
				sheets.push(sheet.textContent);
			},
		},
	};
	const page = { frappe: { templates: {} }, document, console };
	page.window = page;
	vm.runInNewContext(bench.bundle(name), page);
	return { page, sheets };
}

describe("scripts", () => {
	test("an html import becomes a client template", async () => {
		bench.source("js/greeting.html", '<!-- for\nus --><p>\n\t{{ name }}\'s "page"</p>\n');
		bench.source("js/desk.bundle.js", `import "./greeting.html";`);
		await buildWell();
		assert.equal(run("desk.bundle.js").page.frappe.templates.greeting, `<p> {{ name }}'s "page"</p> `);
	});

	test("a quote that a template hides from a script is a quote", async () => {
		bench.source("js/comment.html", String.raw`<a href="{%= url.replace(/#/g, \'%23\') %}">x</a>`);
		bench.source("js/desk.bundle.js", `import "./comment.html";`);
		await buildWell();
		const { comment } = run("desk.bundle.js").page.frappe.templates;
		assert.equal(comment, `<a href="{%= url.replace(/#/g, '%23') %}">x</a>`);
	});

	test("a typescript bundle is published as js", async () => {
		bench.source("js/typed.bundle.ts", `const n: number = 41; (window as any).answer = n + 1;`);
		await buildWell();
		assert.equal(run("typed.bundle.js").page.answer, 42);
	});

	test("css that a script imports is added to the page once", async () => {
		bench.source("js/panel.css", `@import "./base.css"; .panel { color: teal }`);
		bench.source("js/base.css", `.base { color: red }`);
		bench.source("js/panel.bundle.js", `import "./panel.css"; import "./again";`);
		bench.source("js/again.js", `import "./panel.css";`);
		await buildWell();
		const { sheets } = run("panel.bundle.js");
		assert.equal(sheets.length, 1);
		assert.match(sheets[0], /\.base[^]*\.panel/);
	});

	test("a component with <script setup>, scoped sass and an import in it", async () => {
		bench.source("js/colors.scss", `$warm: rgb(255, 193, 69);`);
		bench.source(
			"js/Card.vue",
			`<template><p class="card">{{ text }}</p></template>
<script setup>
const text = "lamp";
</script>
<style lang="scss" scoped>
@import "./colors";
.card { b { color: $warm; } }
</style>`
		);
		bench.source("js/card.bundle.js", `import Card from "./Card.vue"; window.Card = Card;`);
		await buildWell();
		const { page, sheets } = run("card.bundle.js");
		assert.match(page.Card.__scopeId, /^data-v-[0-9a-f]{8}$/);
		assert.equal(typeof page.Card.setup, "function");
		assert.match(sheets[0], new RegExp(`\\.card b\\[${page.Card.__scopeId}\\]`));
		assert.match(sheets[0], /rgb\(255, 193, 69\)|#ffc145/);
	});

	test("a component with an options object has its template compiled beside it", async () => {
		bench.source(
			"js/Old.vue",
			`<template><i>{{ n }}</i></template><script>export default { data: () => ({ n: 7 }) }</script>`
		);
		bench.source("js/old.bundle.js", `import Old from "./Old.vue"; window.Old = Old;`);
		await buildWell();
		const { page } = run("old.bundle.js");
		assert.equal(page.Old.data().n, 7);
		assert.equal(typeof page.Old.render, "function");
	});

	test("--production is smaller, and both have a source map", async () => {
		bench.source(
			"js/long.bundle.js",
			`window.answer = function (firstNumber) { return firstNumber + firstNumber; };`
		);
		await buildWell();
		const readable = bench.bundle("long.bundle.js").length;
		await buildWell("--production");
		assert.ok(bench.bundle("long.bundle.js").length < readable);
		const map = `${bench.manifest()["long.bundle.js"]}.map`;
		assert.ok(bench.exists(`sites${map}`));
	});
});

describe("style sheets", () => {
	test("~ names a package, and old browsers get their prefixes", async () => {
		bench.source(
			"scss/page.bundle.scss",
			`@import "~bootstrap/scss/functions";\n.a { user-select: none; width: percentage(0.5); }`
		);
		await buildWell();
		assert.match(bench.bundle("page.bundle.css"), /-webkit-user-select: none/);
		assert.match(bench.bundle("page.bundle.css"), /width: 50%/);
	});

	test("another app's file is named from the app's folder", async () => {
		bench.write("apps/frappe/frappe/public/scss/shared.scss", `$gap: 12px;`);
		bench.source("scss/page.bundle.scss", `@import "frappe/public/scss/shared";\n.a { margin: $gap; }`);
		await buildWell();
		assert.match(bench.bundle("page.bundle.css"), /margin: 12px/);
	});

	test("there is a mirrored copy", async () => {
		bench.source("css/page.bundle.css", `.a { padding-left: 4px; }`);
		await buildWell();
		assert.match(bench.bundle("page.bundle.css"), /padding-left: 4px/);
		assert.match(bench.bundle("rtl_page.bundle.css", "assets-rtl.json"), /padding-right: 4px/);
	});

	test("images go into the sheet, addresses below /assets stay", async () => {
		bench.source("css/dot.svg", `<svg xmlns="http://www.w3.org/2000/svg"/>`);
		bench.source(
			"css/page.bundle.css",
			`.a { background: url(./dot.svg) } .b { background: url("/assets/x/y.png") }`
		);
		await buildWell();
		const css = bench.bundle("page.bundle.css");
		assert.match(css, /url\(["']?data:image\/svg\+xml/);
		assert.match(css, /\/assets\/x\/y\.png/);
	});
});

describe("a source that is wrong", () => {
	const wrong = {
		"scss/page.bundle.scss": [`.a { color: red; }\n.b { color: $nowhere; }\n`, /page\.bundle\.scss:2:/],
		"js/desk.bundle.js": [`window.a = 1;\n\nwindow.b = = 2;\n`, /desk\.bundle\.js:3:/],
		"js/Card.vue": [`<template>\n<p>\n</template>\n<script setup>\n</script>`, /Card\.vue:2:/],
	};
	const right = {
		"scss/page.bundle.scss": `.a { color: red; }`,
		"js/desk.bundle.js": `import Card from "./Card.vue"; window.Card = Card;`,
		"js/Card.vue": `<template><p></p></template>\n<script setup>\n</script>`,
	};
	for (const [name, [text, place]] of Object.entries(wrong)) {
		test(`${name} is named with its line, and what was built before stays`, async () => {
			for (const [file, good] of Object.entries(right)) bench.source(file, good);
			await buildWell();
			const before = [
				bench.manifest(),
				bench.manifest("assets-rtl.json"),
				bench.built("js"),
				bench.built("css"),
			];
			bench.source(name, text);
			// a right change beside it must not be published by half
			bench.source("css/other.bundle.css", `.o { color: blue }`);
			const { code, output } = await bench.build();
			assert.equal(code, 1);
			assert.match(output, place);
			const now = [
				bench.manifest(),
				bench.manifest("assets-rtl.json"),
				bench.built("js"),
				bench.built("css"),
			];
			assert.deepEqual(now, before);
		});
	}

	test("a sass partial is named, not the sheet that imports it", async () => {
		bench.source("scss/_part.scss", `\n\n.a { margin: 1px + ; }`);
		bench.source("scss/page.bundle.scss", `@import "./part";`);
		const { code, output } = await bench.build();
		assert.equal(code, 1);
		assert.match(output, /_part\.scss:3:/);
	});

	const card = (style) => `<template><p></p></template>\n<style lang="scss">\n${style}\n</style>`;
	const imports = {
		"a component's sass partial": ["Card.vue", card(`@import "./part";`), /_part\.scss:2:/],
		"a style sheet that a component imports": [
			"Card.vue",
			card(`@import "./lost.css";`),
			/lost\.css[^]*Card\.vue:/,
		],
		"a style sheet that a script imports": ["card.css", `\n@import "./lost.css";`, /card\.css:2:/],
	};
	for (const [what, [name, text, place]] of Object.entries(imports)) {
		test(`${what} is named`, async () => {
			bench.source("js/_part.scss", `\n.a { color: $nowhere }`);
			bench.source(`js/${name}`, text);
			bench.source("js/card.bundle.js", `import "./${name}";`);
			const { code, output } = await bench.build();
			assert.equal(code, 1);
			assert.match(output, place);
		});
	}

	test("two sources for one bundle name are refused", async () => {
		bench.source("js/a/desk.bundle.js", `1`);
		bench.source("js/b/desk.bundle.js", `2`);
		const { code, output } = await bench.build();
		assert.equal(code, 1);
		assert.match(output, /Two sources for desk\.bundle\.js/);
	});
});

describe("what is built", () => {
	beforeEach(() => {
		bench.write("apps/frappe/frappe/public/js/core.bundle.js", `window.core = 1;`);
		bench.source("js/one.bundle.js", `window.one = 1;`);
		bench.source("scss/two.bundle.scss", `.two { color: red }`);
	});

	test("all apps, and the manifest forgets what is gone", async () => {
		await buildWell();
		assert.deepEqual(Object.keys(bench.manifest()).sort(), [
			"core.bundle.js",
			"one.bundle.js",
			"two.bundle.css",
		]);
		bench.write("sites/apps.txt", "frappe\n");
		await buildWell();
		assert.deepEqual(Object.keys(bench.manifest()), ["core.bundle.js"]);
	});

	for (const args of [["--apps", "sample"], ["--apps=sample"], ["--skip_frappe"]]) {
		test(`${args.join(" ")} leaves the other app's entries`, async () => {
			await buildWell();
			bench.write("apps/frappe/frappe/public/js/core.bundle.js", `window.core = 2;`);
			bench.source("js/one.bundle.js", `window.one = 2;`);
			await buildWell(...args, "--run-build-command");
			assert.equal(run("core.bundle.js").page.core, 1);
			assert.equal(run("one.bundle.js").page.one, 2);
		});
	}

	test("--files builds only what it names, a style sheet by its published name", async () => {
		const output = await buildWell("--files", "frappe/core.bundle.js,sample/two.bundle.css");
		assert.match(output, /^2 bundles/m);
		assert.deepEqual(Object.keys(bench.manifest()).sort(), ["core.bundle.js", "two.bundle.css"]);
	});

	test("an app that is not installed is an error", async () => {
		const { code, output } = await bench.build("--apps", "elsewhere");
		assert.equal(code, 1);
		assert.match(output, /elsewhere/);
	});

	test("the build before stays for pages that are open, older ones go", async () => {
		const generations = [];
		for (const n of [1, 2, 3]) {
			bench.source("js/one.bundle.js", `window.one = ${n};`);
			await buildWell();
			generations.push(bench.manifest()["one.bundle.js"].split("/").pop());
		}
		const scripts = bench.built("js").filter((file) => !file.endsWith(".map"));
		assert.deepEqual(scripts, generations.slice(1).sort());
	});

	test("a build without a change gives the same names", async () => {
		await buildWell();
		const before = bench.manifest();
		await buildWell();
		assert.deepEqual(bench.manifest(), before);
	});
});

describe("the cached manifest", () => {
	let redis;
	after(() => redis?.stop());

	test("is forgotten after a build and kept after one that failed", async () => {
		const port = await freePort();
		redis = await startRedis(port);
		bench.configure({ redis_cache: `redis://127.0.0.1:${port}` });
		const client = require("redis").createClient({ url: `redis://127.0.0.1:${port}` });
		await client.connect();
		try {
			await client.set("assets_json", "old");
			bench.source("js/one.bundle.js", `window.one = = 1;`);
			assert.equal((await bench.build()).code, 1);
			assert.equal(await client.get("assets_json"), "old");
			bench.source("js/one.bundle.js", `window.one = 1;`);
			await buildWell();
			assert.equal(await client.get("assets_json"), null);
		} finally {
			await client.disconnect();
		}
	});
});
