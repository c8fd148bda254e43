"""The bench's own tools as a package, each with its pinned version.

Frappe and the app live in the environment ``env``; the bench command and the supervisor need other
versions of the same libraries, so they live in one of their own (see bootstrap/python_env.py).
"""

from setuptools import setup

setup(
	name="grid-bench",
	version="1.0.0",
	description="The bench of the grid governance app: from a bare machine to a running site",
	license="MIT",
	python_requires=">=3.10,<3.13",
	packages=["bootstrap"],
	install_requires=[],
	extras_require={
		# The bench command and what keeps the processes running.
		"tools": [
			"frappe-bench==5.31.1",
			"supervisor==4.3.0",
			"uv==0.13.9",
		],
		# What tests and benchmarks need beside Frappe and the app.
		"test": [
			"hypothesis==6.170.15",
			"playwright==1.65.2",
			"pytest==9.2.0",
			"pytest-xdist==3.8.0",
			"xlwt==1.3.0",
		],
		"lint": [
			"mypy==2.4.1",
			"ruff==0.17.6",
		],
	},
)
