// Frappe's events: Redis channel "events" -> rooms.
import { createClient } from "redis";
import { room } from "./rooms.mjs";

/**
 * An event goes to the site that it names. Only the asset builder's word goes to all: one build serves every site.
 * @param {Map<string, import("socket.io").Namespace>} namespaces those that somebody has connected to
 */
function pass(namespaces, raw) {
	const { event, message, room: name, namespace } = JSON.parse(raw);
	if (namespace) {
		namespaces
			.get(`/${namespace}`)
			?.to(name || room.desk)
			.emit(event, message);
	} else if (event === "build_event") {
		for (const everySite of namespaces.values()) everySite.to(room.desk).emit(event, message);
	} else {
		console.error(`event ${event} names no site`);
	}
}

/** Says once that Redis has gone and once that it is back; the client itself tries again without end. */
function tellOutages(client) {
	let away = false;
	client.on("error", (error) => {
		if (!away) console.error(`redis is away: ${error.message || error.code}`);
		away = true;
	});
	client.on("ready", () => {
		if (away) console.log("redis is back");
		away = false;
	});
}

/** @returns {{close: () => Promise<void>}} */
export function relayEvents(url, namespaces) {
	const client = createClient({
		url,
		socket: { reconnectStrategy: (tries) => Math.min(100 * tries, 2000) },
	});
	tellOutages(client);
	const onEvent = (raw) => {
		try {
			pass(namespaces, raw);
		} catch (error) {
			console.error(`event was not passed on: ${error.message}`);
		}
	};
	// Not awaited: the server is up, and takes sockets, while Redis is still starting.
	client
		.connect()
		.then(() => client.subscribe("events", onEvent))
		.catch(() => {}); // closed while it was still trying
	return { close: () => client.disconnect() };
}
