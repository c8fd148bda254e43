// Questions to Frappe, asked with the browser's own cookie.
import http from "node:http";

const TIMEOUT = 10_000; // ms
const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });

/** The web server is away or starting; asking again later may help. */
export class WebUnavailable extends Error {}

function settle(response, body, resolve, reject) {
	const status = response.statusCode;
	if (status >= 502 && status <= 504) reject(new WebUnavailable(`web server answers ${status}`));
	else resolve({ status, body });
}

/**
 * GET from the bench's web server on loopback. X-Frappe-Site-Name and Host both name the site, so it does not matter
 * by which of the two the server chooses one.
 * @returns {Promise<{status: number, body: string}>}
 */
export function get(port, site, path, { cookie, address } = {}) {
	const headers = { Host: site, "X-Frappe-Site-Name": site, Accept: "application/json, text/html" };
	if (cookie) headers.Cookie = cookie;
	// Frappe compares it with the addresses a user may come from.
	if (address) headers["X-Forwarded-For"] = address;
	return new Promise((resolve, reject) => {
		const request = http.get(
			{ host: "127.0.0.1", port, path, headers, agent, timeout: TIMEOUT },
			(response) => {
				const parts = [];
				response.on("data", (part) => parts.push(part));
				response.on("error", (error) => reject(new WebUnavailable(error.message)));
				response.on("end", () =>
					settle(response, Buffer.concat(parts).toString("utf8"), resolve, reject)
				);
			}
		);
		request.on("timeout", () => request.destroy(new Error(`no answer in ${TIMEOUT / 1000} s`)));
		request.on("error", (error) => reject(new WebUnavailable(error.message)));
	});
}

/**
 * @returns {Promise<unknown>} what the whitelisted method returns; undefined when Frappe refuses
 * @throws {WebUnavailable}
 */
export async function call(port, site, method, args, credentials) {
	const query = new URLSearchParams(args);
	const { status, body } = await get(port, site, `/api/method/${method}?${query}`, credentials);
	return status === 200 ? JSON.parse(body).message : undefined;
}
