"""Finds English words that a reader of a Chinese screen would see."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

#: An English word: two Latin letters or more. One letter alone is a sign (A-Z sorting, an avatar).
WORD = re.compile(r"[A-Za-z]{2,}")

#: Data in Latin letters: e-mail addresses, addresses of pages, colours, names of records and files.
DATA = re.compile(
	r"""
	[\w.+-]+@[\w-]+(\.[\w-]+)+        # e-mail
	| https?://\S+ | /(app|files|private)/\S*
	| \#[0-9A-Fa-f]{6}\b
	| \b[A-Z]{2,4}-[\d-]+\b           # GI-2026-00001, GW-00001
	| \b(?=\w*\d)[0-9a-f]{10}\b        # names that are drawn by lot
	| [\w()-]*\.(jpg|jpeg|png|pdf|xlsx|csv)\b
	""",
	re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class Allowed:
	"""Words that may stand in English below the elements a CSS selector finds, and why."""

	selector: str
	words: frozenset[str]
	reason: str


def allowed(selector: str, words: str, reason: str) -> Allowed:
	"""An entry of the list; *words* separated by blanks, compared without case."""
	return Allowed(selector, frozenset(words.lower().split()), reason)


#: The whole list of English words on Chinese screens. Keep it short.
ALLOWED = (
	allowed("#navbar-search, .search-bar, .comment-input-container", "Ctrl Enter", "names of keys"),
	allowed(
		"#navbar-breadcrumbs",
		"new grid issue structure import account batch ledger notice",
		"the address of a record that has no name yet",
	),
	allowed("body", "Excel CSV", "the names of a program and of a kind of file, used in Chinese as they are"),
	allowed("input.dt-filter", "Filter based on", "a tooltip that stands as it is in the table library"),
	allowed(
		".timeline-badge", "Upload Delete Workflow", "a tooltip that Frappe makes from the name of the icon"
	),
	allowed(
		"img.null-state", "Generic Empty State", "the text beside a drawing that Frappe does not translate"
	),
	allowed(".navbar-toggler", "Toggle navigation", "a label for screen readers in Frappe's page frame"),
	allowed(".msgprint", "Grid Issue", "Frappe refuses a record by the untranslated name of its DocType"),
)

#: Collects what can be read on the page: texts, placeholders, titles, labels for screen readers, buttons.
#: Returns [{text, kind, where, allowed: [places of the selectors that hold the element]}].
READ = """(selectors) => {
	const found = [];
	const seen = (element) => {
		const drawn = { opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true };
		return element.checkVisibility(drawn) && element.getBoundingClientRect().right > 0;
	};
	const where = (element) => {
		const steps = [];
		for (let node = element; node && node !== document.body && steps.length < 4; node = node.parentElement) {
			const name = node.id ? `#${node.id}` : node.classList.length ? `.${[...node.classList].slice(0, 2).join(".")}` : "";
			steps.unshift(node.localName + name);
		}
		return steps.join(" > ");
	};
	const add = (element, text, kind) => {
		if (!text || !text.trim() || !/[A-Za-z]{2}/.test(text)) return;
		const allowed = selectors.flatMap((selector, place) => (element.closest(selector) ? [place] : []));
		found.push({ text: text.trim().replace(/\\s+/g, " ").slice(0, 200), kind, where: where(element), allowed });
	};
	const skipped = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "CODE", "TITLE"]);
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walker.nextNode()) {
		const element = walker.currentNode.parentElement;
		if (!element || skipped.has(element.tagName) || element.closest("svg, .visually-hidden, .sr-only")) continue;
		const holder = element.tagName === "OPTION" ? element.closest("select") : element;
		if (holder && element.tagName !== "TEXTAREA" && seen(holder)) add(element, walker.currentNode.data, "text");
	}
	for (const kind of ["placeholder", "title", "data-original-title", "aria-label", "alt"]) {
		for (const element of document.querySelectorAll(`[${kind}]`)) {
			if (seen(element)) add(element, element.getAttribute(kind), kind);
		}
	}
	for (const element of document.querySelectorAll("input[type=button], input[type=submit]")) {
		if (seen(element)) add(element, element.value, "button");
	}
	for (const element of document.querySelectorAll("[data-label]")) {
		const shown = getComputedStyle(element, "::before").content;
		if (seen(element) && shown.includes(element.dataset.label)) add(element, element.dataset.label, "data-label");
	}
	return found;
}"""


def selectors() -> list[str]:
	"""The selectors of the list, in its order: what READ takes."""
	return [entry.selector for entry in ALLOWED]


def english(texts: Iterable[dict], data: Iterable[str] = ()) -> list[str]:
	"""The texts with an English word that is neither in the list nor data: one line each, with its place.

	*data* are whole values of records that may stand in Latin letters, such as the name of a user.
	"""
	lines = []
	for text in texts:
		left = text["text"]
		for value in sorted(data, key=len, reverse=True):
			left = left.replace(value, " ")
		left = DATA.sub(" ", left)
		known = frozenset().union(*(ALLOWED[place].words for place in text["allowed"]))
		words = [word for word in WORD.findall(left) if word.lower() not in known]
		if words:
			lines.append(f"{' '.join(words)} — {text['kind']} {text['text']!r} in {text['where']}")
	return list(dict.fromkeys(lines))
