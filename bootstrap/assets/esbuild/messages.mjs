// Errors of the compilers, told the way esbuild tells its own: with file, line and column.
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Knows the shapes of sass (span, counted from 0), postcss (line, column) and Vue's compiler (loc.start, counted from 1
 * within the file).
 * @param {Error | string} error
 * @param {string} file the file that was being compiled, where the error itself names none
 * @returns {import("esbuild").PartialMessage}
 */
function toMessage(error, file) {
	if (error.span) {
		const { url, start, text } = error.span;
		return {
			text: error.sassMessage,
			location: {
				file: url ? fileURLToPath(url) : file,
				line: start.line + 1,
				column: start.column,
				lineText: error.span.context?.split("\n")[0] || text,
			},
		};
	}
	const line = error.line ?? error.loc?.start?.line ?? 1;
	const column = error.column ?? error.loc?.start?.column ?? 1;
	return {
		text: String(error.reason || error.message || error),
		location: { file: error.file || file, line, column: Math.max(column - 1, 0) },
	};
}

/**
 * What a plugin answers for a source that cannot be compiled. The files that the errors are in are watched too:
 * without the failing partial among them, correcting it would not start the next build.
 * @param {Error} error of a compiler, or of an esbuild inside the plugin, which brings its own list
 * @param {string} file the source that was asked for
 * @returns {import("esbuild").OnLoadResult}
 */
export function failure(error, file) {
	const folder = path.dirname(file);
	const errors = error.errors
		? error.errors.map(({ text, location }) => ({
				text,
				location: location && { ...location, file: path.resolve(folder, location.file) },
			}))
		: [toMessage(error, file)];
	const places = errors.map(({ location }) => location?.file).filter(Boolean);
	return { errors, watchFiles: [...new Set([file, ...places])] };
}
