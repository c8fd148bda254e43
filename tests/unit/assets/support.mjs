// A bench in a temporary folder, with what bootstrap/assets puts into apps/frappe, and the processes of a test.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const SOURCE = path.join(ROOT, "bootstrap/assets");
const MODULES = process.env.ASSETS_NODE_MODULES || path.join(ROOT, "apps/frappe/node_modules");
assert.ok(fs.existsSync(MODULES), `${MODULES} is missing: these tests run after the bench has been set up`);

/** A package of the bench, for the tests themselves. */
export const require = createRequire(path.join(MODULES, "any-file.js"));

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `check` returns something true, and returns that. */
export async function until(check, what, seconds = 15) {
	const end = Date.now() + seconds * 1000;
	while (Date.now() < end) {
		const result = await check();
		if (result) return result;
		await pause(25);
	}
	throw new Error(`${what}: not within ${seconds} s`);
}

export async function freePort() {
	const server = net.createServer();
	await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address();
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/** Starts a program; `output` grows with what it prints, `ended` is its exit code or signal. */
export function start(command, args, options) {
	const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
	const process = { child, output: "" };
	child.stdout.on("data", (text) => (process.output += text));
	child.stderr.on("data", (text) => (process.output += text));
	process.ended = new Promise((resolve) => child.on("close", (code, signal) => resolve(signal || code)));
	process.stop = async (signal = "SIGTERM") => {
		child.kill(signal);
		return process.ended;
	};
	return process;
}

export async function startRedis(port) {
	const redis = start("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", ""], {
		cwd: os.tmpdir(),
	});
	await until(() => redis.output.includes("Ready to accept connections"), "redis-server");
	return redis;
}

export class Bench {
	constructor() {
		this.root = fs.mkdtempSync(path.join(os.tmpdir(), "bench-"));
		this.frappe = path.join(this.root, "apps/frappe");
		for (const part of ["esbuild", "realtime", "socketio.js", "generate_bootstrap_theme.js"]) {
			fs.cpSync(path.join(SOURCE, part), path.join(this.frappe, part), { recursive: true });
		}
		fs.symlinkSync(MODULES, path.join(this.frappe, "node_modules"));
		this.write("sites/apps.txt", "frappe\nsample\n");
		this.configure({});
	}

	path(...parts) {
		return path.join(this.root, ...parts);
	}

	write(name, text) {
		fs.mkdirSync(path.dirname(this.path(name)), { recursive: true });
		fs.writeFileSync(this.path(name), text);
	}

	read(name) {
		return fs.readFileSync(this.path(name), "utf8");
	}

	exists(name) {
		return fs.existsSync(this.path(name));
	}

	/** A file below the public folder of the app "sample". */
	source(name, text) {
		this.write(`apps/sample/sample/public/${name}`, text);
	}

	configure(settings) {
		this.write("sites/common_site_config.json", JSON.stringify(settings));
	}

	manifest(name = "assets.json") {
		return JSON.parse(this.read(`sites/assets/${name}`));
	}

	/** The text of a bundle as the manifest names it. */
	bundle(name, manifest = "assets.json") {
		return this.read(path.join("sites", this.manifest(manifest)[name]));
	}

	/** Names of the files of a folder below sites/assets/sample/dist. */
	built(folder) {
		return fs.readdirSync(this.path("sites/assets/sample/dist", folder)).sort();
	}

	startBuilder(...args) {
		return start("node", ["esbuild/build.mjs", ...args], { cwd: this.frappe });
	}

	/** @returns {Promise<{code: number, output: string}>} */
	async build(...args) {
		const builder = this.startBuilder(...args);
		return { code: await builder.ended, output: builder.output };
	}

	remove() {
		fs.rmSync(this.root, { recursive: true, force: true });
	}
}
