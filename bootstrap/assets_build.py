"""Node packages and the browser's assets."""

import shutil

from .console import BootstrapError, output, run
from .paths import Bench
from .python_env import APP
from .steps import Stamps, digest, files_below

#: The bench command calls yarn; prettier keeps the form of our JavaScript.
NODE_TOOLS = ("yarn@1.22.22", "prettier@3.10.1")
NODE_OLDEST = 18


def check_node() -> None:
	"""Refuse a Node that is too old for the asset builder."""
	version = output(["node", "--version"]).strip()
	if int(version.lstrip("v").split(".")[0]) < NODE_OLDEST:
		raise BootstrapError(f"Node {version} is too old: {NODE_OLDEST} or newer is needed.")


def install_tools(bench: Bench, stamps: Stamps) -> bool:
	"""Install yarn and prettier for this bench unless they are there; True when installed."""
	folder = bench.private / "node"
	made_from = digest(*NODE_TOOLS)
	if stamps.matches("node-tools", made_from) and (folder / "node_modules" / ".bin" / "yarn").exists():
		return False
	stamps.drop("node-tools")
	shutil.rmtree(folder, ignore_errors=True)
	folder.mkdir(parents=True)
	run(
		["npm", "install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", *NODE_TOOLS],
		log=bench.build_log,
		cwd=folder,
		hint="The node packages could not be installed; see the lines above.",
	)
	stamps.write("node-tools", made_from)
	return True


def install_modules(bench: Bench, stamps: Stamps, app: str) -> bool:
	"""Install an app's node packages as its lock file says unless they are there; True when installed.

	The snapshot and our app have a package-lock.json, official Frappe has a yarn.lock.
	"""
	folder = bench.apps / app
	if not (folder / "package.json").exists():
		return False
	npm = (folder / "package-lock.json").exists()
	stamp = f"node-{app}"
	made_from = digest(folder / "package.json", folder / ("package-lock.json" if npm else "yarn.lock"))
	if stamps.matches(stamp, made_from) and (folder / "node_modules").is_dir():
		return False
	stamps.drop(stamp)
	if npm:
		command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
	else:
		command = [yarn(bench), "install", "--frozen-lockfile", "--non-interactive"]
	run(
		command,
		log=bench.build_log,
		cwd=folder,
		hint="The node packages could not be installed; see the lines above.",
	)
	stamps.write(stamp, made_from)
	return True


def build(bench: Bench, stamps: Stamps, *, force: bool = False) -> bool:
	"""Build the bundles of all apps and link their public folders unless that is done; True when built."""
	made_from = digest(
		stamps.read("frappe") or "",
		stamps.read("node-frappe") or "",
		stamps.read(f"node-{APP}") or "",
		*_sources(bench),
		bench.sites / "apps.txt",
	)
	manifest = bench.sites / "assets" / "assets.json"
	if not force and stamps.matches("assets", made_from) and manifest.exists():
		return False
	stamps.drop("assets")
	run(
		[bench.env / "bin" / "bench", "build", "--production", "--force"],
		log=bench.build_log,
		cwd=bench.root,
		hint="The assets could not be built; see the lines above.",
	)
	if not manifest.exists():
		raise BootstrapError(f"The build ended without {manifest}; see {bench.build_log}.")
	stamps.write("assets", made_from)
	return True


def yarn(bench: Bench) -> str:
	"""The bench's own yarn."""
	return str(bench.private / "node" / "node_modules" / ".bin" / "yarn")


def _sources(bench: Bench) -> list[bytes | str]:
	"""Names and contents of our app's files that end up in a bundle."""
	public = bench.apps / APP / APP / "public"
	parts: list[bytes | str] = []
	for file in files_below(public):
		parts += [file.relative_to(public).as_posix(), file.read_bytes()]
	return parts
