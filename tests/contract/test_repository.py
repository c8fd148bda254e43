"""What the repository promises and what it must not hold."""

import re

import pytest

from tests.contract.checkers import files, repository

TEXT = re.compile(
	r"\.(py|js|cjs|mjs|json|md|toml|cfg|conf|cnf|csv|txt|html|scss|css|yml|yaml|svg)$|/[A-Z]\w+$|\.ci/"
)
LOCK = re.compile(
	r"(package-lock\.json|yarn\.lock|requirements[\w.-]*\.txt|\.npmrc|\.yarnrc|pip\.conf|uv\.lock)$"
)


def tracked(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
	"""Every tracked file whose path matches, with its text."""
	found = ((file.relative_to(files.ROOT).as_posix(), file) for file in files.tracked_files())
	return [
		(name, file.read_text(encoding="utf-8", errors="replace"))
		for name, file in found
		if pattern.search(name)
	]


def test_every_make_command_in_the_documentation_exists():
	makefile = (files.ROOT / "Makefile").read_text()
	documents = tracked(re.compile(r"\.md$"))
	problems = [
		f"{name}: {p}" for name, text in documents for p in repository.missing_targets(text, makefile)
	]
	assert not problems


def test_the_makefile_has_the_two_commands():
	targets = repository.make_targets((files.ROOT / "Makefile").read_text())
	assert {"up", "down", "test", "lint", "logs", "status", "benchmark"} <= targets


def test_no_tracked_file_names_a_folder_of_one_machine():
	problems = [
		f"{name}: {problem}" for name, text in tracked(TEXT) for problem in repository.machine_paths(text)
	]
	assert not problems


def test_lock_files_name_no_registry():
	locks = tracked(LOCK)
	assert locks
	assert not [
		f"{name}: {problem}" for name, text in locks for problem in repository.registry_addresses(text)
	]


class TestTheChecks:
	"""The checks fail on what they are for."""

	MAKEFILE = (
		"PYTHON ?= python3\nVERSION := 1\n\n.PHONY: up\n\nup: ## Start\n\t@$(PYTHON) -m x: y\ntest: up\n"
	)

	def test_targets_are_read_from_a_makefile(self):
		assert repository.make_targets(self.MAKEFILE) == {"up", "test"}

	@pytest.mark.parametrize(
		"text",
		["Type `make upp`.", "```\nmake PORT=1 upp\n```", "\tmake upp", "`make down` stops it"],
	)
	def test_a_command_that_is_not_there_is_a_problem(self, text):
		assert repository.missing_targets(text, self.MAKEFILE)

	@pytest.mark.parametrize(
		"text", ["Type `make up`.", "```\nmake test TEST=x\n```", "They make sure of it."]
	)
	def test_a_command_that_is_there_is_none(self, text):
		assert not repository.missing_targets(text, self.MAKEFILE)

	@pytest.mark.parametrize("place", ["root/bench", "home/li/bench/env", "work/main"])
	def test_a_folder_of_one_machine_is_a_problem(self, place):
		assert repository.machine_paths(f'open("/{place}/x")')

	@pytest.mark.parametrize(
		"text",
		[
			"/home/frappe/frappe-bench/sites",
			"../root/x",
			"https://example.com/work/x",
			"a/root/b",
			"~/job/x",
		],
	)
	def test_other_paths_are_none(self, text):
		assert not repository.machine_paths(text)

	@pytest.mark.parametrize(
		"lock",
		[
			'{"packages": {"node_modules/a": {"version": "1", "resolved": "https://mirror.example/a.tgz"}}}',
			"--index-url https://mirror.example/simple\na==1\n",
			"a @ https://mirror.example/simple/a-1.whl\n",
		],
	)
	def test_a_registry_in_a_lock_file_is_a_problem(self, lock):
		assert repository.registry_addresses(lock)

	@pytest.mark.parametrize(
		"lock",
		[
			'{"packages": {"node_modules/a": {"version": "1", "integrity": "sha512-x", "funding": {"url": "https://a.example"}}}}',
			"a==1 --hash=sha256:00\n",
		],
	)
	def test_versions_and_digests_are_none(self, lock):
		assert not repository.registry_addresses(lock)
