// The flags that `bench build` and `bench watch` pass (frappe/build.py).
import { parseArgs } from "node:util";
import { installedApps } from "./bench.mjs";

const names = (value) =>
	value
		? value
				.split(",")
				.map((name) => name.trim())
				.filter(Boolean)
		: null;

/**
 * Flags that are not known are let through: newer `bench` versions pass some that only matter to Frappe's own builder.
 * @returns {{production: boolean, watch: boolean, liveReload: boolean, saveMetafiles: boolean,
 *   runAppScripts: boolean, apps: string[], files: string[] | null, whole: boolean}}
 *   `whole` says that nothing was left out, so that the manifest may be written afresh.
 */
export function readOptions(args = process.argv.slice(2)) {
	const { values } = parseArgs({
		args,
		strict: false,
		options: {
			production: { type: "boolean" },
			watch: { type: "boolean" },
			"live-reload": { type: "boolean" },
			"save-metafiles": { type: "boolean" },
			"run-build-command": { type: "boolean" },
			skip_frappe: { type: "boolean" },
			apps: { type: "string" },
			files: { type: "string" },
		},
	});
	const installed = installedApps();
	const asked = names(values.apps);
	const unknown = (asked || []).filter((app) => !installed.includes(app));
	if (unknown.length) {
		throw new Error(`--apps: ${unknown.join(", ")} is not in sites/apps.txt (${installed.join(", ")})`);
	}
	const files = names(values.files);
	return {
		production: Boolean(values.production),
		watch: Boolean(values.watch),
		liveReload: Boolean(values["live-reload"]),
		saveMetafiles: Boolean(values["save-metafiles"]),
		runAppScripts: Boolean(values["run-build-command"]),
		apps: (asked || installed).filter((app) => !(values.skip_frappe && app === "frappe")),
		files,
		whole: !asked && !files && !values.skip_frappe,
	};
}
