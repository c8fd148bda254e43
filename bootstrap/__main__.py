"""`python3 -m bootstrap <command>`."""

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from . import commands
from .console import BootstrapError, warn
from .paths import here

PLAIN = {
	"up": commands.up,
	"down": commands.down,
	"restart": commands.restart,
	"status": commands.status,
	"logs": commands.logs,
	"build": commands.assets,
	"lint": commands.lint,
	"format": commands.format_code,
	"clean": commands.clean,
}
WITH_ARGUMENTS = {"test": commands.test, "benchmark": commands.benchmark}


def main(argv: Sequence[str]) -> int:
	"""Run one command; the exit code is 1 for an error that is shown, 130 after an interruption."""
	parser = argparse.ArgumentParser(prog="python3 -m bootstrap", description=commands.__doc__)
	parser.add_argument("command", choices=[*PLAIN, *WITH_ARGUMENTS])
	parser.add_argument(
		"arguments", nargs=argparse.REMAINDER, help="passed on to pytest or to the benchmarks"
	)
	given = parser.parse_args(argv)
	signal.signal(signal.SIGTERM, _end)
	rest = [word for word in given.arguments if word != "--"]
	try:
		if given.command in WITH_ARGUMENTS:
			return WITH_ARGUMENTS[given.command](here(), rest)
		return PLAIN[given.command](here())
	except BootstrapError as error:
		warn(f"\n{error}")
		return 1
	except KeyboardInterrupt:
		warn("\nInterrupted. The same command goes on from here.")
		return 130


def _end(number: int, _frame: FrameType | None) -> None:
	"""Leave through every `finally` when told to end, so that what was started for a test is stopped."""
	raise SystemExit(128 + number)


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
