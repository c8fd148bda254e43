// Css that JavaScript imports travels in the script, which adds it to the page once.
import fs from "node:fs";
import path from "node:path";
import { createHash } from "node:crypto";
import { BENCH } from "./bench.mjs";
import { failure } from "./messages.mjs";
import { bundleStyles } from "./styles.mjs";

/** A short name for a source file that is the same on every machine. */
export function fileId(file) {
	return createHash("sha1").update(path.relative(BENCH, file)).digest("hex").slice(0, 8);
}

/** JavaScript that puts `css` into the page unless another bundle has already done so. */
export function injectStyles(css, id) {
	return `(function () {
	var id = ${JSON.stringify(`css-${id}`)};
	if (document.getElementById(id)) return;
	var style = document.createElement("style");
	style.id = id;
	style.textContent = ${JSON.stringify(css)};
	document.head.appendChild(style);
})();`;
}

export const cssInJsPlugin = (production) => ({
	name: "css-in-js",
	setup(build) {
		build.onLoad({ filter: /\.css$/ }, async ({ path: file }) => {
			const text = await fs.promises.readFile(file, "utf8");
			try {
				const { css, files } = await bundleStyles(text, file, production);
				return {
					contents: injectStyles(css, fileId(file)),
					loader: "js",
					watchFiles: [file, ...files],
				};
			} catch (error) {
				return failure(error, file);
			}
		});
	},
});
