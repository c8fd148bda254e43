"""A PDF is made of what is printed: the program that makes it takes no orders from the page and asks nobody else."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from frappe.utils import get_url

NOBODY = "http://127.0.0.1:9"
"""The way to every host but the site's own: the port that throws away whatever it is told (RFC 863), if it listens."""


def pdf_of_own_site(
	stock: Callable[..., Any], html: str, options: dict[str, Any] | None = None, output: Any = None
) -> Any:
	"""Make a PDF whose pictures and styles come from this site only.

	Whoever is signed in may have any page made into a PDF, and would read in it what other hosts answer this one.
	"""
	own = urlsplit(get_url()).hostname or ""
	return stock(html, {**(options or {}), "proxy": NOBODY, "bypass-proxy-for": own}, output)


def no_options(stock: Callable[..., dict[str, str]], kit: object, content: str) -> dict[str, str]:
	"""Answer that a page names no options: pdfkit would read files of this machine for one that names them."""
	return {}
