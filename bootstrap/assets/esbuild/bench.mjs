// The bench as the builder sees it: this folder stands in apps/frappe/esbuild, the bench is three levels up.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const BENCH = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
export const SITES = path.join(BENCH, "sites");
export const ASSETS = path.join(SITES, "assets");

/** Names of all apps of the bench, in the order of sites/apps.txt. */
export function installedApps() {
	return fs.readFileSync(path.join(SITES, "apps.txt"), "utf8").split(/\s+/).filter(Boolean);
}

export const appRoot = (app) => path.join(BENCH, "apps", app);
export const publicFolder = (app) => path.join(appRoot(app), app, "public");

/**
 * Folders where an import without a leading dot is looked up: first the apps themselves
 * ("frappe/public/scss/..." names a file of an app), then their node_modules.
 */
export function modulePaths() {
	const roots = installedApps().map(appRoot);
	return [...roots, ...roots.map((root) => path.join(root, "node_modules"))];
}

/** The settings all sites share; empty on a bench that has not been configured yet. */
export function commonConfig() {
	const file = path.join(SITES, "common_site_config.json");
	return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {};
}

/** Makes /assets/<app> reachable; `bench build` does the same, a build without Frappe's Python needs it too. */
export function linkPublicFolders(apps) {
	fs.mkdirSync(ASSETS, { recursive: true });
	for (const app of apps) {
		const link = path.join(ASSETS, app);
		if (fs.existsSync(publicFolder(app)) && !fs.existsSync(link)) {
			fs.rmSync(link, { force: true }); // a link that points nowhere
			fs.symlinkSync(publicFolder(app), link);
		}
	}
}
