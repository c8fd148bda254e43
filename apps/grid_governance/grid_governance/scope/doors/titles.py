"""What a linked record is called: a household or a person outside the reader's scope is not named by what links to it."""

from collections.abc import Callable
from typing import Any

from grid_governance.scope.doors.wrappers import readable
from grid_governance.scope.registry import TITLED_BY_PEOPLE


def in_form(stock: Callable[..., None], link_titles: dict[str, str]) -> None:
	"""Send with a form no name of a person or household that lies outside the reader's scope."""
	stock(of_readers_own(link_titles))


def in_print(stock: Callable[..., None], doc: Any) -> None:
	"""Print no name of a person or household that lies outside the reader's scope."""
	stock(doc)
	kept = of_readers_own(doc.get("__link_titles"))
	for key in set(doc.get("__link_titles")) - set(kept):
		kept[key] = ""  # Frappe prints the name of the record where it knows no title
	setattr(doc, "__link_titles", kept)


def of_readers_own(titles: dict[str, str]) -> dict[str, str]:
	"""Return *titles*, by ``DocType::name``, without those that are people's names and not the reader's to know."""
	asked: dict[str, set[str]] = {}
	for key in titles:
		doctype, _sep, name = key.partition("::")
		if doctype in TITLED_BY_PEOPLE:
			asked.setdefault(doctype, set()).add(name)
	allowed = {doctype: readable(doctype, names) for doctype, names in asked.items()}
	return {
		key: title
		for key, title in titles.items()
		if (at := key.partition("::"))[0] not in allowed or at[2] in allowed[at[0]]
	}
