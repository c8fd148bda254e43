"""Python of the app keeps the house's rules, as far as they can be read from the source."""

import ast
import importlib
import json
import subprocess
import sys
from textwrap import dedent

import pytest

from tests.contract.checkers import files, python_source

EVERY = pytest.mark.parametrize(
	"file", files.python_files(), ids=lambda file: file.relative_to(files.APP).as_posix()
)
#: What commits, and why it may: everywhere else the request or the job does.
COMMITTING = {
	"commands.py": "a bench command is a request of its own",
	"grid_ledger/actions/care.py": "a job that keeps each chunk it has written when a later one fails",
	"grid_ledger/actions/retention.py": "a job that keeps each chunk it has done when a later one fails",
	"grid_ledger/importing/command.py": "a bench command is a request of its own",
	"grid_ledger/importing/parts.py": "a job that keeps each part with how far it has come",
	"grid_ledger/importing/run.py": "a job whose state is seen while it runs",
	"grid_visits/sets.py": "a job that keeps each village it has done when a later one fails",
	"grid_visits/notices/expiry.py": "a job that keeps each notice it has ended when a later one fails",
	"grid_visits/notices/sending.py": "a job that keeps each village it has written when a later one fails",
	"grid_visits/notices/channels.py": "a job that keeps the mark of each recipient before her message is handed over",
	"grid_issues/escalation/changes.py": "a job that keeps each part of the issues that have their moments anew",
	"grid_issues/escalation/sweep.py": "a job that keeps each few issues it has done when a later one fails",
	"grid_issues/bulk.py": "a job that keeps each issue's step when it is killed",
	"grid_structure/doctype/structure_import/structure_import.py": "a job that keeps what it wrote when it is killed",
}
#: Fields of seeds that name a state, an action or a level; roles are listed by setup.
NAMED_SEEDS = {
	"workflow_state": "workflow_state_name",
	"workflow_action_master": "workflow_action_name",
	"resolution_level": "level",
}


def seed_names() -> set[str]:
	"""The names that code must not know: of states, actions, resolution levels and roles."""
	names = {role["role_name"] for role in json.loads((files.APP / "setup" / "roles.json").read_text())}
	for kind, field in NAMED_SEEDS.items():
		for file in sorted((files.SEEDS / kind).glob("*.json")):
			for record in json.loads(file.read_text()):
				value = record["values"][field]
				names.add(value["_"] if isinstance(value, dict) else value)
	return names - select_options()


def select_options() -> set[str]:
	"""Codes of Select fields, which are the code's own and may share a word with a seed."""
	fields = [field for doctype in files.doctypes() for field in doctype.fields]
	for module in files.modules_named("custom_fields"):
		for added in importlib.import_module(module).CUSTOM_FIELDS.values():
			fields += added
	return {
		option
		for field in fields
		if field.get("fieldtype") == "Select"
		for option in (field.get("options") or "").split("\n")
	}


def singles() -> set[str]:
	return {doctype.name for doctype in files.doctypes() if doctype.json.get("issingle")}


def permission_functions() -> set[str]:
	"""The functions that decide about permission in hooks."""
	hooks = importlib.import_module("grid_governance.hooks")
	return {path.rsplit(".", 1)[-1] for path in getattr(hooks, "has_permission", {}).values()}


@EVERY
def test_whitelisted_methods_are_typed(file):
	assert not python_source.untyped_whitelisted(files.parsed(file))


@EVERY
def test_writing_methods_take_post_only(file):
	in_actions = file.stem == "actions" or file.parent.name == "actions"
	assert not python_source.writes_without_post(files.parsed(file), in_actions)


@EVERY
def test_annotations_of_whitelisted_methods_are_not_postponed(file):
	assert not python_source.postponed_annotations(files.parsed(file))


@EVERY
def test_no_name_of_a_seed_in_code(file):
	assert not python_source.seed_names(files.parsed(file), seed_names())


@EVERY
def test_ready_for_the_next_frappe(file):
	tree = files.parsed(file)
	assert not [
		*python_source.sql_functions(tree),
		*python_source.unordered_queries(tree),
		*python_source.test_branches(tree),
		*python_source.driver_names(tree),
		*python_source.single_values(tree, singles()),
		*python_source.permission_hook_answers(tree, permission_functions()),
	]


