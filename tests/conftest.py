"""What tests share: the test site, a transaction for each test, and ways to look at queries.

`tests/unit` and `tests/contract` need no site. Tests in the folders of `ON_SITE`, and any other test that
asks for `site`, run on `TEST_SITE` (test.localhost) inside a transaction that is rolled back. Where several processes
run tests, `TEST_SITE` and `TEST_URL` name one for each.
"""

import json
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SITES = ROOT / "sites"
DEFAULT_SITE = "test.localhost"
ON_SITE = {"site", "security", "fault"}
LANGUAGE = "en"
"""In which messages are compared, whatever the making of a world has left."""
SLOW_TO_READ = {
	"all_apps",
	"app_hooks",
	"app_modules",
	"db_tables",
	"doctype_meta",
	"installed_apps",
	"is_table",
	"merged_translations",
	"module_app",
	"table_columns",
}
"""Redis keys that outlive a test, since reading DocTypes and translations anew would take most of its time.

A test that changes a DocType, its fields or permissions drops what is kept of this DocType.
"""


class NotATestSiteError(Exception):
	"""The site is missing or one that people work on."""


class CommittedError(AssertionError):
	"""The code under test committed. Committing is the caller's part: the request's or the job's."""


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
	"""The name of the test site, connected as Administrator.

	Refuses a site whose site_config.json does not say ``"allow_tests": true`` or that is in developer
	mode, in which Frappe writes DocTypes back into the app's source.
	"""
	import frappe

	name = site_to_test_on()
	before = Path.cwd()
	os.chdir(SITES)  # Frappe looks for its logs beside the folder it runs in
	frappe.init(site=name, sites_path=str(SITES))
	try:
		frappe.connect()
		frappe.clear_cache()
		for install in ("scope.doors.install", "grid_structure.actions.stock_users.install"):
			frappe.get_attr(f"grid_governance.{install}")()  # as before every request
		yield name
	finally:
		frappe.destroy()
		os.chdir(before)


def site_to_test_on() -> str:
	"""Return the name of this process's test site. Raises NotATestSiteError for one that is missing or not meant for it."""
	name = of_this_process("TEST_SITE") or DEFAULT_SITE
	try:
		config = json.loads((SITES / name / "site_config.json").read_text())
	except FileNotFoundError as error:
		raise NotATestSiteError(f"There is no site {name}. `make test` makes it.") from error
	if not config.get("allow_tests") or config.get("developer_mode"):
		raise NotATestSiteError(
			f'{name} is no test site: its site_config.json needs "allow_tests": true and no developer_mode.'
		)
	return name


def of_this_process(variable: str) -> str | None:
	"""What an environment *variable*, which names one thing for each process, names for this one; the first one runs alone, too."""
	named = os.environ.get(variable, "").split()
	place = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
	if named and place >= len(named):
		raise NotATestSiteError(f"{variable} names {len(named)}, not one for each process: use fewer (`-n`).")
	return named[place] if named else None


@pytest.fixture
def transaction(site: str, request: pytest.FixtureRequest) -> Iterator[None]:
	"""A transaction that is rolled back, with Frappe's caches empty again afterwards.

	A commit fails the test, and what it orders of the workers is dropped, unless it is marked `commits`: then it
	removes what it made itself.
	"""
	import frappe

	flags = frappe.local.flags.copy()
	frappe.local.lang = LANGUAGE
	marked = request.node.get_closest_marker("commits") is not None
	frappe.flags.mute_emails = True
	frappe.db.rollback()
	frappe.set_user("Administrator")
	with _commits_refused(allowed=marked), _jobs_dropped(allowed=marked), _changes_of_doctypes() as changes:
		yield
		frappe.db.rollback()
	frappe.local.flags = flags
	frappe.local.lang = LANGUAGE
	frappe.local.message_log = []
	frappe.set_user("Administrator")
	_forget(keep=() if marked or None in changes else SLOW_TO_READ)
	for doctype in changes - {None}:
		frappe.clear_cache(doctype=doctype)


@pytest.fixture(autouse=True)
def _on_site(request: pytest.FixtureRequest) -> None:
	"""Give every test of the site's folders, and every test that uses the site, its transaction."""
	folder = request.node.path.relative_to(ROOT / "tests").parts[0]
	if folder in ON_SITE or "site" in request.fixturenames:
		request.getfixturevalue("transaction")


