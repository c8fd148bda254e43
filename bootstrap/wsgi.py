"""The web application: Frappe's own, with the files a browser asks for, and no debugger.

Runs in sites/, as Frappe expects. The front server names the site in a header and serves files by
itself; where there is no front server this module does both, so the bench works without one.
"""

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

import frappe.app
from werkzeug.exceptions import NotFound
from werkzeug.middleware.shared_data import SharedDataMiddleware

SITES = os.path.abspath(os.environ.get("SITES_PATH", "."))
SITE_HEADER = "HTTP_X_FRAPPE_SITE_NAME"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def choose_site(app: Application, sites: str = SITES) -> Application:
	"""Name the site of a request: the header's, else the host's, else the bench's default site."""

	def chosen(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
		site = environ.get(SITE_HEADER) or environ.get("HTTP_HOST", "").split(":", 1)[0]
		if not _is_site(sites, site):
			site = default_site(sites)
		if not site:
			return NotFound()(environ, start_response)
		environ[SITE_HEADER] = site
		return app(environ, start_response)

	return chosen


def site_files(app: Application, sites: str = SITES) -> Application:
	"""Serve a site's public files below /files, each request from its own site's folder."""

	def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
		folder = os.path.join(sites, environ[SITE_HEADER], "public", "files")
		return SharedDataMiddleware(app, [("/files", folder)])(environ, start_response)

	return served


def default_site(sites: str = SITES) -> str:
	"""The default site: DEFAULT_SITE of the environment, else the bench's; empty when there is none."""
	if named := os.environ.get("DEFAULT_SITE"):
		return named
	with open(os.path.join(sites, "common_site_config.json"), encoding="utf-8") as source:
		return str(json.load(source).get("default_site") or "")


def _is_site(sites: str, name: str) -> bool:
	return bool(name) and os.sep not in name and os.path.isfile(os.path.join(sites, name, "site_config.json"))


_with_assets = SharedDataMiddleware(frappe.app.application, [("/assets", os.path.join(SITES, "assets"))])
application = choose_site(site_files(_with_assets))
