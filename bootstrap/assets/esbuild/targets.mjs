// esbuild's settings for scripts and for style sheets.
import { ASSETS, BENCH, modulePaths } from "./bench.mjs";
import { cssInJsPlugin } from "./css-in-js.mjs";
import { datepickerSeconds } from "./datepicker-seconds.mjs";
import { htmlTemplatePlugin } from "./html-templates.mjs";
import { LOADERS } from "./loaders.mjs";
import { stylePlugin } from "./styles.mjs";
import { vuePlugin } from "./vue-components.mjs";

function common(production) {
	return {
		absWorkingDir: BENCH,
		outdir: ASSETS,
		entryNames: "[dir]/[name].[hash]",
		bundle: true,
		minify: production,
		sourcemap: true,
		metafile: true,
		// Files are written by publish.mjs once everything has been built: a failure leaves the old ones alone.
		write: false,
		target: ["chrome80", "firefox80", "safari14"],
		loader: LOADERS,
		nodePaths: modulePaths(),
		external: ["/assets/*"],
		logLevel: "silent",
		logOverride: { "unsupported-css-property": "silent" },
	};
}

const scripts = (entryPoints, production) => ({
	...common(production),
	entryPoints,
	format: "iife",
	plugins: [vuePlugin(production), htmlTemplatePlugin, cssInJsPlugin(production), datepickerSeconds],
	// Frappe mounts components from template strings, so Vue has to come with its compiler.
	alias: { vue: "vue/dist/vue.esm-bundler.js" },
	define: {
		"process.env.NODE_ENV": JSON.stringify(production ? "production" : "development"),
		__VUE_OPTIONS_API__: "true",
		__VUE_PROD_DEVTOOLS__: "false",
		global: "window",
	},
});

const styles = (entryPoints, production) => ({ ...common(production), entryPoints, plugins: [stylePlugin] });

/** One set of esbuild options for each kind of bundle that there is. */
export function targets(entries, { production }) {
	return [
		[entries.js, scripts],
		[entries.css, styles],
	]
		.filter(([entryPoints]) => Object.keys(entryPoints).length)
		.map(([entryPoints, options]) => options(entryPoints, production));
}