def test_only_callers_of_their_own_commit():
	committing = {
		file.relative_to(files.APP).as_posix()
		for file in files.python_files()
		if python_source.commits(files.parsed(file))
	}
	assert committing == set(COMMITTING)


def test_there_are_names_of_seeds_to_look_for():
	assert {"Village Secretary", "Grid Member"} < seed_names()
	assert len(seed_names()) > 15


@pytest.mark.parametrize("module", files.modules_named("rules"))
def test_rules_can_be_imported_without_frappe(module):
	assert importing_without_frappe(module) == ""


def importing_without_frappe(module: str) -> str:
	"""The last line of the error when the module is run where there is no frappe, "" when it goes well.

	The packages around it are left empty: what their `__init__` imports is not the module's affair. A package of rules
	is not: it is as pure.
	"""
	code = """
		import importlib, sys, types
		from pathlib import Path
		module, folder = sys.argv[1], Path(sys.argv[2])
		sys.modules["frappe"] = None
		class Empty:
			def find_spec(name, path=None, target=None):
				place = folder.joinpath(*name.split("."))
				around = name != module and not name.endswith(".rules")
				if name.startswith("grid_governance") and place.is_dir() and around:
					return importlib.machinery.ModuleSpec(name, Empty, is_package=True)
			def create_module(spec):
				return None
			def exec_module(made):
				made.__path__ = [str(folder.joinpath(*made.__name__.split(".")))]
		sys.meta_path.insert(0, Empty)
		importlib.import_module(module)
	"""
	command = [sys.executable, "-c", dedent(code), module, str(files.APP.parent)]
	ran = subprocess.run(command, capture_output=True, text=True)
	return ran.stderr.strip().split("\n")[-1]


