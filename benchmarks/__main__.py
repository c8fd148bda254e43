"""`python -m benchmarks [suite …]`: run suites on the benchmark site."""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import suites, table
from benchmarks.site import Bench, NotABenchmarkSiteError

OUT = Path(__file__).parent / "out"


def suite_names() -> list[str]:
	"""Return the suites there are, in alphabetical order."""
	return sorted(module.name for module in pkgutil.iter_modules(suites.__path__))


def chosen(argv: Sequence[str]) -> list[str]:
	"""Return the suites the arguments ask for: all without arguments. Exits on an unknown name."""
	known = suite_names()
	parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
	parser.add_argument("suite", nargs="*", metavar="suite", help=f"one of: {', '.join(known)}")
	wanted = [name for name in parser.parse_args(argv).suite if name]
	if unknown := [name for name in wanted if name not in known]:
		parser.error(f"there is no benchmark {', '.join(unknown)}; there are: {', '.join(known)}")
	return wanted or known


def run(names: Sequence[str], bench: Bench) -> Iterator[Path]:
	"""Run the suites one after another, print each table and give the file its rows are in."""
	for name in names:
		rows = importlib.import_module(f"{suites.__name__}.{name}").run(bench)
		print(f"\n{name}\n{table.render(rows)}")
		yield table.write(rows, OUT, name)


def main(argv: Sequence[str]) -> int:
	"""Run what the arguments ask for; 1 when the site is none to benchmark on."""
	names = chosen(argv)
	try:
		for file in run(names, Bench.here()):
			print(f"rows: {file}")
	except NotABenchmarkSiteError as error:
		print(error, file=sys.stderr)
		return 1
	return 0


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
