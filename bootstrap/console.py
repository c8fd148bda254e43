"""What the person at the terminal sees: steps with their times, and errors that say what to do."""

import contextlib
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

#: How many of a failed command's last lines are shown.
TAIL_LINES = 40


class BootstrapError(Exception):
	"""Something a person has to know or do; shown without a traceback, exit code 1."""


def say(text: str) -> None:
	"""Print one line at once, also when the output goes into a pipe."""
	print(text, flush=True)


@contextlib.contextmanager
def timed(title: str) -> Iterator[None]:
	"""Show a step while it runs, and its seconds when it has ended, well or not."""
	say(f"-> {title}")
	begin = time.monotonic()
	try:
		yield
	except BaseException:
		say(f"   failed after {time.monotonic() - begin:.1f} s: {title}")
		raise
	say(f"   done in {time.monotonic() - begin:.1f} s")


def run(
	command: Sequence[str | Path],
	*,
	log: Path | None = None,
	cwd: Path | None = None,
	env: Mapping[str, str] | None = None,
	hint: str = "",
	secrets: Sequence[str] = (),
) -> None:
	"""Run a command to its end, its output going to ``log``, or to the terminal without one.

	``env`` is added to the caller's environment. A non-zero exit raises BootstrapError with the last
	lines of the log and ``hint``, what a person can do about it. Neither shows the ``secrets`` among
	the arguments.
	"""
	arguments = [str(part) for part in command]
	shown = shlex.join("***" if part in secrets else part for part in arguments)
	environment = {**os.environ, **(env or {})}
	try:
		if log is None:
			code = subprocess.run(arguments, cwd=cwd, env=environment, check=False).returncode
		else:
			log.parent.mkdir(parents=True, exist_ok=True)
			with log.open("ab") as sink:
				sink.write(f"\n$ {shown}\n".encode())
				sink.flush()
				start = sink.tell()
				code = subprocess.run(
					arguments,
					cwd=cwd,
					env=environment,
					stdin=subprocess.DEVNULL,
					stdout=sink,
					stderr=subprocess.STDOUT,
					check=False,
				).returncode
	except FileNotFoundError as error:
		raise BootstrapError(f"{arguments[0]} is not installed. {hint}".strip()) from error
	if code == 0:
		return
	message = f"`{shown}` ended with exit code {code}."
	if log is not None:
		message += f"\nLast lines of {log}:\n{_tail(log, start)}"
	raise BootstrapError(f"{message}\n{hint}".strip())


def output(
	command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> str:
	"""What a command prints on its standard output; BootstrapError with its error output when it fails."""
	arguments = [str(part) for part in command]
	result = subprocess.run(
		arguments,
		cwd=cwd,
		env={**os.environ, **(env or {})},
		capture_output=True,
		text=True,
		check=False,
		stdin=subprocess.DEVNULL,
	)
	if result.returncode:
		raise BootstrapError(
			f"`{shlex.join(arguments)}` ended with exit code {result.returncode}.\n{result.stderr.strip()}"
		)
	return result.stdout


def warn(text: str) -> None:
	"""Print one line on the error output."""
	print(text, file=sys.stderr, flush=True)


def _tail(log: Path, start: int) -> str:
	with log.open("rb") as source:
		source.seek(start)
		lines = source.read().decode(errors="replace").splitlines()
	return "\n".join(f"  {line}" for line in lines[-TAIL_LINES:])
