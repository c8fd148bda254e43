// import "./some_dialog.html" -> frappe.templates["some_dialog"], which frappe.render_template reads.
import fs from "node:fs";
import path from "node:path";

/** Without comments and with single spaces, as frappe/build.py does for the templates of pages. */
export function compactTemplate(html) {
	return html.replace(/<!--[\s\S]*?-->/g, "").replace(/\s+/g, " ");
}

/** What is left of *html* between the backticks of a script, where Frappe puts it: a backslash only hides what follows. */
function asInBackticks(html) {
	return html.replace(/\\([\s\S])/g, "$1");
}

export const htmlTemplatePlugin = {
	name: "html-templates",
	setup(build) {
		build.onLoad({ filter: /\.html$/ }, async ({ path: file }) => {
			const key = JSON.stringify(path.basename(file, ".html"));
			const html = compactTemplate(asInBackticks(await fs.promises.readFile(file, "utf8")));
			return { contents: `frappe.templates[${key}] = ${JSON.stringify(html)};`, loader: "js" };
		});
	},
};
