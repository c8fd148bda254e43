// Realtime server of the bench: a socket.io namespace for each site, fed by Redis.
import http from "node:http";
import { Server } from "socket.io";
import { admission, crossOriginPolicy, fromOwnPage, isNamespace } from "./admission.mjs";
import { readConfig } from "./config.mjs";
import { relayEvents } from "./events.mjs";
import { enter } from "./rooms.mjs";
import { SiteCheck } from "./site-check.mjs";

const LARGEST_MESSAGE = 16 * 1024; // bytes; browsers only send names of rooms

function fail(error) {
	console.error(`realtime: ${error.message}`);
	process.exit(1);
}

function createServer(config) {
	const server = http.createServer();
	const io = new Server(server, {
		cors: crossOriginPolicy,
		allowRequest: ({ headers }, done) => done(null, fromOwnPage(headers)),
		maxHttpBufferSize: LARGEST_MESSAGE,
		serveClient: false,
	});
	// Namespaces come into being with the first socket of a site, always with these two in front of them. io.of(name)
	// would make one without.
	const namespaces = new Map();
	io.on("new_namespace", (namespace) => namespaces.set(namespace.name, namespace));
	io.of(isNamespace)
		.use(admission(config, new SiteCheck(config.web)))
		.on("connection", enter);
	io.use((socket, next) => next(new Error("Unknown site"))); // the namespace "/", which is there from the start
	return { server, io, namespaces };
}

function main() {
	const config = readConfig();
	const { server, io, namespaces } = createServer(config);
	server.on("error", fail); // the port is taken
	server.listen(config.port, "127.0.0.1", () => console.log(`realtime on 127.0.0.1:${config.port}`));
	const events = relayEvents(config.redis, namespaces);
	const stop = async () => {
		io.disconnectSockets(true);
		server.close();
		await events.close().catch(() => {}); // it may be away
		process.exit(0);
	};
	process.once("SIGTERM", stop);
	process.once("SIGINT", stop);
}

try {
	main();
} catch (error) {
	fail(error);
}
