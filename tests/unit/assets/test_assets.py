"""Runs the tests of the JavaScript in bootstrap/assets with node's own runner.

They work on a bench of their own in a temporary folder and take only the packages from apps/frappe/node_modules
(or from ASSETS_NODE_MODULES), so they can run after set-up without touching the bench.
"""

import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = sorted(path.name for path in HERE.glob("*.test.mjs"))


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
