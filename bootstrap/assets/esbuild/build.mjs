// yarn run build | production | watch   (what `bench build` and `bench watch` call)
import { linkPublicFolders } from "./bench.mjs";
import { buildOnce } from "./build-once.mjs";
import { readOptions } from "./options.mjs";
import { watch } from "./watch.mjs";

try {
	const options = readOptions();
	linkPublicFolders(options.apps);
	if (options.watch) await watch(options);
	else if (!(await buildOnce(options))) process.exitCode = 1;
} catch (error) {
	console.error(error.message);
	process.exitCode = 1;
}
