"""Does one thing on a site, in a process that can be killed, or that kills itself or the database at a point that is told.

    python at_work.py SITE build VILLAGES GRIDS
    python at_work.py SITE bring TOWN FILE [write]      (TOWN as `build` says it)
    python at_work.py SITE ready TOWN NAME
    python at_work.py SITE write NAME
    python at_work.py SITE call PATH ARGUMENT …         (a function of a module of `tests.fault`; what it returns is said)

What it has to say it says as JSON. `FAULT_TRAP` names what happens: see `TRAPS`; `FAULT_PART` in which part.
"""

import importlib
import itertools
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frappe
import MySQLdb

import tests
from grid_governance.grid_ledger.importing import parts, run, writer
from grid_governance.scope import doors

tests.__path__.insert(0, str(Path(__file__).parent.parent))  # another distribution has a package of that name

from tests import import_town  # noqa: E402
from tests.ledger_homes import Place  # noqa: E402

ROWS = 40
"""Rows of a part, so that a small file has several."""


def main(site: str, command: str, *args: str) -> None:
	"""Do *command* on *site*, whose folder is in the working directory."""
	frappe.init(site=site, sites_path=".")
	frappe.connect()
	doors.install()
	parts.ROWS = ROWS
	if waits := os.environ.get("FAULT_WAITS"):
		parts.WAITS = tuple(map(float, waits.split(",")))
	COMMANDS[command](*args)


def build(villages: str, grids: str) -> None:
	"""Make a township and say what it is."""
	town = import_town.build(int(villages), int(grids))
	say(town | {"places": [[place.village, place.grid, place.code] for place in town.places]})


def bring(told: str, file: str, then: str = "") -> None:
	"""Bring the *file* into the town that `build` told of, check it, and *then* ("write") write it. Says the name of the
	import as soon as it is ready."""
	name = import_town.bring(_town(told), Path(file).read_bytes())
	run.check(name)
	import_town.make_ready(_town(told), name)
	say(name)
	if then:
		write(name)


def ready(told: str, name: str) -> None:
	"""Let the import *name* be gone on with, as the button does, and write it."""
	import_town.make_ready(_town(told), name)
	write(name)


def write(name: str) -> None:
	"""Do the job that writes the import *name*, and walk into the trap that is set."""
	if trap := os.environ.get("FAULT_TRAP"):
		TRAPS[trap](itertools.count(1), int(os.environ.get("FAULT_PART", "2")))
	run.write(name)


def call(path: str, *args: str) -> None:
	"""Call the function at *path* below `tests.fault` and say what it returns."""
	module, function = path.split(".")
	say(getattr(importlib.import_module(f"tests.fault.{module}"), function)(*args))


def say(what: Any) -> None:
	"""Tell the caller *what*, whatever happens to this process next."""
	print(json.dumps(what), flush=True)


def _town(told: str) -> frappe._dict:
	town = frappe._dict(json.loads(told))
	town.places = [Place(*place) for place in town.places]
	return town


COMMANDS: dict[str, Callable[..., None]] = {
	"build": build,
	"bring": bring,
	"ready": ready,
	"write": write,
	"call": call,
}


def _die(_part: object = None) -> None:
	os.kill(os.getpid(), signal.SIGKILL)


def _kill_server() -> None:
	os.kill(int(os.environ["FAULT_SERVER"]), signal.SIGKILL)


def _lose_the_answer() -> None:
	raise MySQLdb.OperationalError(2013, "Lost connection to server during query")


def _around_commit(
	before: Callable[[], None] | None = None, after: Callable[[], None] | None = None
) -> Callable[[Any, int], None]:
	"""A trap around the commit of what is written in bulk."""

	def spring(parts_written: Any, at: int) -> None:
		commit = writer.Writer._commit

		def trapped(self: writer.Writer) -> None:
			is_now = next(parts_written) == at
			if is_now and before:
				before()
			commit(self)
			if is_now and after:
				after()

		writer.Writer._commit = trapped

	return spring


def _in_documents(parts_written: Any, at: int) -> None:
	"""A trap in what is saved as documents: the worker is killed when all of it is saved and nothing committed."""
	progress = parts.Parts._progress

	def trapped(self: parts.Parts, *args: Any) -> Any:
		if next(parts_written) == at:
			_die()
		return progress(self, *args)

	parts.Parts._progress = trapped


TRAPS: dict[str, Callable[[Any, int], None]] = {
	"killed before the commit": _around_commit(before=_die),
	"killed after the commit": _around_commit(after=_die),
	"killed among documents": _in_documents,
	"server killed": _around_commit(before=_kill_server),
	"answer lost": _around_commit(after=_lose_the_answer),
}

if __name__ == "__main__":
	main(*sys.argv[1:])
