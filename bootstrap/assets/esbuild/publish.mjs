// Puts a finished build in place: files first, then the manifest, and only then are old files taken away.
import fs from "node:fs";
import path from "node:path";
import rtlcss from "rtlcss";
import { ASSETS, BENCH } from "./bench.mjs";
import { readManifests, toAddress, writeManifests } from "./manifest.mjs";

const HASHED = /^(.+)\.[A-Z0-9]{8}(\.(?:js|css))(?:\.map)?$/;

/** "desk.bundle.4F2A7C01.js" -> "desk.bundle.js"; null for a file that is not a bundle of ours. */
function bundleName(file) {
	const parts = HASHED.exec(path.basename(file));
	return parts && parts[1] + parts[2];
}

function write(file, contents) {
	fs.mkdirSync(path.dirname(file), { recursive: true });
	fs.writeFileSync(file, contents);
}

/** @returns {string} the mirrored copy for languages written from right to left */
function writeMirrored(file) {
	const css = fs.readFileSync(file, "utf8").replace(/\/\*# sourceMappingURL=.*?\*\//, "");
	const mirrored = path.join(path.dirname(path.dirname(file)), "css-rtl", path.basename(file));
	write(mirrored, rtlcss.process(css));
	return mirrored;
}

/**
 * Pages that are open in a browser, and pages in Frappe's cache, still ask for the bundles of the build before; so the
 * generation that was replaced stays until its bundle changes once more.
 */
function removeOld(next, previous) {
	for (const [key, address] of Object.entries(next)) {
		if (address === previous[key]) continue;
		const name = key.replace(/^rtl_/, "");
		const folder = path.join(ASSETS, path.posix.relative("/assets", path.posix.dirname(address)));
		const kept = [address, previous[key]].filter(Boolean).map((kept) => path.posix.basename(kept));
		for (const file of fs.readdirSync(folder)) {
			const stale = bundleName(file) === name && !kept.includes(file.replace(/\.map$/, ""));
			if (stale) fs.rmSync(path.join(folder, file));
		}
	}
}

/**
 * @param {import("esbuild").BuildResult[]} results finished without errors
 * @param {boolean} whole every bundle of the bench is among them, so bundles that are gone leave the manifest
 * @returns {{bundles: number, bytes: number}}
 */
export function publish(results, whole) {
	const previous = readManifests();
	const next = whole ? { ltr: {}, rtl: {} } : { ltr: { ...previous.ltr }, rtl: { ...previous.rtl } };
	let bundles = 0;
	let bytes = 0;
	for (const { metafile, outputFiles } of results) {
		for (const { path: file, contents } of outputFiles) write(file, contents);
		for (const [output, { entryPoint, bytes: size }] of Object.entries(metafile.outputs)) {
			if (!entryPoint) continue;
			const file = path.resolve(BENCH, output);
			const name = bundleName(file);
			next.ltr[name] = toAddress(file);
			if (name.endsWith(".css")) next.rtl[`rtl_${name}`] = toAddress(writeMirrored(file));
			bundles += 1;
			bytes += size;
		}
	}
	writeManifests(next);
	removeOld(next.ltr, previous.ltr);
	removeOld(next.rtl, previous.rtl);
	return { bundles, bytes };
}
