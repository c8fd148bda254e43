"""hooks.py and patches.txt name only what is there."""

import importlib
import sys

import pytest

from tests.contract.checkers import files, hooks

HOOKS = "grid_governance.hooks"
PACKAGES = ("grid_governance", "frappe")


def app_hooks() -> dict[str, object]:
	module = importlib.import_module(HOOKS)
	return {name: value for name, value in vars(module).items() if not name.startswith("_")}


def test_every_dotted_path_in_hooks_resolves():
	paths = hooks.dotted_paths(app_hooks(), PACKAGES)
	assert paths
	assert not [problem for path in sorted(paths) if (problem := hooks.unresolved(path))]


def test_every_script_in_hooks_is_there():
	assert not hooks.missing_scripts(app_hooks(), files.APP)


def test_every_patch_can_run():
	assert not hooks.broken_patches((files.APP / "patches.txt").read_text())


def test_hooks_hold_no_switched_off_code():
	assert not hooks.commented_code((files.APP / "hooks.py").read_text())


class TestTheChecks:
	"""The checks fail on what they are for."""

	def test_dotted_paths_are_found_at_any_depth(self):
		found = hooks.dotted_paths(
			{"a": ["app.x.y", "other.z"], "b": {"DocType": {"on_update": "app.p.q"}}, "c": "app text. More"},
			["app"],
		)
		assert found == {"app.x.y", "app.p.q"}

	@pytest.mark.parametrize(
		("path", "reason"),
		[
			("tests.contract.checkers.hooks.no_such_function", "has no no_such_function"),
			("tests.contract.no_such_module.execute", "tests.contract has no no_such_module"),
			("no_such_package.execute", "there is no module"),
		],
	)
	def test_a_path_to_nothing_is_a_problem(self, path, reason):
		assert reason in hooks.unresolved(path)

	def test_a_module_that_cannot_be_imported_is_named(self, tmp_path, monkeypatch):
		(tmp_path / "broken_sample.py").write_text("import no_such_dependency\n")
		monkeypatch.syspath_prepend(tmp_path)
		assert "no_such_dependency" in hooks.unresolved("broken_sample.execute")
		sys.modules.pop("broken_sample", None)

	def test_a_path_to_something_is_none(self):
		assert hooks.unresolved("tests.contract.checkers.hooks.unresolved") is None

	def test_a_script_that_is_missing_is_a_problem(self, tmp_path):
		(tmp_path / "there.js").write_text("")
		told = {"doctype_js": {"Grid": "./there.js"}, "doctype_list_js": {"Grid": "public/js/gone.js"}}
		assert hooks.missing_scripts(told, tmp_path) == ["public/js/gone.js: no such file"]

	def test_a_patch_without_execute_is_a_problem(self):
		patches = "[pre_model_sync]\ntests.contract.checkers.hooks #2026-01-01\nexecute:import frappe; frappe.x()\n# note\n"
		assert hooks.patch_modules(patches) == ["tests.contract.checkers.hooks"]
		(problem,) = hooks.broken_patches(patches)
		assert "has no execute" in problem

	def test_a_patch_line_that_does_not_compile_is_a_problem(self):
		assert len(hooks.broken_patches("execute:frappe.(")) == 1

	@pytest.mark.parametrize(
		"line",
		[
			'# app_include_css = "/assets/app.css"',
			"# doc_events = {",
			'# 	"*": frappe.get_hooks("x"),',
			"# import frappe",
			"# scheduler_events = [",
		],
	)
	def test_code_in_a_comment_is_a_problem(self, line):
		assert hooks.commented_code(f"app_name = 1\n{line}\n")

	def test_a_note_is_no_code(self):
		assert not hooks.commented_code(
			"# Frappe 15 joins these with `and`: see scope.\napp_name = 1  # the name\n"
		)
