"""Two Python environments: one for the bench's own tools, one for Frappe, the app and the tests.

frappe-bench asks for newer versions of libraries than Frappe 15 allows, so they cannot share one.
"""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .console import BootstrapError, run
from .frappe_source import is_git
from .paths import Bench
from .steps import Stamps, digest, write_whole

#: What Frappe needs beside its own list: WeasyPrint 59 breaks with a newer pydyf, and libraries of
#: its age import pkg_resources, which setuptools 81 no longer has.
BESIDE_FRAPPE = ("pydyf<0.11", "setuptools<81", "wheel", "pip")
OLDEST, NEWEST = (3, 10), (3, 12)
APP = "grid_governance"

BENCH_COMMAND = """#!/bin/sh
# The bench command with its tools on PATH. CI=1 keeps it from asking public hosts for a newer version
# of itself and for ready-made assets.
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
PATH="$root/env/bin:$root/.bench/tools/bin:$root/.bench/node/node_modules/.bin:$PATH"
CI=1
export PATH CI
exec "$root/.bench/tools/bin/python" "$root/.bench/tools/bin/bench" "$@"
"""


def check_version(version: tuple[int, int] = sys.version_info[:2]) -> None:
	"""Refuse a Python that Frappe 15 does not run on."""
	if not OLDEST <= version <= NEWEST:
		raise BootstrapError(
			f"Python {version[0]}.{version[1]} does not run Frappe 15. Use 3.10, 3.11 or 3.12: "
			"`make up PYTHON=python3.11`."
		)


def extras(setup: Path) -> dict[str, list[str]]:
	"""The pinned requirements that setup.py names, by group, read without running it."""
	for node in ast.walk(ast.parse(setup.read_text())):
		if isinstance(node, ast.keyword) and node.arg == "extras_require":
			found: dict[str, list[str]] = ast.literal_eval(node.value)
			return found
	raise BootstrapError(f"{setup} names no extras_require.")


def make_tools(bench: Bench, stamps: Stamps) -> bool:
	"""Make the environment of the bench command and the supervisor unless it is there; True when made."""
	wanted = extras(bench.root / "setup.py")["tools"]
	made_from = digest(*wanted)
	if stamps.matches("tools", made_from) and (bench.tools / "bin" / "supervisord").exists():
		return False
	stamps.drop("tools")
	_fresh_environment(bench, bench.tools)
	uv = next(name for name in wanted if name.startswith("uv=="))
	run(
		[bench.tools / "bin" / "python", "-m", "pip", "install", "--quiet", uv],
		log=bench.build_log,
		hint="The package registry could not be reached; see the lines above.",
	)
	_install(bench, bench.tools, wanted)
	stamps.write("tools", made_from)
	return True


def make_environment(bench: Bench, stamps: Stamps, frappe: str) -> bool:
	"""Install Frappe, the app and the test tools into env/ unless they are; True when installed."""
	groups = extras(bench.root / "setup.py")
	lock = bench.root / "bootstrap" / "constraints.txt"
	projects = [bench.frappe, bench.apps / APP]
	wanted = [*BESIDE_FRAPPE, *groups["test"], *groups["lint"]]
	locked = [] if is_git(frappe) else ["--constraints", str(lock)]
	made_from = digest(
		BENCH_COMMAND,
		*wanted,
		*locked,
		lock,
		*(project / "pyproject.toml" for project in projects),
	)
	if stamps.matches("env", made_from) and bench.python.exists():
		return False
	stamps.drop("env")
	if not bench.python.exists() or stamps.read("env-python") is None:
		_fresh_environment(bench, bench.env)
		stamps.write("env-python", sys.version)
	arguments = [*locked, *wanted]
	for project in projects:
		arguments += ["--editable", str(project)]
	_install(bench, bench.env, arguments)
	write_whole(bench.env / "bin" / "bench", BENCH_COMMAND, mode=0o755)
	stamps.write("env", made_from)
	return True


def registry_settings(python: Path) -> dict[str, str]:
	"""uv's settings for the registry that pip was told to use, so that a mirror set once serves both."""
	found = {}
	if not {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & set(os.environ):
		index = os.environ.get("PIP_INDEX_URL") or _pip_setting(python, "global.index-url")
		if index:
			found["UV_DEFAULT_INDEX"] = index
	return found


def _pip_setting(python: Path, name: str) -> str:
	return subprocess.run(
		[python, "-m", "pip", "config", "get", name], capture_output=True, text=True, check=False
	).stdout.strip()


def _fresh_environment(bench: Bench, folder: Path) -> None:
	"""A virtual environment of the Python that runs this; one that is there is replaced."""
	shutil.rmtree(folder, ignore_errors=True)
	folder.parent.mkdir(parents=True, exist_ok=True)
	run(
		[sys.executable, "-m", "venv", folder],
		log=bench.build_log,
		hint="Debian has virtual environments in the package python3-venv.",
	)


def _install(bench: Bench, folder: Path, arguments: Sequence[str]) -> None:
	python = bench.tools / "bin" / "python"
	run(
		[
			bench.tools / "bin" / "uv",
			"pip",
			"install",
			"--quiet",
			"--python",
			folder / "bin" / "python",
			*arguments,
		],
		log=bench.build_log,
		env={"UV_NO_PROGRESS": "1", "UV_HTTP_TIMEOUT": "180", **registry_settings(python)},
		hint="The Python packages could not be installed; see the lines above.",
	)
