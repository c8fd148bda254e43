"""Runs the tests of the map's JavaScript with node's own runner; they take the packages of the app."""

import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize("file", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_javascript(file: str):
	done = subprocess.run(
		["node", "--test", "--test-reporter=spec", file],
		cwd=HERE,
		capture_output=True,
		text=True,
		timeout=300,
	)
	assert done.returncode == 0, done.stdout + done.stderr
