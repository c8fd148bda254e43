// The bench's own settings: this folder stands in apps/frappe/realtime.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const SITES = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../../sites");

/**
 * @returns {{web: number, port: number, redis: string}} ports on 127.0.0.1 and the address of the Redis that Frappe
 *   publishes its events on
 * @throws {Error} when the bench's common settings are missing or incomplete
 */
export function readConfig() {
	const file = path.join(SITES, "common_site_config.json");
	const config = JSON.parse(fs.readFileSync(file, "utf8"));
	// Not redis_socketio, which `bench` still writes: Frappe publishes to the queue's Redis.
	const redis = config.redis_queue;
	if (!redis) throw new Error(`${file} does not name redis_queue`);
	return { web: Number(config.webserver_port) || 8000, port: Number(config.socketio_port) || 9000, redis };
}

/** A site is a folder below sites/ with settings of its own. */
export function isSite(name) {
	return /^[A-Za-z0-9][\w.-]*$/.test(name) && fs.existsSync(path.join(SITES, name, "site_config.json"));
}
