// What a bench that is running has to hear of a build. One that is not running needs nothing.
import { createClient } from "redis";
import { commonConfig } from "./bench.mjs";

async function withRedis(url, action) {
	if (!url) return;
	const client = createClient({ url, socket: { connectTimeout: 1000, reconnectStrategy: false } });
	client.on("error", () => {}); // told by connect()
	try {
		await client.connect();
	} catch {
		return;
	}
	try {
		await action(client);
	} finally {
		await client.disconnect();
	}
}

/** Frappe keeps both manifests under one key that all sites share. */
export const forgetCachedManifest = () =>
	withRedis(commonConfig().redis_cache, (client) => client.del("assets_json"));

/** Shows a toast, or the error, in every open Desk (Frappe's build_events bundle). */
export function announce(message) {
	const event = JSON.stringify({ event: "build_event", message });
	return withRedis(commonConfig().redis_queue, (client) => client.publish("events", event));
}