@pytest.fixture
def as_user(site: str) -> Callable[[str], AbstractContextManager[None]]:
	"""`with as_user("someone@example.com"):` acts as that user and returns to the one before."""
	import frappe

	@contextmanager
	def switch(user: str) -> Iterator[None]:
		before = frappe.session.user
		frappe.set_user(user)
		try:
			yield
		finally:
			frappe.set_user(before)

	return switch


@pytest.fixture
def count_queries(site: str) -> Callable[[], AbstractContextManager[SimpleNamespace]]:
	"""`with count_queries() as seen:` collects the SQL of the block in `seen.queries`, its number in `seen.count`."""
	import frappe

	@contextmanager
	def watch() -> Iterator[SimpleNamespace]:
		seen = SimpleNamespace(queries=[], count=0)
		run = frappe.db.sql

		def watched(*args: Any, **kwargs: Any) -> Any:
			answer = run(*args, **kwargs)
			if kwargs.get("run", True):
				seen.queries.append(str(frappe.db.last_query))
				seen.count += 1
			return answer

		frappe.db.sql = watched
		try:
			yield seen
		finally:
			frappe.local.db.__dict__.pop("sql", None)

	return watch


@pytest.fixture
def explain(site: str) -> Callable[..., list[dict[str, Any]]]:
	"""`explain(sql, values)` returns the rows of MariaDB's plan: type, key, rows, Extra …"""
	import frappe

	def plan(sql: str, values: Any = ()) -> list[dict[str, Any]]:
		return frappe.db.sql(f"explain {sql}", values, as_dict=True)

	return plan


@contextmanager
def _commits_refused(allowed: bool) -> Iterator[None]:
	import frappe

	database = frappe.local.db

	def refuse(*args: Any, **kwargs: Any) -> None:
		raise CommittedError("the code under test committed; mark the test `commits` if it has to")

	if not allowed:
		database.commit = refuse
	try:
		yield
	finally:
		database.__dict__.pop("commit", None)


@contextmanager
def _jobs_dropped(allowed: bool) -> Iterator[None]:
	"""Keep jobs from the workers, which would look for rows that are never committed.

	What a worker reads of a DocType meanwhile, it leaves in Redis, and the test would go on without its own changes.
	"""
	from frappe.utils import background_jobs

	get_queue = background_jobs.get_queue
	if not allowed:
		dropped = SimpleNamespace(enqueue_call=lambda *args, **kwargs: None)
		background_jobs.get_queue = lambda *args, **kwargs: dropped
	try:
		yield
	finally:
		background_jobs.get_queue = get_queue


@contextmanager
def _changes_of_doctypes() -> Iterator[set[str | None]]:
	"""Note for which DocTypes Frappe dropped what it knows of them: their definition was changed. None is for all."""
	from frappe import cache_manager

	changes: set[str | None] = set()
	drop = cache_manager.clear_doctype_cache

	def noted(doctype: str | None = None) -> None:
		changes.add(doctype)
		drop(doctype)

	cache_manager.clear_doctype_cache = noted
	try:
		yield changes
	finally:
		cache_manager.clear_doctype_cache = drop


def _forget_everything() -> None:
	"""Drop all that Frappe keeps in this process and in Redis."""
	_forget(keep=())


def _forget(keep: Collection[str]) -> None:
	"""Drop what Frappe keeps in this process and in Redis, save the keys of `keep`.

	All of it may come from rows that are rolled back now.
	"""
	import frappe
	from frappe.utils import caching

	kept = {frappe.cache.make_key(key) for key in keep}
	frappe.cache.delete_value([key for key in frappe.cache.get_keys("") if key not in kept], make_keys=False)
	frappe.db.value_cache.clear()
	caching._SITE_CACHE.clear()
	for name in ("system_settings", "website_settings", "request_cache", "grid_rights"):
		if hasattr(frappe.local, name):
			delattr(frappe.local, name)
	frappe.local.cache = {key: value for key, value in frappe.local.cache.items() if key in kept}
	frappe.local.role_permissions = {}
