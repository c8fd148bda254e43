// node generate_bootstrap_theme.js <output.css> <scss>
// Called by the DocType Website Theme, which takes any word on stderr for a failure and shows it to the user.
const fs = require("fs");
const path = require("path");
const { pathToFileURL } = require("url");
const sass = require("sass");

const [output, source] = process.argv.slice(2);
const modules = path.join(__dirname, "node_modules");
const tildeImporter = {
	findFileUrl: (url) => (url.startsWith("~") ? pathToFileURL(path.join(modules, url.slice(1))) : null),
};

try {
	// The caller sends line breaks as the two characters \n.
	const { css } = sass.compileString(source.replace(/\\n/g, "\n"), {
		loadPaths: [__dirname, path.dirname(__dirname), modules],
		importers: [tildeImporter],
		style: "compressed",
		logger: sass.Logger.silent,
		quietDeps: true,
	});
	fs.writeFileSync(output, css);
} catch (error) {
	console.error(error.message);
	process.exitCode = 1;
}
