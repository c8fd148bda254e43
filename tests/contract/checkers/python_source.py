"""What Python of the app may do, read from its syntax tree."""

import ast
from collections.abc import Collection, Iterator

QUERY_CALLS = {"get_all", "get_list"}
VALUE_CALLS = {"get_value", "get_values", "get_cached_value"}
FILTER_CALLS = {*QUERY_CALLS, *VALUE_CALLS, "exists", "count", "delete", "set_value"}
ORDERLESS = {"all", "any", "bool", "dict", "frozenset", "len", "set", "sorted", "sum", "update"}
WRITING_CALLS = {
	"add_comment",
	"append_roles",
	"bulk_insert",
	"cancel",
	"db_insert",
	"db_set",
	"db_update",
	"delete_doc",
	"enqueue",
	"enqueue_doc",
	"insert",
	"rename_doc",
	"save",
	"set_single_value",
	"set_value",
	"submit",
}


def untyped_whitelisted(tree: ast.Module) -> list[str]:
	"""Whitelisted methods say the type of every parameter and of what they return: Frappe checks the call by it."""
	problems = []
	for function, _ in _whitelisted(tree):
		bare = [argument.arg for argument in _parameters(function) if argument.annotation is None]
		if bare:
			problems.append(f"{function.name} is whitelisted and does not type {', '.join(bare)}")
		if function.returns is None:
			problems.append(f"{function.name} is whitelisted and does not say what it returns")
	return problems


def writes_without_post(tree: ast.Module, in_actions: bool) -> list[str]:
	"""A whitelisted method that writes takes POST only: a link in a mail must not change anything.

	All methods of an `actions` module write; elsewhere the calls in the method tell.
	"""
	problems = []
	for function, decorator in _whitelisted(tree):
		if (in_actions or _writes(function)) and _methods(decorator) != {"POST"}:
			problems.append(f'{function.name} writes and is not declared methods=["POST"]')
	return problems


def postponed_annotations(tree: ast.Module) -> list[str]:
	"""With `from __future__ import annotations` Frappe no longer checks the arguments of whitelisted methods."""
	postponed = any(
		isinstance(node, ast.ImportFrom)
		and node.module == "__future__"
		and any(name.name == "annotations" for name in node.names)
		for node in tree.body
	)
	return (
		["postpones annotations and has whitelisted methods"] if postponed and any(_whitelisted(tree)) else []
	)


def seed_names(tree: ast.Module, names: Collection[str]) -> list[str]:
	"""States, actions and roles are data that the administrator owns; code goes by their markers."""
	documentation = set(_docstrings(tree))
	return [
		f"line {node.lineno}: {node.value!r} is the name of a seed"
		for node in ast.walk(tree)
		if isinstance(node, ast.Constant)
		and isinstance(node.value, str)
		and node.value in names
		and node not in documentation
	]


def sql_functions(tree: ast.Module) -> list[str]:
	"""Functions of SQL as text in fields or order: refused by a later Frappe version."""
	problems = []
	for call, name in _calls(tree):
		if name not in QUERY_CALLS | VALUE_CALLS:
			continue
		told = [
			keyword.value for keyword in call.keywords if keyword.arg in {"fields", "fieldname", "order_by"}
		]
		if name in VALUE_CALLS and len(call.args) > 2:
			told.append(call.args[2])
		if name in QUERY_CALLS and len(call.args) > 1:
			told += call.args[1:]
		texts = (text for value in told for text in _constants(value))
		problems += [f"line {call.lineno}: {name} is given {text!r}" for text in texts if "(" in text]
	return problems


def unordered_queries(tree: ast.Module) -> list[str]:
	"""get_all and get_list say their order: the default of a later Frappe version differs.

	What goes straight into a set, a mapping or a count has no order to lose.
	"""
	free = {id(call) for call in _used_without_order(tree)}
	return [
		f"line {call.lineno}: {name} without order_by"
		for call, name in _calls(tree)
		if name in QUERY_CALLS
		and _is_frappe(call.func)
		and id(call) not in free
		and not any(keyword.arg in {"order_by", None} for keyword in call.keywords)
	]


def commits(tree: ast.Module) -> list[str]:
	"""The request or the job commits, never the app: half of a change must not stay."""
	return [
		f"line {call.lineno}: commits"
		for call, name in _calls(tree)
		if name == "commit" and isinstance(call.func, ast.Attribute) and _last_name(call.func.value) == "db"
	]


def test_branches(tree: ast.Module) -> list[str]:
	"""Code that behaves otherwise under test is not what was tested."""
	return [
		f"line {node.lineno}: asks whether a test is running"
		for node in ast.walk(tree)
		if isinstance(node, ast.Attribute) and node.attr in {"in_test", "running_tests"}
	]


