"""What differs between the Frappe versions that this app runs on: the only file that names one."""

from collections.abc import Iterator
from typing import Any


def counted_connections(answer: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
	"""Go through what `get_open_count` counted by a link from elsewhere, as (DocType, row); rows may be changed.

	15.0-dev gives one list of rows that carry the DocType as `name`; 15.x keeps links of the form itself apart.
	"""
	counted = answer["count"]
	if isinstance(counted, dict):
		yield from ((row["doctype"], row) for row in counted["external_links_found"])
	else:
		yield from ((row["name"], row) for row in counted)
