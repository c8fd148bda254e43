// Does the web server answer for the site that was asked for?
//
// `bench serve` with a chosen or default site answers every request for that one site, whatever the request names. A
// user of that site would then be taken for a user of any other. So before the first socket of a site is let in, a page
// is fetched in the site's name: every page of Frappe tells its site in frappe.boot.
import { get } from "./web.mjs";

const VALID_FOR = 60_000; // ms
const SITE_NAME = /["']sitename["']\s*:\s*["']([^"']+)["']/;

export class SiteCheck {
	#answers = new Map();

	constructor(port) {
		this.port = port;
	}

	/** @returns {Promise<boolean>} @throws {import("./web.mjs").WebUnavailable} */
	async answersFor(site) {
		const known = this.#answers.get(site);
		if (known && known.until > Date.now()) return known.result;
		const result = this.#ask(site);
		this.#answers.set(site, { result, until: Date.now() + VALID_FOR });
		result.then(
			(ok) => ok || this.#answers.delete(site),
			() => this.#answers.delete(site)
		);
		return result;
	}

	async #ask(site) {
		const { body } = await get(this.port, site, "/login");
		const answering = SITE_NAME.exec(body)?.[1];
		if (answering !== site)
			console.error(`${site}: the web server answers for ${answering || "no site"}`);
		return answering === site;
	}
}
