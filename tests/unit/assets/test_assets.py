"""Runs the tests of the JavaScript in bootstrap/assets with node's own runner.

They work on a bench of their own in a temporary folder and take only the packages from apps/frappe/node_modules
(or from ASSETS_NODE_MODULES), so they can run after set-up without touching the bench.
"""

import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = sorted(path.name for path in HERE.glob("*.test.mjs"))
#: Official Frappe comes with a yarn.lock and with tools of its own, in whose place nothing of ours is laid.
OWN_TOOLS = (HERE.parents[2] / "apps/frappe/yarn.lock").exists() and "ASSETS_NODE_MODULES" not in os.environ

pytestmark = pytest.mark.skipif(OWN_TOOLS, reason="this Frappe builds its assets with its own tools")


@pytest.mark.parametrize("file", FILES)
def test_javascript(file: str):
	done = subprocess.run(
		["node", "--test", "--test-reporter=spec", file],
		cwd=HERE,
		capture_output=True,
		text=True,
		timeout=300,
	)
	assert done.returncode == 0, done.stdout + done.stderr
