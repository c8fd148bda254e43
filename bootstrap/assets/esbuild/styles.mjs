// Style sheets: sass -> autoprefixer -> esbuild, which resolves @import of packages and inlines images.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import autoprefixer from "autoprefixer";
import esbuild from "esbuild";
import postcss from "postcss";
import * as sass from "sass";
import { appRoot, installedApps, modulePaths } from "./bench.mjs";
import { LOADERS } from "./loaders.mjs";
import { failure } from "./messages.mjs";

/** "~bootstrap/scss/bootstrap" means a file of a package in the node_modules of any app. */
const tildeImporter = {
	findFileUrl(url) {
		if (!url.startsWith("~")) return null;
		const name = url.slice(1);
		const [scope, rest] = name.split("/");
		const folder = scope.startsWith("@") ? `${scope}/${rest}` : scope;
		for (const app of installedApps()) {
			const modules = path.join(appRoot(app), "node_modules");
			if (fs.existsSync(path.join(modules, folder))) return pathToFileURL(path.join(modules, name));
		}
		return null;
	},
};

const sassOptions = () => ({
	loadPaths: modulePaths(),
	importers: [tildeImporter],
	// Frappe's and Bootstrap's sources are full of what newer sass warns of; an error still stops the build.
	logger: sass.Logger.silent,
	quietDeps: true,
});

const prefixer = postcss([autoprefixer({ overrideBrowserslist: ["defaults", "not dead"] })]);

const loaded = (result) =>
	result.loadedUrls.filter((url) => url.protocol === "file:").map((url) => fileURLToPath(url));

/** Adds what older browsers need. @returns {Promise<string>} */
export async function prefix(css, file) {
	return (await prefixer.process(css, { from: file, map: false })).css;
}

/**
 * Sass text (of a component) -> css.
 * @returns {{css: string, files: string[]}} `files` are the imported sources, to be watched
 */
export function compileSass(text, file, indented) {
	const syntax = indented ? "indented" : "scss";
	const result = sass.compileString(text, { ...sassOptions(), url: pathToFileURL(file), syntax });
	return { css: result.css, files: loaded(result) };
}

// sass.compile is about twice as fast as compileAsync, and esbuild works in a process of its own meanwhile.
function compileFile(file) {
	if (file.endsWith(".css")) return { css: fs.readFileSync(file, "utf8"), files: [file] };
	const result = sass.compile(file, sassOptions());
	return { css: result.css, files: loaded(result) };
}

export const stylePlugin = {
	name: "styles",
	setup(build) {
		build.onResolve({ filter: /^~/ }, ({ path: name, resolveDir, kind }) =>
			build.resolve(name.slice(1), { resolveDir, kind })
		);
		build.onLoad({ filter: /\.(scss|sass|css)$/ }, async ({ path: file }) => {
			try {
				const { css, files } = compileFile(file);
				const contents = await prefix(css, file);
				return { contents, loader: "css", resolveDir: path.dirname(file), watchFiles: files };
			} catch (error) {
				return failure(error, file);
			}
		});
	},
};

/**
 * Css text (of `file`) -> one style sheet with its imports and images in it.
 * @returns {Promise<{css: string, files: string[]}>}
 */
export async function bundleStyles(css, file, production) {
	const folder = path.dirname(file);
	const result = await esbuild.build({
		stdin: { contents: css, sourcefile: path.basename(file), resolveDir: folder, loader: "css" },
		absWorkingDir: folder,
		bundle: true,
		write: false,
		metafile: true,
		minify: production,
		loader: LOADERS,
		nodePaths: modulePaths(),
		external: ["/assets/*"],
		plugins: [stylePlugin],
		logLevel: "silent",
	});
	const files = Object.keys(result.metafile.inputs).map((input) => path.resolve(folder, input));
	return { css: result.outputFiles[0].text, files };
}
