// A web server that answers the realtime server's questions as Frappe does.
import http from "node:http";

/**
 * `sessions` is {site: {sid: user}}, `readable` is {user: ["DocType", "DocType/name"]}.
 * With `pinned`, it answers for that site whatever a request names, as `bench serve` does for a default site.
 */
export class WebStub {
	constructor({ sessions, readable = {}, pinned }) {
		Object.assign(this, { sessions, readable, pinned });
		this.requests = [];
		this.broken = false;
	}

	async start(port) {
		this.server = http.createServer((request, response) => this.#answer(request, response));
		await new Promise((resolve) => this.server.listen(port, "127.0.0.1", resolve));
		return this;
	}

	async stop() {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	#answer(request, response) {
		const { pathname, searchParams } = new URL(request.url, "http://any");
		this.requests.push({ path: pathname, headers: request.headers });
		const site = this.pinned || request.headers["x-frappe-site-name"];
		if (this.broken) return response.writeHead(503).end();
		if (!this.sessions[site]) return response.writeHead(404).end("<h1>no such site</h1>");
		if (pathname === "/login") {
			return response.end(`<script>frappe.boot = {"lang": "en", "sitename": "${site}"}</script>`);
		}
		const sid = /sid=([^;]*)/.exec(request.headers.cookie || "")?.[1];
		// an unknown session makes a guest of the caller
		const user = this.sessions[site][sid] || "Guest";
		const message = this.#call(pathname, user, searchParams);
		if (message === undefined) return response.writeHead(403).end(`{"exc_type": "PermissionError"}`);
		response.end(JSON.stringify({ message }));
	}

	#call(path, user, query) {
		const may = (what) => this.readable[user]?.includes(what) || undefined;
		const answers = {
			get_user_info: () => ({
				user,
				user_type: user.startsWith("web-") ? "Website User" : "System User",
			}),
			can_subscribe_doctype: () => may(query.get("doctype")),
			can_subscribe_doc: () => may(`${query.get("doctype")}/${query.get("docname")}`),
		};
		return answers[path.replace("/api/method/frappe.realtime.", "")]?.();
	}
}
