// Who hears what from the realtime server: two sites, one of them with two users, and strangers.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { Bench, freePort, pause, require, start, startRedis, until } from "./support.mjs";
import { WebStub } from "./web-stub.mjs";

const { io } = require("socket.io-client");
const { createClient } = require("redis");

const SESSIONS = {
	"alpha.test": { "a-li": "li@alpha", "a-wang": "wang@alpha", "a-web": "web-zhou@alpha" },
	"beta.test": { "b-li": "li@beta" },
};
const READABLE = {
	"li@alpha": ["Grid Issue", "Grid Issue/GI-1"],
	"wang@alpha": ["Grid Issue"],
	"li@beta": ["Grid Issue", "Grid Issue/GI-1"],
};
const SILENCE = 250; // ms in which an event that is not held back would have come

let bench, ports, redis, publisher, web, realtime;
const sockets = [];

function startRealtime() {
	realtime = start("node", ["apps/frappe/socketio.js"], { cwd: bench.root });
	return until(
		() => realtime.output.includes(`realtime on 127.0.0.1:${ports.socketio}`),
		"realtime server"
	);
}

before(async () => {
	bench = new Bench();
	ports = { web: await freePort(), socketio: await freePort(), redis: await freePort() };
	const redis_queue = `redis://127.0.0.1:${ports.redis}`;
	bench.configure({ webserver_port: ports.web, socketio_port: ports.socketio, redis_queue });
	for (const site of Object.keys(SESSIONS)) bench.write(`sites/${site}/site_config.json`, "{}");
	redis = await startRedis(ports.redis);
	publisher = createClient({ url: redis_queue });
	publisher.on("error", () => {});
	await publisher.connect();
});
after(async () => {
	await publisher.disconnect().catch(() => {});
	await redis.stop();
	bench.remove();
});
beforeEach(async () => {
	web = await new WebStub({ sessions: SESSIONS, readable: READABLE }).start(ports.web);
	await startRealtime();
});
afterEach(async () => {
	for (const socket of sockets.splice(0)) socket.disconnect();
	assert.equal(await realtime.stop(), 0, realtime.output);
	await web.stop();
});

/** A socket as a browser on a page of `host` opens it; `heard` collects all events but Frappe's own handshake. */
function open(site, sid, { origin = "http://127.0.0.1:8000", transports = ["websocket"] } = {}) {
	const extraHeaders = { ...(origin && { origin }), ...(sid && { cookie: `full_name=Li; sid=${sid}` }) };
	const socket = io(`http://127.0.0.1:${ports.socketio}/${site}`, {
		extraHeaders,
		transports,
		forceNew: true,
	});
	socket.heard = [];
	socket.onAny((event, message) => socket.heard.push([event, message]));
	sockets.push(socket);
	return socket;
}

async function enter(...args) {
	const socket = open(...args);
	await until(() => socket.connected, "connection");
	return socket;
}

async function refusal(...args) {
	const socket = open(...args);
	const error = await new Promise((resolve, reject) => {
		socket.on("connect_error", resolve);
		socket.on("connect", () => reject(new Error("was let in")));
	});
	return error.message;
}

const publish = (namespace, room, event = "news", message = { n: 1 }) =>
	publisher.publish("events", JSON.stringify({ event, message, room, namespace }));

const hears = (socket, event = "news") =>
	until(() => socket.heard.find(([name]) => name === event), `event ${event}`, 3).then(
		([, message]) => message
	);

async function hearsNothing(socket) {
	await pause(SILENCE);
	assert.deepEqual(socket.heard, []);
}

