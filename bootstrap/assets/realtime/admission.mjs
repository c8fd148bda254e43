// Who may connect: a user who is logged in on the site that the namespace is named after, from a page of the same host.
import { isSite } from "./config.mjs";
import { WebUnavailable, call } from "./web.mjs";

const PATIENCE = [250, 500, 1000, 2000, 4000, 8000]; // ms between attempts while the web server is away

function hostname(address) {
	try {
		return new URL(address.includes("://") ? address : `http://${address}`).hostname;
	} catch {
		return null;
	}
}

/**
 * A browser names the origin of a page on every WebSocket and on every request to another host, so a foreign page
 * cannot use the cookie of ours. It leaves the origin out only on plain requests to the page's own host.
 * The port may differ: on a development bench this server has one of its own.
 */
export function fromOwnPage({ host, origin, "sec-fetch-site": relation }) {
	if (!origin) return relation !== "cross-site";
	const name = hostname(host || "");
	return name !== null && hostname(origin) === name;
}

/** Socket.io's answer to the browser's question whether a page may read from here. */
export function crossOriginPolicy(request, done) {
	const allowed = fromOwnPage(request.headers);
	done(null, { origin: allowed && request.headers.origin, credentials: true });
}

/** Asks again for a while when the web server is away: Frappe's client gives up after three attempts of its own. */
async function patiently(ask, socket) {
	for (const pause of PATIENCE) {
		try {
			return await ask();
		} catch (error) {
			if (!(error instanceof WebUnavailable) || socket.conn.readyState !== "open") throw error;
		}
		await new Promise((resolve) => setTimeout(resolve, pause));
	}
	return ask();
}

const credentialsOf = ({ headers, socket }) => ({
	cookie: headers.cookie,
	address: headers["x-forwarded-for"] || socket.remoteAddress,
});

/**
 * @returns {(socket, next) => Promise<void>} socket.io middleware that sets socket.data to {site, user, userType, open}, `open`
 *   being the documents that are open in it by room, and socket.ask(method, args) to a question in that user's name
 */
export function admission(config, siteCheck) {
	return async (socket, next) => {
		const site = socket.nsp.name.slice(1);
		const credentials = credentialsOf(socket.request);
		if (!/(^|; *)sid=[^;]/.test(credentials.cookie || "")) return next(new Error("Not logged in"));
		const ask = (method, args) =>
			patiently(() => call(config.web, site, `frappe.realtime.${method}`, args, credentials), socket);
		try {
			const served = await patiently(() => siteCheck.answersFor(site), socket);
			if (!served) return next(new Error("Unknown site"));
			const info = await ask("get_user_info");
			if (!info?.user || info.user === "Guest") return next(new Error("Not logged in"));
			socket.data = { site, user: info.user, userType: info.user_type, open: new Map() };
			socket.ask = ask;
			next();
		} catch (error) {
			console.error(`${site}: ${error.message}`);
			// A refusal would be final for the client; a closed connection makes it try again.
			socket.conn.close();
		}
	};
}

/** Only names of sites of this bench become namespaces. */
export function isNamespace(name, _auth, next) {
	next(null, isSite(name.slice(1)));
}
