// What there is to build: every *.bundle.* below an app's public folder.
import fs from "node:fs";
import path from "node:path";
import fg from "fast-glob";
import { publicFolder } from "./bench.mjs";

const KINDS = { ".js": "js", ".ts": "js", ".css": "css", ".scss": "css", ".sass": "css" };

/**
 * Pages name a bundle by its file name alone ("desk.bundle.js"), whichever app and folder it is in. So two sources for
 * one name are an error: which of them a page got would depend on the order of the apps.
 * @returns {{js: Record<string, string>, css: Record<string, string>}} esbuild entry points:
 *   output path below sites/assets without extension -> source file
 */
export function findEntries({ apps, files }) {
	const entries = { js: {}, css: {} };
	const sources = {};
	for (const app of apps.filter((app) => fs.existsSync(publicFolder(app)))) {
		const found = fg.sync("**/*.bundle.{js,ts,css,scss,sass}", {
			cwd: publicFolder(app),
			absolute: true,
			ignore: ["**/node_modules/**", "dist/**"],
		});
		for (const source of found.sort()) {
			const { name, ext } = path.parse(source);
			const kind = KINDS[ext];
			const bundle = `${name}.${kind}`;
			if (files && !files.includes(`${app}/${bundle}`) && !files.includes(`${app}/${name}${ext}`))
				continue;
			if (sources[bundle])
				throw new Error(`Two sources for ${bundle}: ${sources[bundle]} and ${source}`);
			sources[bundle] = source;
			entries[kind][`${app}/dist/${kind}/${name}`] = source;
		}
	}
	return entries;
}