describe("who is let in", () => {
	test("a user of the site, with the questions asked in the site's name and with the user's cookie and address", async () => {
		await enter("alpha.test", "a-li");
		const { headers } = web.requests.find(({ path }) => path.endsWith("get_user_info"));
		assert.equal(headers["x-frappe-site-name"], "alpha.test");
		assert.equal(headers.host, "alpha.test");
		assert.equal(headers.cookie, "full_name=Li; sid=a-li");
		assert.equal(headers["x-forwarded-for"], "127.0.0.1");
	});

	test("by long polling too, where a browser names no origin", async () => {
		const socket = await enter("alpha.test", "a-li", { origin: null, transports: ["polling"] });
		await publish("alpha.test", "user:li@alpha");
		await hears(socket);
	});

	for (const [who, site, sid] of [
		["nobody without a cookie", "alpha.test", undefined],
		["no guest", "alpha.test", "Guest"],
		["no session that is unknown", "alpha.test", "stolen"],
		["no user of another site", "beta.test", "a-li"],
	]) {
		test(who, async () => {
			assert.equal(await refusal(site, sid), "Not logged in");
		});
	}

	test("nobody on a site that the bench does not have", async () => {
		for (const site of ["gamma.test", "..", "", "assets"]) {
			assert.match(await refusal(site, "a-li"), /Invalid namespace|Unknown site/);
		}
		assert.deepEqual(web.requests, []);
	});

	test("no page of another host, but one on another port", async () => {
		for (const origin of ["http://evil.test", "http://127.0.0.1.evil.test:8000", "null", "http://"]) {
			const socket = open("alpha.test", "a-li", { origin });
			await until(() => socket.active !== undefined, "socket");
			await pause(SILENCE);
			assert.equal(socket.connected, false, origin);
		}
		assert.deepEqual(web.requests, []);
		await enter("alpha.test", "a-li", { origin: "http://127.0.0.1:9999" });
	});

	test("a page of another host may not read an answer", async () => {
		const ask = (origin) =>
			fetch(`http://127.0.0.1:${ports.socketio}/socket.io/?EIO=4&transport=polling`, {
				headers: { origin },
			});
		const foreign = await ask("http://evil.test");
		assert.equal(foreign.status, 403);
		assert.equal(foreign.headers.get("access-control-allow-origin"), null);
		const own = await ask("http://127.0.0.1:8000");
		assert.equal(own.headers.get("access-control-allow-origin"), "http://127.0.0.1:8000");
		assert.equal(own.headers.get("access-control-allow-credentials"), "true");
	});

	test("with a web server that answers for one site only: users of that site, in no other's name", async () => {
		web.pinned = "alpha.test";
		await enter("alpha.test", "a-li");
		assert.equal(await refusal("beta.test", "a-li"), "Unknown site");
		assert.match(realtime.output, /beta\.test: the web server answers for alpha\.test/);
	});
});

describe("who hears what", () => {
	test("a user's own events, on one site only", async () => {
		const li = await enter("alpha.test", "a-li");
		const wang = await enter("alpha.test", "a-wang");
		const other = await enter("beta.test", "b-li");
		await publish("alpha.test", "user:li@alpha");
		assert.deepEqual(await hears(li), { n: 1 });
		await hearsNothing(wang);
		await hearsNothing(other);
	});

	test("events of the site reach its Desk users, not website users nor another site", async () => {
		const li = await enter("alpha.test", "a-li");
		const visitor = await enter("alpha.test", "a-web");
		const other = await enter("beta.test", "b-li");
		await publish("alpha.test", "all");
		await hears(li);
		await hearsNothing(visitor);
		await hearsNothing(other);
		await publish("alpha.test", "website");
		await hears(visitor);
		await hearsNothing(other);
	});

	test("a document's events only after Frappe said that it may be read", async () => {
		const li = await enter("alpha.test", "a-li");
		const wang = await enter("alpha.test", "a-wang");
		const other = await enter("beta.test", "b-li");
		for (const socket of [li, wang, other]) socket.emit("doc_subscribe", "Grid Issue", "GI-1");
		await until(
			() => web.requests.filter(({ path }) => path.endsWith("can_subscribe_doc")).length === 3,
			"questions"
		);
		await pause(SILENCE);
		await publish("alpha.test", "doc:Grid Issue/GI-1", "doc_update");
		await hears(li, "doc_update");
		await hearsNothing(wang);
		await hearsNothing(other);
		li.heard.length = 0;
		li.emit("doc_unsubscribe", "Grid Issue", "GI-1");
		await pause(SILENCE);
		await publish("alpha.test", "doc:Grid Issue/GI-1", "doc_update");
		await hearsNothing(li);
	});

	test("changes of a list only with the right to read the DocType", async () => {
		const li = await enter("alpha.test", "a-li");
		const visitor = await enter("alpha.test", "a-web");
		for (const socket of [li, visitor]) socket.emit("doctype_subscribe", "Grid Issue");
		await until(
			() => web.requests.filter(({ path }) => path.endsWith("doctype")).length === 2,
			"questions"
		);
		await pause(SILENCE);
		await publish("alpha.test", "doctype:Grid Issue", "list_update");
		await hears(li, "list_update");
		await hearsNothing(visitor);
	});

	test("who else has a document open, until they close it or leave", async () => {
		const users = (socket) => socket.heard.at(-1)?.[1].users.toSorted().join();
		const li = await enter("alpha.test", "a-li");
		web.readable = { ...READABLE, "wang@alpha": ["Grid Issue/GI-1"] };
		const wang = await enter("alpha.test", "a-wang");
		const visitor = await enter("alpha.test", "a-web");
		for (const socket of [li, wang, visitor]) socket.emit("doc_open", "Grid Issue", "GI-1");
		await until(() => users(li) === "li@alpha,wang@alpha", "two viewers");
		wang.disconnect();
		await until(() => users(li) === "li@alpha", "one viewer");
		await hearsNothing(visitor);
	});

	test("the progress of a task, by its id, which cannot be a short guess", async () => {
		const li = await enter("alpha.test", "a-li");
		for (const id of ["3f2a9c1b77", "1", "", null, { length: 20 }]) li.emit("progress_subscribe", id);
		await pause(SILENCE);
		for (const id of ["1", "", "null"])
			await publish("alpha.test", `task_progress:${id}`, "task_progress", { id });
		await hearsNothing(li);
		await publish("alpha.test", "task_progress:3f2a9c1b77", "task_progress", { id: "3f2a9c1b77" });
		assert.deepEqual(await hears(li, "task_progress"), { id: "3f2a9c1b77" });
	});

	test("no room is joined by an argument that is no name", async () => {
		const li = await enter("alpha.test", "a-li");
		const before = web.requests.length;
		for (const odd of [null, undefined, {}, [], "", "x".repeat(200), true]) {
			li.emit("doc_subscribe", odd, odd);
			li.emit("doctype_subscribe", odd);
			li.emit("doc_open", "Grid Issue", odd);
			li.emit("doc_close", odd, odd);
			li.emit("task_unsubscribe", odd);
		}
		li.emit("doc_subscribe", "Grid Issue/GI-1", "2");
		li.emit("doc_subscribe");
		await pause(SILENCE);
		assert.equal(web.requests.length, before);
		assert.equal(li.connected, true);
	});

	test("word of a build reaches every site; any other event without a site reaches none", async () => {
		const li = await enter("alpha.test", "a-li");
		const other = await enter("beta.test", "b-li");
		await publish(undefined, undefined, "build_event");
		await hears(li, "build_event");
		await hears(other, "build_event");
		li.heard.length = 0;
		await publish(undefined, "all");
		await publisher.publish("events", "this is no event");
		await hearsNothing(li);
		await publish("alpha.test", "all");
		await hears(li);
	});
});

