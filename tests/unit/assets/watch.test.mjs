// The builder in watch mode: changes, mistakes, corrections, new bundles.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Bench, freePort, require, startRedis, until } from "./support.mjs";

let bench, builder, redis, listener;
const heard = [];

before(async () => {
	bench = new Bench();
	const port = await freePort();
	redis = await startRedis(port);
	bench.configure({ redis_queue: `redis://127.0.0.1:${port}` });
	listener = require("redis").createClient({ url: `redis://127.0.0.1:${port}` });
	await listener.connect();
	await listener.subscribe("events", (event) => heard.push(JSON.parse(event)));
	bench.source("js/part.js", `export const text = "first";`);
	bench.source("js/page.bundle.js", `import { text } from "./part"; window.text = text;`);
	bench.source("scss/_colors.scss", `$ink: rgb(1, 2, 3);`);
	bench.source("scss/page.bundle.scss", `@import "./colors"; .a { color: $ink }`);
	builder = bench.startBuilder("--watch", "--live-reload");
	await until(() => builder.output.includes("Watching"), "start of the builder");
	await until(
		() => bench.exists("sites/assets/assets.json") && bench.manifest()["page.bundle.css"],
		"first build"
	);
});

after(async () => {
	assert.equal(await builder.stop(), "SIGTERM", builder.output);
	await listener.disconnect();
	await redis.stop();
	bench.remove();
});

test("a change of an imported script is published under a new name, and the Desks are told", async () => {
	const old = bench.manifest()["page.bundle.js"];
	heard.length = 0;
	bench.source("js/part.js", `export const text = "second";`);
	await until(() => bench.manifest()["page.bundle.js"] !== old, "new bundle");
	assert.match(bench.bundle("page.bundle.js"), /second/);
	const event = await until(() => heard[0], "event");
	assert.deepEqual(event, { event: "build_event", message: { success: true, live_reload: true } });
});

test("a change of a sass partial reaches the sheet and its mirrored copy", async () => {
	bench.source("scss/_colors.scss", `$ink: rgb(4, 5, 6);`);
	await until(() => bench.bundle("page.bundle.css").includes("rgb(4, 5, 6)"), "new sheet");
	await until(
		() => bench.bundle("rtl_page.bundle.css", "assets-rtl.json").includes("rgb(4, 5, 6)"),
		"mirrored"
	);
});

test("a mistake in a partial is shown and changes nothing; its correction is built", async () => {
	const before = bench.manifest();
	heard.length = 0;
	bench.source("scss/_colors.scss", `\n$ink: rgb(4, 5;`);
	await until(() => /_colors\.scss:2:/.test(builder.output), "message");
	assert.deepEqual(bench.manifest(), before);
	const { message } = await until(() => heard.find((event) => event.message.error), "event");
	assert.match(message.formatted.join(), /_colors\.scss:2:/);
	bench.source("scss/_colors.scss", `$ink: rgb(7, 8, 9);`);
	await until(() => bench.bundle("page.bundle.css").includes("rgb(7, 8, 9)"), "corrected sheet");
});

test("a bundle that is added while watching is built", async () => {
	bench.source("js/late.bundle.js", `window.late = 1;`);
	await until(() => bench.manifest()["late.bundle.js"], "late bundle");
	assert.match(bench.bundle("late.bundle.js"), /window\.late = 1/);
});
