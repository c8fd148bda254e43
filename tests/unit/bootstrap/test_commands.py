"""The commands: their output, their lock, their exit codes."""

import pytest

from bootstrap import __main__ as entry
from bootstrap import commands, console
from bootstrap.console import BootstrapError
from bootstrap.paths import Bench


def test_columns_stand_straight_under_chinese_names():
	lines = commands.table([["田晓梅", "a"], ["Li", "b"]])
	assert lines == ["田晓梅  a", "Li      b"]


def test_two_commands_do_not_build_at_once(tmp_path):
	bench = Bench(tmp_path)
	with (
		commands.only_one(bench),
		pytest.raises(BootstrapError, match="Another command"),
		commands.only_one(bench),
	):
		pytest.fail("both had the lock")
	with commands.only_one(bench):
		pass


@pytest.mark.parametrize(("error", "code"), [(BootstrapError("say this"), 1), (KeyboardInterrupt(), 130)])
def test_errors_become_a_message_and_an_exit_code(monkeypatch, capsys, error, code):
	def fail(bench):
		raise error

	monkeypatch.setitem(entry.PLAIN, "up", fail)
	assert entry.main(["up"]) == code
	shown = capsys.readouterr().err
	assert "Traceback" not in shown
	assert ("say this" in shown) == (code == 1)


def test_arguments_reach_pytest(monkeypatch):
	seen = []
	monkeypatch.setitem(entry.WITH_ARGUMENTS, "test", lambda bench, rest: seen.append(rest) or 5)
	assert entry.main(["test", "--", "tests/unit", "-k", "path"]) == 5
	assert seen == [["tests/unit", "-k", "path"]]


def test_a_failed_command_shows_its_last_lines_and_no_secret(tmp_path):
	log = tmp_path / "log"
	command = ["sh", "-c", 'echo "it broke"; exit 7', "sh", "s3cret"]
	with pytest.raises(BootstrapError) as caught:
		console.run(command, log=log, secrets=("s3cret",), hint="Do this.")
	message = str(caught.value)
	assert "exit code 7" in message
	assert "  it broke" in message
	assert message.endswith("Do this.")
	assert "s3cret" not in message + log.read_text()


def test_a_program_that_is_not_installed_is_named(tmp_path):
	with pytest.raises(BootstrapError, match="no-such-program is not installed"):
		console.run(["no-such-program"], log=tmp_path / "log")
