"""What browser tests share: Chromium, windows for persons, the demo township and its records.

They run against the web server of the tests' own site (TEST_URL), on rows that are committed: the demo
township is loaded before the first test and removed after the last one. Pictures go to tests/output.
"""

import os
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, sync_playwright

from tests.browser.screen import DESK, PHONE, Device, Screen
from tests.conftest import of_this_process

SHOTS = Path(__file__).resolve().parent.parent / "output"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = (
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
	# A name that is no loopback name is never looked up, whatever a page asks for.
	"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


@dataclass(frozen=True)
class Person:
	"""An account of the demo township, with the role and the grid of its post."""

	user: str
	password: str
	full_name: str
	role: str
	grid: str
	grid_name: str
	grid_path: str


class Records:
	"""Reads what other processes have committed on the test site."""

	def rows(self, doctype: str, filters: dict, *fields: str, order_by: str = "creation asc") -> list[dict]:
		"""Rows of a DocType, past all permissions, as they are committed now."""
		import frappe

		frappe.db.rollback()
		return frappe.get_all(doctype, filters=filters, fields=list(fields) or ["name"], order_by=order_by)

	def one(self, doctype: str, filters: dict, *fields: str) -> dict:
		"""The only row; an assertion when there are none or several."""
		found = self.rows(doctype, filters, *fields)
		assert len(found) == 1, f"{len(found)} rows of {doctype} with {filters}"
		return found[0]

	def seeded(self, key: str) -> str:
		"""The name that a seeded record has on this site: `workflow_state/reported` -> 已上报."""
		from grid_governance.setup import seeds

		return seeds.name_of(key)


class Township:
	"""The demo township's people."""

	def __init__(self, people: list[Person]) -> None:
		self.people = people

	def holder(self, role: str, above: str | None = None, at: str | None = None) -> Person:
		"""A person with a role; *above* a path: whose grid covers it, *at* a grid: of exactly this one."""
		for person in self.people:
			covers = above is None or above.startswith(person.grid_path)
			if person.role == role and covers and (at is None or person.grid == at):
				return person
		raise AssertionError(f"nobody in the demo township is {role} (above {above}, at {at})")

	def stranger(self, member: Person) -> Person:
		"""A grid member of another grid."""
		return next(p for p in self.people if p.role == member.role and p.grid != member.grid)


@pytest.fixture(scope="session")
def address() -> str:
	"""Where the tests' own site is served; every test fails at once when nobody serves it."""
	url = of_this_process("TEST_URL") or "http://127.0.0.1:8002"
	opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
	try:
		opener.open(f"{url}/login", timeout=60).close()
	except OSError as error:
		pytest.fail(f"{url} does not serve the tests' own site ({error}): run `make test`.", pytrace=False)
	return url


@pytest.fixture(scope="session")
def admin_password() -> str:
	"""The Administrator's password on the tests' own site."""
	return os.environ.get("TEST_ADMIN_PASSWORD") or "admin"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
	"""One Chromium for all tests."""
	if not Path(CHROMIUM).exists():
		pytest.fail(f"There is no Chromium at {CHROMIUM}: apt-get install chromium, or set CHROMIUM.")
	with sync_playwright() as playwright:
		chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
		yield chromium
		chromium.close()


@pytest.fixture(scope="session")
def records(site: str) -> Records:
	"""What is committed on the test site."""
	return Records()


@pytest.fixture(scope="session")
def township(site: str, records: Records) -> Iterator[Township]:
	"""The demo township, loaded for these tests and removed after them."""
	import frappe

	from grid_governance.setup import demo

	frappe.set_user("Administrator")
	demo.remove()  # left over from a run that was killed
	demo.load()
	frappe.db.commit()
	try:
		yield Township(_people(records, demo.accounts()))
	finally:
		frappe.db.rollback()
		frappe.set_user("Administrator")
		demo.remove()
		frappe.db.commit()


@pytest.fixture
def window(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Callable[..., Screen]]:
	"""`window(PHONE, person)` opens a window, logged in when a person is given.

	At the end of the test every window is closed, and one in which something went wrong fails it.
	"""
	opened: list[Screen] = []

	def open_window(device: Device, person: Person | None = None) -> Screen:
		screen = Screen(browser, device, address, SHOTS)
		opened.append(screen)
		if person:
			screen.login(person.user, person.password)
		return screen

	yield open_window
	faults = [f"{screen.device.name}: {fault}" for screen in opened for fault in screen.faults]
	for place, screen in enumerate(opened):
		if getattr(request.node, "failed", False):
			screen.shot(f"failed-{request.node.name}-{place}")
		screen.close()
	assert not faults, "\n".join(dict.fromkeys(faults))


@pytest.fixture
def phone(window: Callable[..., Screen]) -> Callable[..., Screen]:
	"""`phone(person)`: 390 px wide, touched by fingers."""
	return lambda person=None: window(PHONE, person)


@pytest.fixture
def desk(window: Callable[..., Screen]) -> Callable[..., Screen]:
	"""`desk(person)`: 1280 px wide, with a mouse."""
	return lambda person=None: window(DESK, person)


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
	"""`picture("路灯不亮")` draws a JPEG of a street lamp at night under this name; *lit*: one that shines."""
	folder = tmp_path_factory.mktemp("pictures")

	def draw(name: str, lit: bool = False) -> Path:
		image = Image.new("RGB", (800, 600), (28, 34, 60))
		pen = ImageDraw.Draw(image)
		pen.rectangle((0, 480, 800, 600), fill=(52, 56, 58))
		pen.rectangle((392, 140, 408, 500), fill=(110, 112, 116))
		pen.rectangle((400, 140, 520, 152), fill=(110, 112, 116))
		pen.ellipse((488, 146, 552, 186), fill=(250, 228, 140) if lit else (64, 66, 72))
		path = folder / f"{name}.jpg"
		image.save(path, "JPEG", quality=85)
		return path

	return draw


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Any:
	"""Tell the windows of a test whether it failed, so that they keep a last picture."""
	report = yield
	if report.when == "call":
		item.failed = report.failed
	return report


def _people(records: Records, accounts: list[dict]) -> list[Person]:
	"""The accounts with the posts that their users hold today."""
	posts = records.rows(
		"Grid Post Assignment",
		{"user": ["in", [account["user"] for account in accounts]]},
		*("user", "role", "grid", "grid_path"),
	)
	by_user = {post["user"]: post for post in posts}
	return [
		Person(
			user=account["user"],
			password=account["password"],
			full_name=account["full_name"],
			role=by_user[account["user"]]["role"],
			grid=by_user[account["user"]]["grid"],
			grid_name=account["grid_name"],
			grid_path=by_user[account["user"]]["grid_path"],
		)
		for account in accounts
		if account["user"] in by_user
	]
