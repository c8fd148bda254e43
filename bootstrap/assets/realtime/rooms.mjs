// The rooms of a site and who may be in them. Names as in frappe/realtime.py.
export const room = {
	desk: "all",
	website: "website",
	user: (user) => `user:${user}`,
	doctype: (doctype) => `doctype:${doctype}`,
	doc: (doctype, name) => `doc:${doctype}/${name}`,
	viewers: (doctype, name) => `open_doc:${doctype}/${name}`,
	task: (id) => `task_progress:${id}`,
};

// One browser tab stays far below; a script that subscribes to everything does not.
const MOST_ROOMS = 300;

// Ids of tasks are random and told only to the user who started the task: knowing one is the permission, which holds
// only while nobody can guess it.
const TASK_ID = /^[\w:-]{10,140}$/;

const isName = (value) =>
	(typeof value === "string" && value.length > 0 && value.length <= 140) || Number.isInteger(value);

/** With a slash, one DocType's room could be spelt as another's document. */
const isDoctype = (value) => typeof value === "string" && isName(value) && !value.includes("/");

async function join(socket, name, mayJoin) {
	if (socket.rooms.has(name)) return true;
	if (socket.rooms.size >= MOST_ROOMS) return false;
	if (!(await mayJoin())) return false;
	// the tab may have been closed while Frappe was asked
	if (socket.connected) socket.join(name);
	return socket.connected;
}

const joinDoctype = (socket, doctype) =>
	join(socket, room.doctype(doctype), () => socket.ask("can_subscribe_doctype", { doctype }));

const joinDoc = (socket, name, doctype, docname) =>
	join(socket, name, () => socket.ask("can_subscribe_doc", { doctype, docname }));

/** Tells everyone who has a document open who else has. */
async function tellViewers(namespace, doctype, docname) {
	const name = room.viewers(doctype, docname);
	const sockets = await namespace.in(name).fetchSockets();
	const users = [...new Set(sockets.map((socket) => socket.data.user))];
	namespace.to(name).emit("doc_viewers", { doctype, docname, users });
}

const COMMANDS = {
	doctype_subscribe: (socket, doctype) => isDoctype(doctype) && joinDoctype(socket, doctype),
	doctype_unsubscribe: (socket, doctype) => socket.leave(room.doctype(doctype)),
	doc_subscribe: (socket, doctype, docname) =>
		isDoctype(doctype) &&
		isName(docname) &&
		joinDoc(socket, room.doc(doctype, docname), doctype, docname),
	doc_unsubscribe: (socket, doctype, docname) => socket.leave(room.doc(doctype, docname)),
	doc_open: async (socket, doctype, docname) => {
		if (!isDoctype(doctype) || !isName(docname)) return;
		if (!(await joinDoc(socket, room.viewers(doctype, docname), doctype, docname))) return;
		socket.data.open.set(room.viewers(doctype, docname), [doctype, docname]);
		await tellViewers(socket.nsp, doctype, docname);
	},
	doc_close: async (socket, doctype, docname) => {
		if (!socket.data.open.delete(room.viewers(doctype, docname))) return;
		socket.leave(room.viewers(doctype, docname));
		await tellViewers(socket.nsp, doctype, docname);
	},
	task_subscribe: (socket, id) => TASK_ID.test(id) && join(socket, room.task(id), () => true),
	task_unsubscribe: (socket, id) => socket.leave(room.task(id)),
	progress_subscribe: (socket, id) => TASK_ID.test(id) && join(socket, room.task(id), () => true),
	ping: (socket) => socket.emit("pong"),
};

/** Puts a socket that was let in into its first rooms and lets it ask for more. */
export function enter(socket) {
	const { user, userType, site } = socket.data;
	socket.join([room.user(user), room.website]);
	if (userType === "System User") socket.join(room.desk);
	for (const [command, action] of Object.entries(COMMANDS)) {
		socket.on(command, async (...args) => {
			try {
				await action(socket, ...args);
			} catch (error) {
				console.error(`${site}: ${command} of ${user}: ${error.message}`);
			}
		});
	}
	socket.on("disconnect", () => {
		for (const [doctype, docname] of socket.data.open.values()) tellViewers(socket.nsp, doctype, docname);
	});
}
