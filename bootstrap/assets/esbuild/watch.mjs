// Builds again whatever changes, until it is stopped.
import esbuild from "esbuild";
import { findEntries } from "./entries.mjs";
import { publish } from "./publish.mjs";
import { announce, forgetCachedManifest } from "./redis.mjs";
import { sayDone, sayErrors } from "./report.mjs";
import { targets } from "./targets.mjs";

const NEW_BUNDLES_EVERY = 2000; // ms

/** After each build of one kind of bundle: publish it and tell the open Desks, or show what is wrong. */
function publishing(options) {
	return {
		name: "publishing",
		setup(build) {
			let started;
			build.onStart(() => {
				started = Date.now();
			});
			build.onEnd(async (result) => {
				if (result.errors.length) {
					const formatted = await sayErrors(result.errors);
					await announce({ error: true, formatted, stack: "" });
					return;
				}
				sayDone(publish([result], false), started);
				await forgetCachedManifest();
				await announce({ success: true, live_reload: options.liveReload });
			});
		},
	};
}

async function start(entries, options) {
	const contexts = targets(entries, options).map((target) =>
		esbuild.context({ ...target, plugins: [...target.plugins, publishing(options)] })
	);
	const started = await Promise.all(contexts);
	await Promise.all(started.map((context) => context.watch()));
	return started;
}

/** esbuild watches the sources that it knows; a bundle that is added or taken away needs a new start. */
export async function watch(options) {
	let entries = findEntries(options);
	let contexts = await start(entries, options);
	console.log("Watching for changes");
	for (;;) {
		await new Promise((resolve) => setTimeout(resolve, NEW_BUNDLES_EVERY));
		const found = findEntries(options);
		if (JSON.stringify(found) === JSON.stringify(entries)) continue;
		await Promise.all(contexts.map((context) => context.dispose()));
		entries = found;
		contexts = await start(entries, options);
	}
}
