"""What the repository may hold."""

import json
import re
from collections.abc import Iterator

TARGET = re.compile(r"^([A-Za-z][\w.-]*)\s*:(?!=)", re.MULTILINE)
PROMISED = re.compile(r"(?<![\w-])make ((?:[A-Z_]+=\S+ )*)([a-z][\w-]*)")
CODE = re.compile(r"`([^`\n]+)`|^(?:\t| {4})?\$? ?(make [^\n]+)$", re.MULTILINE)
HOME_OF_ONE_MACHINE = re.compile(r"(?<![\w.~/-])/(?:root|work|home/(?!frappe\b)\w+)/[\w.]")
ADDRESS_KEYS = {"resolved", "tarball", "registry"}


def make_targets(makefile: str) -> set[str]:
	"""Return the targets that a Makefile has."""
	return set(TARGET.findall(makefile))


def promised_targets(text: str) -> set[str]:
	"""Return the targets that code in a Markdown text asks to make."""
	found = set()
	for inline, line in CODE.findall(text):
		found |= {target for _, target in PROMISED.findall(inline or line)}
	return found


def missing_targets(text: str, makefile: str) -> list[str]:
	"""Every `make …` of a text is there to be typed."""
	return [
		f"there is no `make {target}`" for target in sorted(promised_targets(text) - make_targets(makefile))
	]


def machine_paths(text: str) -> list[str]:
	"""No path of the machine something was written on."""
	return [f"names {match.group()}…" for match in HOME_OF_ONE_MACHINE.finditer(text)]


def registry_addresses(lock: str) -> list[str]:
	"""A lock file says what and with which digest, not from which mirror: that is each network's own affair."""
	try:
		content = json.loads(lock)
	except ValueError:
		return [
			f"names {line.strip()}"
			for line in lock.splitlines()
			if re.search(r"(index-url|https?://\S+/simple)", line)
		]
	return [f"{key} is fixed to {value}" for key, value in _addresses(content)]


def _addresses(content: object) -> Iterator[tuple[str, str]]:
	if isinstance(content, dict):
		for key, value in content.items():
			if isinstance(value, str) and key in ADDRESS_KEYS and "://" in value:
				yield key, value
			else:
				yield from _addresses(value)
	elif isinstance(content, list):
		for item in content:
			yield from _addresses(item)
