"""What a DocType of the app has to have."""

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterable

from tests.contract.checkers.files import DocTypeSource

MOST_CONTROLLER_LINES = 150
PERSONAL_FIELDS = {"phone", "mobile", "birth_date", "id_number", "worker_name", "resident_name"}
PERSONAL_OPTIONS = {"Phone", "Email"}
SCOPE_COLUMN = "grid_path"


def sort_order(doctype: DocTypeSource) -> list[str]:
	"""A list has an order of its own: the default of a later Frappe version differs."""
	if doctype.json.get("istable") or doctype.json.get("issingle"):
		return []
	problems = [
		f"{doctype.name} has no {key}" for key in ("sort_field", "sort_order") if not doctype.json.get(key)
	]
	standard = {"name", "creation", "modified", "idx", "owner"}
	fields = doctype.json.get("sort_field") or "name"
	for part in fields.split(","):
		fieldname = part.split()[0]
		if fieldname not in standard and not doctype.has_field(fieldname):
			problems.append(f"{doctype.name} is sorted by {fieldname}, which it does not have")
	return problems


def module_is_listed(doctype: DocTypeSource, modules: Collection[str]) -> list[str]:
	"""The module of a DocType stands in modules.txt and its folder is the module's."""
	module = doctype.json.get("module") or ""
	room = doctype.folder.parent.parent.name
	problems = [] if module in modules else [f"{doctype.name}: module {module!r} is not in modules.txt"]
	if module.lower().replace(" ", "_") != room:
		problems.append(f"{doctype.name} of module {module!r} lies in {room}")
	return problems


def controller(doctype: DocTypeSource) -> list[str]:
	"""A DocType has a controller class of its name, in a file that hooks fill and nothing else."""
	if doctype.controller is None:
		return [f"{doctype.name} has no controller"]
	wanted = re.sub(r"[ \-]", "", doctype.name)
	classes = {node.name for node in ast.parse(doctype.controller).body if isinstance(node, ast.ClassDef)}
	problems = [] if wanted in classes else [f"{doctype.name}: its controller has no class {wanted}"]
	if (lines := doctype.controller.count("\n")) >= MOST_CONTROLLER_LINES:
		problems.append(
			f"{doctype.name}: its controller has {lines} lines, {MOST_CONTROLLER_LINES} are too many"
		)
	return problems


def permissions(doctype: DocTypeSource) -> list[str]:
	"""Sharing would carry a row out of its scope, so no role may share; and each rule stands there once."""
	problems = [
		f"{doctype.name}: {permission.get('role')} may share"
		for permission in doctype.json.get("permissions", [])
		if permission.get("share")
	]
	if not doctype.json.get("istable") and not doctype.json.get("permissions"):
		problems.append(f"{doctype.name}: nobody has a permission on it")
	rules = Counter(
		(permission.get("role"), permission.get("permlevel", 0), permission.get("if_owner", 0))
		for permission in doctype.json.get("permissions", [])
	)
	problems += [f"{doctype.name}: two rules for {role}" for (role, *_of), many in rules.items() if many > 1]
	return problems


def no_rename_of_persons(doctype: DocTypeSource) -> list[str]:
	"""A record of a person is not renamed: names of persons do not become names of records, nor merge."""
	personal = any(
		field.get("fieldname") in PERSONAL_FIELDS or field.get("options") in PERSONAL_OPTIONS
		for field in doctype.fields
	)
	if personal and doctype.json.get("allow_rename"):
		return [f"{doctype.name} holds persons and can be renamed"]
	return []


def scope_registry(doctypes: Iterable[DocTypeSource], registered: Collection[str]) -> list[str]:
	"""Whatever has a grid path is registered with scope, and the other way round."""
	with_path = {doctype.name for doctype in doctypes if doctype.has_field(SCOPE_COLUMN)}
	registered = set(registered)
	return [
		*(
			f"{name} has a {SCOPE_COLUMN} and is not registered with scope"
			for name in sorted(with_path - registered)
		),
		*(
			f"{name} is registered with scope and has no {SCOPE_COLUMN}"
			for name in sorted(registered - with_path)
		),
	]


def indexed_fields(doctype: DocTypeSource) -> set[str]:
	"""Return the fields that lead an index: by the JSON, or by the lists in `on_doctype_update`."""
	leading = {
		field["fieldname"] for field in doctype.fields if field.get("search_index") or field.get("unique")
	}
	if (name := doctype.json.get("autoname") or "").startswith("field:"):
		leading.add(name.removeprefix("field:"))
	for node in ast.parse(doctype.controller or "").body:
		if isinstance(node, ast.FunctionDef) and node.name == "on_doctype_update":
			for part in ast.walk(node):
				if isinstance(part, ast.List | ast.Tuple) and part.elts:
					first = part.elts[0]
					if isinstance(first, ast.Constant) and isinstance(first.value, str):
						leading.add(first.value)
	return leading


def links_have_indexes(doctype: DocTypeSource, filters: Iterable[Collection[str]]) -> list[str]:
	"""A query that filters on Link fields finds one of its fields at the head of an index.

	Frappe makes none for a Link by itself. `filters` are the fields of one query each.
	"""
	links = {
		field["fieldname"] for field in doctype.fields if field.get("fieldtype") in ("Link", "Dynamic Link")
	}
	leading = {"name", "modified"} | indexed_fields(doctype)
	bare = {
		" and ".join(sorted(fields))
		for fields in filters
		if links & set(fields) and not leading & set(fields)
	}
	return [f"{doctype.name} is filtered on {fields}, and no index begins with it" for fields in sorted(bare)]
