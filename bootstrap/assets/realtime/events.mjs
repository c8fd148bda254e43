// Frappe's events: Redis channel "events" -> rooms.
import { createClient } from "redis";
import { isSite } from "./config.mjs";
import { room } from "./rooms.mjs";

/**
 * @param {{emit: Function}} everySite all namespaces; only the asset builder's word goes there
 */
function pass(io, everySite, raw) {
	const { event, message, room: name, namespace } = JSON.parse(raw);
	if (!namespace) {
		if (event === "build_event") everySite.to(room.desk).emit(event, message);
		else console.error(`event ${event} names no site`);
	} else if (isSite(namespace)) {
		io.of(`/${namespace}`).to(name || room.desk).emit(event, message);
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

/** @returns {Promise<{close: () => Promise<void>}>} */
export async function relayEvents(url, io, everySite) {
	const client = createClient({ url, socket: { reconnectStrategy: (tries) => Math.min(100 * tries, 2000) } });
	tellOutages(client);
	const onEvent = (raw) => {
		try {
			pass(io, everySite, raw);
		} catch (error) {
			console.error(`event was not passed on: ${error.message}`);
		}
	};
	// Not awaited: the server is up, and takes sockets, while Redis is still starting.
	client.connect().then(() => client.subscribe("events", onEvent));
	return { close: () => client.disconnect() };
}
