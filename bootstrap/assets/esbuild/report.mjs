// What is printed.
import esbuild from "esbuild";

export function sayDone({ bundles, bytes }, started) {
	const seconds = ((Date.now() - started) / 1000).toFixed(1);
	console.log(`${bundles} bundles, ${(bytes / 1e6).toFixed(1)} MB, ${seconds} s`);
}

/** @returns {Promise<string[]>} the errors as text, each with its file, line and the line's source */
export async function sayErrors(errors) {
	const color = Boolean(process.stderr.isTTY);
	const text = await esbuild.formatMessages(errors, { kind: "error", color });
	console.error(text.join("\n"));
	return text;
}

export async function sayWarnings(results) {
	const warnings = results.flatMap((result) => result.warnings);
	if (warnings.length)
		console.warn((await esbuild.formatMessages(warnings, { kind: "warning" })).join("\n"));
}
