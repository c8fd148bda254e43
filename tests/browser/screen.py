"""A person's browser window, and what must never happen in it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Locator, Page, Response

from tests.browser import wording

#: Hosts that are this machine. A request to any other leaves it.
THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}
#: Milliseconds an element or an answer may take; a cold cache on a loaded machine needs most of it.
PATIENCE = 30_000

#: Messages on the console that are no fault of a page, by a part of their text, each with its reason.
CONSOLE = (("initHighlighting() is deprecated", "a note of the highlighting library to its callers"),)

#: True when nothing is on its way any more: no call of the desk, no picture, no moving dialog.
SETTLED = """() => {
	if (document.readyState !== "complete") return false;
	if (window.jQuery && (jQuery.active || jQuery(":animated").length)) return false;
	if (window.frappe && frappe.request && frappe.request.ajax_count) return false;
	const moves = (one) => one.playState === "running" && one.effect.getComputedTiming().endTime < 5000;
	if (document.getAnimations().some(moves)) return false;
	const busy = "#freeze.in, .modal.fade:not(.show)[style*='display: block'], .layout-main .skeleton";
	return ![...document.querySelectorAll(busy)].some((element) => element.checkVisibility());
}"""

#: True when a dialog has come up whole: one that still fades in ignores being closed.
SHOWN_WHOLE = """(dialog) => !$(dialog).data("bs.modal")?._isTransitioning"""


@dataclass(frozen=True)
class Device:
	"""The size and kind of a window."""

	name: str
	options: dict[str, Any]


PHONE = Device(
	"phone",
	{
		"viewport": {"width": 390, "height": 844},
		"has_touch": True,
		"is_mobile": True,
		"device_scale_factor": 2,
		"user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
		"Chrome/120.0.0.0 Mobile Safari/537.36",
	},
)
DESK = Device("desk", {"viewport": {"width": 1280, "height": 800}})


class Screen:
	"""One window of one person.

	Everything that went wrong in it is kept in `faults`: requests that left the machine, errors on the
	console, exceptions of scripts, answers of the server with an error. `allow` takes an expected one out.
	"""

	def __init__(self, browser: Browser, device: Device, address: str, shots: Path) -> None:
		self.device = device
		self.address = address.rstrip("/")
		self.shots = shots
		self.faults: list[str] = []
		self.data: set[str] = set()
		self._expected = [text for text, _ in CONSOLE]
		self._context = browser.new_context(
			locale="zh-CN", timezone_id="Asia/Shanghai", base_url=self.address, **device.options
		)
		self._context.set_default_timeout(PATIENCE)
		self._context.on("page", self._watch)
		self.page: Page = self._context.new_page()

	# What a person does

	def login(self, user: str, password: str) -> None:
		"""Type name and password on the login page and wait for the desk."""
		self.page.goto("/login")
		self.page.fill("#login_email", user)
		self.page.fill("#login_password", password)
		self.tap(self.page.locator(".form-login .btn-login"))
		self.page.wait_for_url(re.compile(r"/app"))
		self.page.wait_for_selector(".page-head:visible")
		self.data |= {user, *self._own_names()}
		self.settle()

	def go(self, route: str) -> None:
		"""Open an address of the desk, for example ``grid-issue``, and wait until it stands."""
		self.page.goto(f"/app/{route}")
		self.page.wait_for_selector(".page-head:visible, .msgprint:visible, .page-card:visible")
		self.settle()

	def tap(self, target: Locator) -> None:
		"""Tap on a phone, click at a desk."""
		if self.device.options.get("has_touch"):
			target.tap()
		else:
			target.click()

	def settle(self) -> None:
		"""Wait until nothing is on its way any more, twice in a row."""
		for _ in range(2):
			self.page.wait_for_function(SETTLED)
			self.page.wait_for_timeout(250)

	# The desk's parts

	def control(self, fieldname: str) -> Locator:
		"""The visible control of a field, in a dialog when one is open."""
		return self._front().locator(f'.frappe-control[data-fieldname="{fieldname}"]:visible').first

	def type(self, fieldname: str, text: str) -> None:
		"""Write into a text field and leave it."""
		box = self.control(fieldname).locator("input:visible, textarea:visible").first
		box.fill(text)
		box.blur()

	def choose(self, fieldname: str, typed: str, shown: str) -> None:
		"""Search a link field and take the entry that shows a text."""
		box = self.control(fieldname).locator("input:visible").first
		self.tap(box)
		box.fill("")
		box.press_sequentially(typed, delay=30)
		entry = self.page.locator(".awesomplete > ul:visible > li", has_text=shown).first
		entry.wait_for()
		entry.click()
		self.settle()

	def attach(self, fieldname: str, picture: Path) -> None:
		"""Choose a picture through the field's button, as a phone's camera or album hands it over."""
		with self.page.expect_file_chooser() as chooser:
			self.tap(self.control(fieldname).locator(".btn-attach"))
		chooser.value.set_files(picture)
		self.control(fieldname).locator(".attached-file-link").wait_for()
		self.settle()

	def save(self) -> None:
		"""Press the button that saves the form."""
		self.tap(self.page.locator(".page-actions .primary-action:visible"))
		self.settle()

	def steps(self) -> list[str]:
		"""The steps of the workflow that the form offers, in order."""
		self.tap(self.page.locator(".actions-btn-group:visible > button").first)
		menu = self.page.locator(".actions-btn-group:visible .dropdown-menu.show")
		menu.wait_for()
		texts = [text.strip() for text in menu.locator(".dropdown-item:visible").all_inner_texts()]
		self.page.keyboard.press("Escape")
		return texts

	def step(self, action: str) -> None:
		"""Choose a step of the workflow; its dialog opens."""
		self.tap(self.page.locator(".actions-btn-group:visible > button").first)
		self.tap(
			self.page.locator(".actions-btn-group:visible .dropdown-item:visible", has_text=action).first
		)
		self.page.locator(".modal.show .modal-footer .btn-primary:visible").wait_for()
		self.settle()

	def confirm(self) -> None:
		"""Press the dialog's main button and wait until it is gone."""
		dialog = self.page.locator(".modal.show").last
		self.page.wait_for_function(SHOWN_WHOLE, arg=dialog.element_handle())
		self.tap(
			dialog.locator(".modal-footer .btn-primary:visible, .modal-header .btn-primary:visible").first
		)
		dialog.wait_for(state="hidden")
		self.settle()

	def dismiss(self, content: Locator) -> None:
		"""Close the dialog that shows *content* by its cross and wait until it is gone."""
		dialog = self.page.locator(".modal.show", has=content)
		self.page.wait_for_function(SHOWN_WHOLE, arg=dialog.element_handle())
		self.tap(dialog.locator(".btn-modal-close"))
		content.wait_for(state="hidden")
		self.settle()

	def rows(self) -> list[str]:
		"""The names of the records that a list shows."""
		self.settle()
		boxes = self.page.locator(".frappe-list:visible .list-row .list-row-checkbox")
		return boxes.evaluate_all("all => all.map((box) => box.dataset.name)")

	def call(self, method: str, **arguments: object) -> dict:
		"""Ask the server the way the desk's scripts do, as this person.

		Returns ``{"status": int, "message": ...}``; a refusal is no fault here.
		"""
		return self.page.evaluate(
			"""async ([method, args]) => {
				const answer = await fetch(`/api/method/${method}`, {
					method: "POST",
					headers: { "X-Frappe-CSRF-Token": frappe.csrf_token, "Content-Type": "application/json" },
					body: JSON.stringify(args),
				});
				const body = await answer.json().catch(() => ({}));
				return { status: answer.status, message: body.message };
			}""",
			[method, arguments],
		)

	# What a test asks

	def allow(self, text: str) -> None:
		"""Take a message that this test provokes out of the faults, by a part of its text."""
		self._expected.append(text)
		self.faults = [fault for fault in self.faults if text not in fault]

	def shot(self, name: str, whole: bool = False) -> Path:
		"""Keep a picture of the window (*whole*: of the whole page); its path."""
		path = self.shots / f"{name}-{self.device.name}.png"
		path.parent.mkdir(parents=True, exist_ok=True)
		self.page.screenshot(path=path, full_page=whole)
		return path

	def english(self) -> list[str]:
		"""English words that can be read on the page now, with their places."""
		return wording.english(self.page.evaluate(wording.READ, wording.selectors()), self.data)

	def look(self, name: str) -> None:
		"""Keep a picture. It is a fault when one can read English, or has to scroll sideways."""
		self.settle()
		self.shot(name)
		self.faults += [f"English on {name}: {line}" for line in self.english()]
		wider = self.page.evaluate(
			"document.documentElement.scrollWidth - document.documentElement.clientWidth"
		)
		if wider > 1:
			self.faults.append(f"{name} is {wider} px wider than the window")

	def close(self) -> None:
		"""Close the window; what went wrong stays in `faults`."""
		self._context.close()

	# Watching

	def _watch(self, page: Page) -> None:
		page.on("request", lambda request: self._outside(request.url))
		page.on("websocket", lambda socket: self._outside(socket.url))
		page.on("console", self._console)
		page.on("pageerror", lambda error: self._fault(f"script: {error}"))
		page.on("response", self._answer)
		page.on("dialog", self._dialog)

	def _outside(self, url: str) -> None:
		parts = urlsplit(url)
		if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in THIS_MACHINE:
			self._fault(f"request that leaves the machine: {url}")

	def _console(self, message: ConsoleMessage) -> None:
		if message.type == "error":
			self._fault(f"console: {message.text} ({message.location.get('url', '')})")

	def _answer(self, response: Response) -> None:
		if response.status >= 400:
			self._fault(f"answer {response.status}: {response.url}")

	def _dialog(self, dialog: Dialog) -> None:
		self._fault(f"browser's own dialog: {dialog.message}")
		dialog.accept()

	def _fault(self, text: str) -> None:
		if not any(expected in text for expected in self._expected):
			self.faults.append(text)

	def _front(self) -> Locator:
		dialogs = self.page.locator(".modal.show")
		return dialogs.last if dialogs.count() else self.page.locator("body")

	def _own_names(self) -> list[str]:
		return self.page.evaluate(
			"[frappe.session.user, frappe.session.user_fullname, frappe.boot.user.username].filter(Boolean)"
		)


def until(condition: Callable[[], Any], page: Page, seconds: float = 30) -> Any:
	"""Ask again every 200 ms until the answer is true; returns it, or the last one."""
	for _ in range(int(seconds * 5)):
		answer = condition()
		if answer:
			return answer
		page.wait_for_timeout(200)
	return condition()
