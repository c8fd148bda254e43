// assets.json and assets-rtl.json: bundle name -> address, read by Frappe for every page.
import fs from "node:fs";
import path from "node:path";
import { ASSETS } from "./bench.mjs";

const FILES = { ltr: path.join(ASSETS, "assets.json"), rtl: path.join(ASSETS, "assets-rtl.json") };

function read(file) {
	return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {};
}

/** A page that is being rendered meanwhile must see the old file or the new one, never half of it. */
function replace(file, content) {
	const unfinished = `${file}.${process.pid}.tmp`;
	fs.writeFileSync(unfinished, `${JSON.stringify(content, null, 4)}\n`);
	fs.renameSync(unfinished, file);
}

/** @returns {{ltr: Record<string, string>, rtl: Record<string, string>}} */
export const readManifests = () => ({ ltr: read(FILES.ltr), rtl: read(FILES.rtl) });

export function writeManifests({ ltr, rtl }) {
	replace(FILES.rtl, rtl);
	replace(FILES.ltr, ltr);
}

export const toAddress = (file) => `/assets/${path.relative(ASSETS, file).split(path.sep).join("/")}`;
