// Apps that build something of their own (a single-page front end) name it in their package.json as `build`.
import { execSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { appRoot } from "./bench.mjs";

export function runAppScripts(apps) {
	for (const app of apps.filter((app) => app !== "frappe")) {
		const file = path.join(appRoot(app), "package.json");
		if (!fs.existsSync(file) || !JSON.parse(fs.readFileSync(file, "utf8")).scripts?.build) continue;
		console.log(`Build script of ${app}`);
		execSync("yarn run build", { cwd: appRoot(app), stdio: "inherit" });
	}
}
