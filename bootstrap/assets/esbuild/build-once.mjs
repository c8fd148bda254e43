import fs from "node:fs";
import path from "node:path";
import esbuild from "esbuild";
import { runAppScripts } from "./app-scripts.mjs";
import { ASSETS } from "./bench.mjs";
import { findEntries } from "./entries.mjs";
import { publish } from "./publish.mjs";
import { forgetCachedManifest } from "./redis.mjs";
import { sayDone, sayErrors, sayWarnings } from "./report.mjs";
import { targets } from "./targets.mjs";

function saveMetafiles(results) {
	for (const { metafile } of results) {
		const kind = path.basename(path.dirname(Object.keys(metafile.outputs)[0]));
		fs.writeFileSync(path.join(ASSETS, `meta-${kind}.json`), JSON.stringify(metafile));
	}
}

/** @returns {Promise<boolean>} false when a source is wrong; then nothing in sites/assets has changed */
export async function buildOnce(options) {
	const started = Date.now();
	const settings = targets(findEntries(options), options);
	const finished = await Promise.allSettled(settings.map((target) => esbuild.build(target)));
	const failed = finished.filter(({ status }) => status === "rejected").map(({ reason }) => reason);
	const unexpected = failed.find((reason) => !reason.errors);
	if (unexpected) throw unexpected;
	if (failed.length) {
		await sayErrors(failed.flatMap((reason) => reason.errors));
		return false;
	}
	const results = finished.map(({ value }) => value);
	await sayWarnings(results);
	sayDone(publish(results, options.whole), started);
	if (options.saveMetafiles) saveMetafiles(results);
	await forgetCachedManifest();
	if (options.runAppScripts) runAppScripts(options.apps);
	return true;
}
