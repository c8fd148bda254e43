"""What hooks.py and patches.txt may say."""

import ast
import importlib
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
ASSET_HOOKS = re.compile(r"(doctype|page|webform)_(js|list_js|tree_js|calendar_js)|\w+_include_(js|css)")


def dotted_paths(hooks: dict[str, object], packages: Iterable[str]) -> set[str]:
	"""Return every value of the hooks that names something inside one of the Python packages."""
	starts = tuple(f"{package}." for package in packages)
	return {text for text in _texts(hooks) if DOTTED.fullmatch(text) and text.startswith(starts)}


def unresolved(path: str) -> str | None:
	"""Return what is wrong with a dotted path, None when it names something that can be imported."""
	parts = path.split(".")
	for length in range(len(parts), 0, -1):
		name = ".".join(parts[:length])
		try:
			found: object = importlib.import_module(name)
		except ModuleNotFoundError as error:
			if error.name is None or not f"{name}.".startswith(f"{error.name}."):
				return f"{path}: importing {name} fails, there is no module {error.name}"
			continue
		for part in parts[length:]:
			if not hasattr(found, part):
				return f"{path}: {name} has no {part}"
			found, name = getattr(found, part), f"{name}.{part}"
		return None
	return f"{path}: there is no module {parts[0]}"


def missing_scripts(hooks: dict[str, object], package: Path) -> list[str]:
	"""Return the scripts that hooks name by their path inside the package and that are not there."""
	named = (text for key, value in hooks.items() if ASSET_HOOKS.fullmatch(key) for text in _texts(value))
	return [f"{text}: no such file" for text in named if "/" in text and not (package / text).exists()]


def patch_modules(patches: str) -> list[str]:
	"""Return the modules that a patches.txt lists, without sections, comments and `execute:` lines."""
	lines = (line.split("#", 1)[0].strip() for line in patches.splitlines())
	return [line.split()[0] for line in lines if line and not line.startswith(("[", "execute:"))]


def broken_patches(patches: str) -> list[str]:
	"""Return the problems of a patches.txt: modules that lack `execute`, lines of code that do not compile."""
	problems = [problem for module in patch_modules(patches) if (problem := unresolved(f"{module}.execute"))]
	for line in patches.splitlines():
		if line.startswith("execute:"):
			try:
				compile(line.removeprefix("execute:").split("#", 1)[0], "patches.txt", "exec")
			except SyntaxError as error:
				problems.append(f"{line}: {error.msg}")
	return problems


def commented_code(source: str) -> list[str]:
	"""Return the comments that are code somebody switched off: the scaffolding of a new app."""
	problems = []
	for token in tokenize.generate_tokens(io.StringIO(source).readline):
		if token.type != tokenize.COMMENT:
			continue
		text = token.string.lstrip("# ").strip()
		if _is_code(text):
			problems.append(f"line {token.start[0]}: {token.string} is code in a comment")
	return problems


def _is_code(text: str) -> bool:
	opened = text.rstrip("[{(")
	return any(_does_something(candidate) for candidate in (text, f"{opened}0", f"{{{text}}}"))


def _does_something(text: str) -> bool:
	try:
		tree = ast.parse(text)
	except SyntaxError:
		return False
	telling = (ast.Assign, ast.AnnAssign, ast.Call, ast.Import, ast.ImportFrom)
	entries = (node for node in ast.walk(tree) if isinstance(node, ast.Dict))
	return any(isinstance(node, telling) for node in ast.walk(tree)) or any(entry.keys for entry in entries)


def _texts(value: object) -> Iterator[str]:
	if isinstance(value, str):
		yield value
	elif isinstance(value, dict):
		for key, item in value.items():
			yield from _texts(key)
			yield from _texts(item)
	elif isinstance(value, list | tuple | set):
		for item in value:
			yield from _texts(item)