def driver_names(tree: ast.Module) -> list[str]:
	"""Names of one database driver: a later Frappe version uses another; frappe.db has the exceptions."""
	problems = []
	for node in ast.walk(tree):
		modules = []
		if isinstance(node, ast.Import):
			modules = [name.name for name in node.names]
		elif isinstance(node, ast.ImportFrom):
			modules = [node.module or ""]
		problems += [
			f"line {node.lineno}: imports {module}" for module in modules if module.split(".")[0] == "pymysql"
		]
	return problems


def single_values(tree: ast.Module, singles: Collection[str]) -> list[str]:
	"""Values of a Single DocType come from get_single_value: get_value has no table to look in later."""
	return [
		f"line {call.lineno}: {name} of the Single {call.args[0].value}"
		for call, name in _calls(tree)
		if name in VALUE_CALLS
		and call.args
		and isinstance(call.args[0], ast.Constant)
		and call.args[0].value in singles
	]


def permission_hook_answers(tree: ast.Module, functions: Collection[str]) -> list[str]:
	"""A document hook answers True or False: None means allowed on one Frappe version and denied on another."""
	return [
		f"{node.name} decides about permission and is not declared -> bool"
		for node in tree.body
		if isinstance(node, ast.FunctionDef)
		and node.name in functions
		and not (isinstance(node.returns, ast.Name) and node.returns.id == "bool")
	]


def filters(tree: ast.Module) -> list[tuple[str, frozenset[str]]]:
	"""Return the filters of the module's queries as (DocType, fields), as far as both stand in it as text."""
	found = []
	for call, name in _calls(tree):
		if name not in FILTER_CALLS or not call.args:
			continue
		doctype = call.args[0]
		if not (isinstance(doctype, ast.Constant) and isinstance(doctype.value, str)):
			continue
		told = [keyword.value for keyword in call.keywords if keyword.arg in {"filters", "or_filters"}]
		told += call.args[1:2] if name not in QUERY_CALLS else []
		found += [(doctype.value, fields) for value in told if (fields := frozenset(_filter_fields(value)))]
	return found


def _whitelisted(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, ast.expr]]:
	for node in ast.walk(tree):
		if isinstance(node, ast.FunctionDef):
			for decorator in node.decorator_list:
				called = decorator.func if isinstance(decorator, ast.Call) else decorator
				if _last_name(called) == "whitelist":
					yield node, decorator


def _parameters(function: ast.FunctionDef) -> list[ast.arg]:
	told = function.args
	named = [*told.posonlyargs, *told.args, *told.kwonlyargs]
	if named and named[0].arg in {"self", "cls"}:
		named = named[1:]
	return [*named, *(argument for argument in (told.vararg, told.kwarg) if argument)]


def _methods(decorator: ast.expr) -> set[str]:
	if not isinstance(decorator, ast.Call):
		return set()
	for keyword in decorator.keywords:
		if keyword.arg == "methods":
			return set(_constants(keyword.value))
	return set()


def _writes(function: ast.FunctionDef) -> bool:
	for call, name in _calls(function):
		of = _last_name(call.func.value) if isinstance(call.func, ast.Attribute) else ""
		to_a_stream = name == "save" and call.args  # a workbook or an image, not a document
		if (name in WRITING_CALLS and not to_a_stream) or (
			of == "actions" and not name.startswith("authorise")
		):
			return True
	return False


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
	for node in ast.walk(tree):
		if isinstance(node, ast.Call):
			yield node, _last_name(node.func)


def _used_without_order(tree: ast.Module) -> Iterator[ast.expr]:
	for node in ast.walk(tree):
		if isinstance(node, ast.Call) and _last_name(node.func) in ORDERLESS:
			yield from node.args
		elif isinstance(node, ast.Set):
			yield from (item.value for item in node.elts if isinstance(item, ast.Starred))
		elif isinstance(node, ast.SetComp | ast.DictComp):
			yield from (generator.iter for generator in node.generators)


def _is_frappe(called: ast.expr) -> bool:
	while isinstance(called, ast.Attribute):
		called = called.value
	return isinstance(called, ast.Name) and called.id == "frappe"


def _last_name(node: ast.expr) -> str:
	if isinstance(node, ast.Attribute):
		return node.attr
	return node.id if isinstance(node, ast.Name) else ""


def _constants(value: ast.AST) -> Iterator[str]:
	for node in ast.walk(value):
		if isinstance(node, ast.Constant) and isinstance(node.value, str):
			yield node.value


def _filter_fields(value: ast.expr) -> Iterator[str]:
	if isinstance(value, ast.Dict):
		for key in value.keys:
			if isinstance(key, ast.Constant) and isinstance(key.value, str):
				yield key.value
	elif isinstance(value, ast.List | ast.Tuple):
		for item in value.elts:
			if isinstance(item, ast.List | ast.Tuple) and item.elts:
				first = item.elts[0]
				if isinstance(first, ast.Constant) and isinstance(first.value, str):
					yield first.value


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
	for node in ast.walk(tree):
		if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
			yield node.value