describe("when something is away", () => {
	test("redis: it is missed once, found again, and events flow", async () => {
		const li = await enter("alpha.test", "a-li");
		await redis.stop();
		await until(() => /redis is away/.test(realtime.output), "notice");
		await pause(600);
		redis = await startRedis(ports.redis);
		await until(() => /redis is back/.test(realtime.output), "return");
		assert.equal(realtime.output.match(/redis is away/g).length, 1);
		await until(async () => {
			await publish("alpha.test", "user:li@alpha");
			return li.heard.length;
		}, "event");
	});

	test("redis from the start: the server comes up and subscribes later", async () => {
		await realtime.stop();
		await redis.stop();
		await startRealtime();
		const li = await enter("alpha.test", "a-li");
		redis = await startRedis(ports.redis);
		await until(async () => {
			await publish("alpha.test", "user:li@alpha");
			return li.heard.length;
		}, "event");
	});

	test("the web server: a socket waits for it", async () => {
		await web.stop();
		const socket = open("alpha.test", "a-li");
		await pause(600);
		assert.equal(socket.connected, false);
		await web.start(ports.web);
		await until(() => socket.connected, "connection");
	});

	test("the web server: a subscription waits for it too", async () => {
		const li = await enter("alpha.test", "a-li");
		await web.stop();
		li.emit("doc_subscribe", "Grid Issue", "GI-1");
		await pause(600);
		await web.start(ports.web);
		await until(async () => {
			await publish("alpha.test", "doc:Grid Issue/GI-1", "doc_update");
			return li.heard.length;
		}, "event");
	});

	test("the web server answers 503: neither a refusal nor an entry", async () => {
		web.broken = true;
		const socket = open("alpha.test", "a-li");
		let refused = null;
		socket.on("connect_error", (error) => (refused = error.message));
		await pause(600);
		assert.equal(socket.connected, false);
		assert.equal(refused, null);
		web.broken = false;
		await until(() => socket.connected, "connection");
	});
});

describe("start and end", () => {
	test("a taken port is named, and the exit code says that it failed", async () => {
		const second = start("node", ["apps/frappe/socketio.js"], { cwd: bench.root });
		assert.equal(await second.ended, 1);
		assert.match(second.output, new RegExp(`EADDRINUSE.*${ports.socketio}`));
	});

	test("settings without a Redis are an error", async () => {
		const other = new Bench();
		const server = start("node", ["apps/frappe/socketio.js"], { cwd: other.root });
		assert.equal(await server.ended, 1);
		assert.match(server.output, /redis_queue/);
		other.remove();
	});

	test("SIGINT ends it in order while sockets are open and Redis is away", async () => {
		await enter("alpha.test", "a-li");
		await redis.stop();
		await until(() => /redis is away/.test(realtime.output), "notice");
		assert.equal(await realtime.stop("SIGINT"), 0, realtime.output);
		redis = await startRedis(ports.redis);
	});
});
