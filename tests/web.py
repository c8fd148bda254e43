"""Requests to the web application itself, inside the transaction of a test.

What a request writes stays for the test to look at and goes with it; what Frappe commits is held back, and what
it rolls back goes no further than the request. Everything else is the application's own: routing, JSON, error
pages, headers.
"""

import inspect
import io
import json
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

import frappe
from werkzeug.datastructures import FileStorage
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

API = "/api/method/"


@dataclass(frozen=True)
class Answer:
	"""What came back: the status, the headers and the body."""

	status: int
	headers: dict[str, str]
	body: bytes
	fault: str = ""
	"""The traceback of an error that nobody foresaw."""

	@property
	def text(self) -> str:
		"""The body as text, JSON with its characters as they are."""
		text = self.body.decode("utf-8", "replace")
		try:
			return json.dumps(json.loads(text), ensure_ascii=False)
		except ValueError:
			return text

	@property
	def message(self) -> object:
		"""What the method returned, or the rows or the document of a resource."""
		given = json.loads(self.body)
		return given.get("message", given.get("data"))

	@property
	def refused(self) -> bool:
		"""Whether the request was turned down, with whatever reason."""
		return self.status >= 400

	@property
	def told(self) -> str:
		"""What the user is told in messages."""
		given = json.loads(self.body)
		return " ".join(
			json.loads(each)["message"] for each in json.loads(given.get("_server_messages", "[]"))
		)


def call(user: str, method: str, /, http: str = "POST", files: dict | None = None, **given: object) -> Answer:
	"""Call a whitelisted *method* as *user*; what is no text is sent as JSON. *files*: field -> (name, bytes)."""
	return request(user, http, API + method, files=files, **given)


def request(user: str, http: str, path: str, /, files: dict | None = None, **given: object) -> Answer:
	"""Send a request as *user* and return the answer."""
	sent = {
		key: value if isinstance(value, str) else json.dumps(value, default=str)
		for key, value in given.items()
	}
	for key, (name, content) in (files or {}).items():
		sent[key] = FileStorage(io.BytesIO(content), filename=name)
	where = {"query_string" if http in ("GET", "HEAD", "DELETE") else "data": sent}
	builder = EnvironBuilder(path, method=http, headers={"Accept": "application/json"}, **where)
	try:
		return _answer(user, Request(builder.get_environ()))
	finally:
		builder.close()


def _answer(user: str, incoming: Request) -> Answer:
	from frappe import app

	before, language = frappe.session.user, frappe.local.lang
	respond = inspect.unwrap(app.application)
	faults = []
	with (
		_held_back(),
		patch.object(app, "init_request", lambda of: _begin(user, of)),
		patch.object(app, "log_error_snapshot", lambda error: faults.append(_trace(error))),
	):
		try:
			response = respond(incoming)
			if not isinstance(response, Response):
				response = response.get_response(incoming.environ)
			response.direct_passthrough = False
			return Answer(response.status_code, dict(response.headers), response.get_data(), "".join(faults))
		finally:
			del frappe.local.request
			frappe.local.lang = language
			frappe.set_user(before)


def _trace(error: Exception) -> str:
	return "".join(traceback.format_exception(error))


def _begin(user: str, incoming: Request) -> None:
	"""As Frappe begins a request, on the connection and the settings that the test has."""
	from frappe import app

	frappe.local.request = incoming
	frappe.set_user(user)
	frappe.local.is_ajax = False
	frappe.local.lang = "zh"
	frappe.local.response = frappe._dict(docs=[])
	frappe.local.message_log = []
	frappe.local.error_log = []
	frappe.local.role_permissions = {}
	frappe.local.grid_rights = {}
	frappe.local.flags.commit = False
	incoming.max_content_length = frappe.utils.cint(frappe.conf.max_file_size) or 10 * 1024 * 1024
	app.make_form_dict(incoming)
	for path in frappe.get_hooks("before_request"):
		frappe.call(path)


@contextmanager
def _held_back() -> Iterator[None]:
	"""Keep the transaction: commits wait for ever, a rollback goes back to where the request began."""
	database = frappe.local.db
	own = {name: database.__dict__.get(name) for name in ("commit", "rollback", "close")}
	roll_back = type(database).rollback
	database.savepoint("request")
	database.commit = lambda: None
	database.rollback = lambda *, save_point=None: roll_back(database, save_point=save_point or "request")
	database.close = lambda: None
	try:
		with patch("frappe.api.validate_auth", lambda: None), patch("frappe.destroy", lambda: None):
			yield
	finally:
		for name, value in own.items():
			database.__dict__.pop(name, None)
			if value is not None:
				setattr(database, name, value)
