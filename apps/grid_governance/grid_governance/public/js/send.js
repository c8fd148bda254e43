// Calls that carry a file, and that must not lose what was typed: they tell how they failed and leave it to the page.
frappe.provide("grid_governance");

/** How long an answer may take on a weak connection, in milliseconds; a large file takes longer. */
const PATIENCE = 60000;

/**
 * Send `fields` (texts, numbers, files; empty ones are left out) to a method. Always resolves, with `ok` and
 * `message` (the answer), or with `why` ("connection", "session", "server", "refused"), `words` that say it, and the
 * `status` of a refusal.
 */
grid_governance.send = async (method, fields, patience = PATIENCE) => {
	const body = new FormData();
	Object.entries(fields).forEach(([key, value]) => {
		if (value !== null && value !== undefined && value !== "") body.append(key, value);
	});
	let response;
	try {
		response = await fetch(`/api/method/${method}`, {
			method: "POST",
			headers: { "X-Frappe-CSRF-Token": frappe.csrf_token, Accept: "application/json" },
			body,
			signal: AbortSignal.timeout?.(patience),
		});
	} catch {
		return failed("connection", __("No connection. What you entered is kept on this phone."));
	}
	learn_time(response);
	const answer = await response.json().catch(() => null);
	// A page of something in between (the log-in of a network) is no answer, however friendly.
	if (response.ok && !answer) return no_answer();
	if (response.ok) return { ok: true, message: answer.message };
	if (await signed_out(response, answer)) {
		return failed("session", __("You have been signed out. What you entered is kept on this phone."));
	}
	if (response.status >= 500) return no_answer();
	const words = words_of(answer) || __("The system has refused this. Check what you entered.");
	return { ...failed("refused", words), status: response.status };
};

function failed(why, words) {
	return { ok: false, why, words };
}

const no_answer = () =>
	failed("server", __("The system does not answer at the moment. Try again in a minute."));

/** A phone's clock may be wrong, and be set right meanwhile. `ahead`: how far it is ahead of the server's, in milliseconds, as the
 * last answer told; undefined before the first one. `now()`: the present moment by the server's clock. */
grid_governance.clock = {
	ahead: undefined,
	now() {
		return Date.now() - (this.ahead || 0);
	},
};

function learn_time({ headers }) {
	const told = Date.parse(headers.get("Date"));
	if (told) grid_governance.clock.ahead = Date.now() - told;
}

// After the end of a session the server sees a guest, and after a new one in another window another token.
async function signed_out({ status }, answer) {
	if (answer?.exc_type === "CSRFTokenError" || answer?.session_expired) return true;
	if (![401, 403].includes(status)) return false;
	return frappe.get_cookie("user_id") !== frappe.session.user || (await is_somebody_else());
}

// A late answer may have left the cookie of a session that is over.
async function is_somebody_else() {
	try {
		const response = await fetch("/api/method/frappe.auth.get_logged_user", {
			headers: { Accept: "application/json" },
		});
		return (await response.json()).message !== frappe.session.user;
	} catch {
		return false;
	}
}

function words_of(answer) {
	try {
		const messages = JSON.parse(answer._server_messages).map((each) => JSON.parse(each).message);
		return frappe.utils.html2text(messages.join("\n"));
	} catch {
		return "";
	}
}
