// What was entered and not yet sent, with its photo: kept in this browser, for each user apart.
frappe.provide("grid_governance.drafts");

const STORE = "drafts";
/** A draft that nobody has come back to for so long is thrown away, whoever's it is, in milliseconds. What is finished and
 * only waits to be sent (`waits`) stays until it is sent, whatever the clock of the phone says. */
const KEPT_FOR = 14 * 24 * 3600 * 1000;

let opened;

function store(mode) {
	opened ??= new Promise((resolve, reject) => {
		const request = indexedDB.open("grid_governance", 1);
		request.onupgradeneeded = () => request.result.createObjectStore(STORE);
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});
	return opened.then((database) => database.transaction(STORE, mode).objectStore(STORE));
}

function done(request) {
	return new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});
}

// Stored is what the phone has written, not what it was asked to.
function written({ transaction }) {
	return new Promise((resolve, reject) => {
		transaction.oncomplete = () => resolve(true);
		transaction.onabort = transaction.onerror = () => reject(transaction.error);
	});
}

function forget_old(all) {
	return new Promise((resolve, reject) => {
		const request = all.openCursor();
		request.onerror = () => reject(request.error);
		request.onsuccess = () => {
			const cursor = request.result;
			if (!cursor) return resolve();
			const { kept_at, waits } = cursor.value;
			if (!waits && Date.now() - kept_at > KEPT_FOR) cursor.delete();
			cursor.continue();
		};
	});
}

// A browser without a store (a private window) works on without drafts.
const silently = (promise) => promise.catch(() => undefined);
const key_of = (kind) => [frappe.session.user, kind];

/** Keep `values` (texts, numbers, Blobs) of the signed-in user under a kind; the last ones replace those before. Tells
 * whether the phone could: it may be full. */
grid_governance.drafts.keep = (kind, values) =>
	silently(
		store("readwrite").then((all) => {
			all.put({ ...values, kept_at: Date.now() }, key_of(kind));
			return written(all);
		})
	);

/** What the signed-in user has kept under a kind, undefined for nothing. */
grid_governance.drafts.find = (kind) =>
	silently(
		store("readwrite").then(async (all) => {
			await forget_old(all);
			return done(all.get(key_of(kind)));
		})
	);

/** Everything that the signed-in user has kept under kinds that begin with `prefix`, the oldest first. */
grid_governance.drafts.all = async (prefix) => {
	const range = IDBKeyRange.bound(key_of(prefix), key_of(`${prefix}\uffff`));
	const found = await silently(store("readonly").then((all) => done(all.getAll(range))));
	return (found || []).sort((one, other) => one.kept_at - other.kept_at);
};

grid_governance.drafts.drop = (kind) =>
	silently(store("readwrite").then((all) => done(all.delete(key_of(kind)))));
