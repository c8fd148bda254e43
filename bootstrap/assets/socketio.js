// Where `bench` looks for the realtime server (Procfile, supervisor): node apps/frappe/socketio.js
import("./realtime/main.mjs");
