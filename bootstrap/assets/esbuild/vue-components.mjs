// Vue 3 single-file components.
import fs from "node:fs";
import path from "node:path";
import * as sfc from "vue/compiler-sfc";
import { fileId, injectStyles } from "./css-in-js.mjs";
import { failure } from "./messages.mjs";
import { bundleStyles, compileSass, prefix } from "./styles.mjs";

function compileLogic(component) {
	const { descriptor, id, templateOptions } = component;
	if (!descriptor.script && !descriptor.scriptSetup) return { code: "const __sfc__ = {};", lang: "js" };
	const script = sfc.compileScript(descriptor, {
		id,
		inlineTemplate: Boolean(descriptor.scriptSetup),
		genDefaultAs: "__sfc__",
		templateOptions,
	});
	return { code: script.content, lang: script.lang === "ts" ? "ts" : "js", bindings: script.bindings };
}

/** `<script setup>` has its template compiled into it; for the others it is a function beside the script. */
function compileTemplate(component, bindingMetadata) {
	const { descriptor, file, templateOptions } = component;
	if (!descriptor.template || descriptor.scriptSetup) return "";
	const { code, errors } = sfc.compileTemplate({
		...templateOptions,
		source: descriptor.template.content,
		filename: file,
		compilerOptions: { ...templateOptions.compilerOptions, bindingMetadata },
	});
	if (errors.length) throw errors[0];
	return `${code.replace("export function render", "function render")}\n__sfc__.render = render;`;
}

async function compileStyle(style, component) {
	const { file, scopeId } = component;
	const sass = ["scss", "sass"].includes(style.lang)
		? compileSass(style.content, file, style.lang === "sass")
		: { css: style.content, files: [] };
	const options = { source: sass.css, filename: file, id: scopeId, scoped: style.scoped };
	const { code, errors } = await sfc.compileStyleAsync(options);
	if (errors.length) throw errors[0];
	return { css: await prefix(code, file), files: sass.files };
}

async function compileStyles(component, production) {
	const styles = await Promise.all(
		component.descriptor.styles.map((style) => compileStyle(style, component))
	);
	if (!styles.length) return { code: "", files: [] };
	const css = styles.map((style) => style.css).join("\n");
	const bundle = await bundleStyles(css, component.file, production);
	return {
		code: injectStyles(bundle.css, component.id),
		files: [...styles.flatMap((style) => style.files), ...bundle.files],
	};
}

function parse(source, file) {
	const { descriptor, errors } = sfc.parse(source, { filename: file });
	if (errors.length) throw errors[0];
	const id = fileId(file);
	const scoped = descriptor.styles.some((style) => style.scoped);
	const scopeId = `data-v-${id}`;
	const compilerOptions = scoped ? { scopeId } : {};
	return { descriptor, file, id, scoped, scopeId, templateOptions: { id, scoped, compilerOptions } };
}

async function compileComponent(file, production) {
	const component = parse(await fs.promises.readFile(file, "utf8"), file);
	const logic = compileLogic(component);
	const styles = await compileStyles(component, production);
	const contents = [
		logic.code,
		compileTemplate(component, logic.bindings),
		component.scoped ? `__sfc__.__scopeId = ${JSON.stringify(component.scopeId)};` : "",
		styles.code,
		"export default __sfc__;",
	].join("\n");
	return {
		contents,
		loader: logic.lang,
		resolveDir: path.dirname(file),
		watchFiles: [file, ...styles.files],
	};
}

export const vuePlugin = (production) => ({
	name: "vue-components",
	setup(build) {
		build.onLoad({ filter: /\.vue$/ }, async ({ path: file }) => {
			try {
				return await compileComponent(file, production);
			} catch (error) {
				return failure(error, file);
			}
		});
	},
});