class TestTheChecks:
	"""The checks fail on what they are for, and only on that."""

	@staticmethod
	def tree(source: str) -> ast.Module:
		return ast.parse(dedent(source))

	@pytest.mark.parametrize(
		"source",
		[
			"@frappe.whitelist()\ndef f(a, b: int) -> int: ...",
			"@frappe.whitelist()\ndef f(a: int): ...",
			"@frappe.whitelist\ndef f(*names) -> None: ...",
			"@whitelist()\ndef f(*, a=1) -> None: ...",
			"class A:\n\t@frappe.whitelist()\n\tdef f(self, **rest) -> None: ...",
		],
	)
	def test_an_untyped_whitelisted_method_is_a_problem(self, source):
		assert python_source.untyped_whitelisted(self.tree(source))

	@pytest.mark.parametrize(
		"source",
		[
			"@frappe.whitelist()\ndef f(a: int, *b: str) -> None: ...",
			"def f(a, b): ...",
			"class A:\n\t@frappe.whitelist()\n\tdef f(self) -> None: ...",
		],
	)
	def test_a_typed_one_is_none(self, source):
		assert not python_source.untyped_whitelisted(self.tree(source))

	@pytest.mark.parametrize(
		("source", "in_actions"),
		[
			("@frappe.whitelist()\ndef f() -> None:\n\tdoc.save()", False),
			(
				'@frappe.whitelist(methods=["GET", "POST"])\ndef f() -> None:\n\tfrappe.db.set_value("A", 1, 2)',
				False,
			),
			("@frappe.whitelist()\ndef f() -> None:\n\tactions.close(name)", False),
			("@frappe.whitelist()\ndef f() -> None:\n\tpass", True),
		],
	)
	def test_a_writing_method_without_post_is_a_problem(self, source, in_actions):
		assert python_source.writes_without_post(self.tree(source), in_actions)

	@pytest.mark.parametrize(
		"source",
		[
			'@frappe.whitelist(methods=["POST"])\ndef f() -> None:\n\tdoc.save()',
			'@frappe.whitelist()\ndef f() -> list:\n\treturn frappe.get_all("A")',
			"@frappe.whitelist()\ndef f() -> None:\n\tactions.authorise(name)\n\tworkbook.save(stream)",
			"def f() -> None:\n\tdoc.save()",
		],
	)
	def test_a_writing_method_with_post_is_none(self, source):
		assert not python_source.writes_without_post(self.tree(source), in_actions=False)

	def test_postponed_annotations_are_a_problem_beside_whitelisted_methods(self):
		postponed = "from __future__ import annotations\n"
		assert python_source.postponed_annotations(self.tree(f"{postponed}@frappe.whitelist()\ndef f(): ..."))
		assert not python_source.postponed_annotations(self.tree(f"{postponed}def f(): ..."))
		assert not python_source.postponed_annotations(self.tree("@frappe.whitelist()\ndef f(): ..."))

	def test_the_name_of_a_seed_is_a_problem_outside_docstrings(self):
		source = '"""Reported"""\n\n\ndef f(doc):\n\treturn doc.state == "Reported"\n'
		assert python_source.seed_names(self.tree(source), {"Reported"}) == [
			"line 5: 'Reported' is the name of a seed"
		]
		assert not python_source.seed_names(self.tree('"""Reported"""\nx = "Reported on"'), {"Reported"})

	@pytest.mark.parametrize(
		("check", "bad", "good"),
		[
			(
				python_source.sql_functions,
				[
					'frappe.get_all("A", fields=["count(name) as n"])',
					'frappe.get_list("A", ["max(idx)"])',
					'frappe.db.get_value("A", "b", "sum(c)")',
					'frappe.db.get_value("A", {}, fieldname="sum(c)")',
					'frappe.get_all("A", order_by="field(name, 1, 2)")',
				],
				[
					'frappe.get_all("A", filters={"x": "(y)"}, fields=["name"])',
					'frappe.db.get_value("A", "b (c)", "d")',
				],
			),
			(
				python_source.unordered_queries,
				[
					'frappe.get_all("A")',
					'frappe.get_list("A", fields=["name"], limit=1)',
					'frappe.db.get_all("A")',
				],
				[
					'frappe.get_all("A", order_by="name asc")',
					'frappe.get_all("A", **query)',
					'meta.get_list("A")',
				],
			),
			(
				python_source.commits,
				["frappe.db.commit()", "frappe.local.db.commit()"],
				["frappe.db.after_commit.add(f)", "connection.commit()"],
			),
			(
				python_source.test_branches,
				["if frappe.flags.in_test: pass", "if frappe.in_test: pass"],
				["if frappe.flags.in_import: pass"],
			),
			(
				python_source.driver_names,
				["import pymysql", "from pymysql.constants import ER"],
				["import pymysqlx", "from frappe import db"],
			),
			(
				lambda tree: python_source.single_values(tree, {"Settings"}),
				[
					'frappe.db.get_value("Settings", None, "x")',
					'frappe.get_cached_value("Settings", "Settings", "x")',
				],
				[
					'frappe.db.get_single_value("Settings", "x")',
					'frappe.db.get_value("Grid", "Settings", "x")',
				],
			),
			(
				lambda tree: python_source.permission_hook_answers(tree, {"has_permission"}),
				["def has_permission(doc): ...", "def has_permission(doc) -> bool | None: ..."],
				["def has_permission(doc) -> bool: ...", "def other(doc): ..."],
			),
		],
	)
	def test_bad_and_good_samples(self, check, bad, good):
		assert all(check(self.tree(source)) for source in bad), [s for s in bad if not check(self.tree(s))]
		assert not any(check(self.tree(source)) for source in good), [s for s in good if check(self.tree(s))]

	def test_filters_are_read_from_dicts_and_lists(self):
		source = """
			frappe.get_all("A", filters={"one": 1, "two": ["in", x]})
			frappe.get_list("A", filters=[["three", "=", 1], ("four", "is", "set")])
			frappe.db.exists("B", {"five": 1})
			frappe.db.get_value("B", {"six": 1}, "seven")
			frappe.get_all("A", fields=["eight"])
			frappe.get_all(doctype, filters={"nine": 1})
		"""
		assert sorted(
			(doctype, *sorted(fields)) for doctype, fields in python_source.filters(self.tree(source))
		) == [
			("A", "four", "three"),
			("A", "one", "two"),
			("B", "five"),
			("B", "six"),
		]

	def test_a_module_that_needs_frappe_is_a_problem(self):
		assert "frappe" in importing_without_frappe("grid_governance.hooks")
