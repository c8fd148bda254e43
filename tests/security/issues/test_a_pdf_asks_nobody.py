"""A finished PDF holds no file of this machine, and making it asks no address that a text names."""

import io
import socket
import threading
from collections.abc import Callable, Iterator

import frappe
import pytest
from pypdf import PdfReader

from tests.factories import make_issue
from tests.security.issues.conftest import ANSWER, TAKE_STEP, step
from tests.web import Answer, call

LEAK = "FILE-OF-THE-MACHINE"
PDF = "frappe.utils.print_format.download_pdf"
REPORT = "frappe.utils.print_format.report_to_pdf"


class Listener:
	"""A port of this machine that notes what it is asked."""

	def __init__(self) -> None:
		self.asked: list[str] = []
		self._socket = socket.create_server(("127.0.0.1", 0))
		self.port = self._socket.getsockname()[1]
		threading.Thread(target=self._listen, daemon=True).start()

	def _listen(self) -> None:
		while True:
			try:
				asking, _address = self._socket.accept()
			except OSError:
				return
			with asking:
				self.asked.append(asking.recv(4096).split(b"\r\n")[0].decode("latin-1"))
				asking.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

	def close(self) -> None:
		self._socket.close()


@pytest.fixture
def listener(monkeypatch) -> Iterator[Listener]:
	"""A port on the loopback, of a site that has a name of its own as in a township."""
	monkeypatch.setitem(frappe.local.conf, "host_name", "http://grid.invalid")
	found = Listener()
	yield found
	found.close()


ELEMENTS = {
	"frame of a file": "<iframe src='{file}'></iframe>",
	"object of a file": "<object data='{file}' width=500 height=100></object>",
	"object of a folder said to be open": "<meta name='pdfkit-allow' content='{folder}'><object data='{file}' width=500 height=100></object>",
	"file said to be open": "<meta name='pdfkit-enable-local-file-access' content=''><object data='{file}' width=500 height=100></object>",
	"style of a file": "<link rel=stylesheet href='{file}'><embed src='{file}'>",
	"script": "<script>document.write('<iframe src={file}></iframe><img src={asked}/script>')</script>",
	"picture": "<img src={asked}/picture>",
	"frame": "<iframe src={asked}/frame></iframe>",
	"style sheet": "<link rel=stylesheet href={asked}/sheet>",
	"style": "<style>@import '{asked}/import'; p {{ background: url({asked}/style) }}</style>",
	"style of an element": "<p style='background: url({asked}/attribute)'>x</p>",
	"drawing": "<svg width=9 height=9><image xlink:href='{asked}/drawing' width=9 height=9 /></svg>",
	"other page": "<meta http-equiv=refresh content='0;url={asked}/other'>",
	"other name of this machine": "<img src={named}/picture>",
}
"""Elements that read a file of this machine or ask it something."""


@pytest.fixture
def elements(listener, tmp_path) -> dict[str, str]:
	"""`ELEMENTS` of a file that is there and a port that listens."""
	file = tmp_path / "settings.txt"
	file.write_text(LEAK)
	places = {
		"file": file.as_uri(),
		"folder": str(tmp_path),
		"asked": f"http://127.0.0.1:{listener.port}",
		"named": f"http://localhost:{listener.port}",
	}
	return {name: element.format(**places) for name, element in ELEMENTS.items()}


def read(content: bytes) -> str:
	return "".join(each.extract_text() for each in PdfReader(io.BytesIO(content)).pages)


def checked(content: bytes, listener: Listener) -> str:
	"""The text of a PDF that told nothing and asked nobody."""
	text = read(content)
	assert LEAK not in text
	assert listener.asked == []
	return text


@pytest.fixture
def prints(world, elements) -> dict[str, Callable[[str], bytes]]:
	"""What an issue and its referral are printed as, with the elements in every text as no save would leave them."""
	frappe.set_user(world.member)
	issue = make_issue(world.grid, category=world.category).name
	for user, given in (
		(world.member, {"action": step("submit-to-village")}),
		(world.secretary, {"action": step("refer"), "lead_department": world.department}),
	):
		assert call(user, TAKE_STEP, issue=issue, **given).status == 200
	frappe.set_user("Administrator")
	referral = frappe.db.get_value("Issue Referral", {"issue": issue})
	answer = call(world.officer, ANSWER, referral=referral, action=step("referral-answer"), opinion="查过")
	assert answer.status == 200, answer.fault or answer.text
	page = "".join(element for name, element in elements.items() if name != "other page")
	frappe.db.set_value("Grid Issue", issue, dict.fromkeys(("description", "result", "feedback"), page))
	frappe.db.set_value("Issue Referral", referral, dict.fromkeys(("opinion", "returned_reason"), page))
	frappe.db.set_value("Issue Log", {"issue": issue}, "opinion", page)

	def printed(doctype: str, name: str) -> Callable[[str], bytes]:
		return lambda print_format: _sent(
			call("Administrator", PDF, http="GET", doctype=doctype, name=name, format=print_format)
		)

	return {"Grid Issue": printed("Grid Issue", issue), "Issue Referral": printed("Issue Referral", referral)}


def _sent(answer: Answer) -> bytes:
	assert answer.status == 200, answer.fault or answer.text
	return answer.body


@pytest.mark.parametrize("doctype", ["Grid Issue", "Issue Referral"])
def test_nothing_typed_into_an_issue_reads_a_file(prints, listener, doctype):
	shipped = frappe.get_all("Print Format", {"doc_type": doctype, "disabled": 0}, pluck="name")
	assert shipped
	for print_format in shipped:
		assert "<iframe" in checked(prints[doctype](print_format), listener), "the sheet shows what was typed"
	checked(prints[doctype]("Standard"), listener)


@pytest.mark.parametrize("element", ELEMENTS)
def test_nor_does_a_page_that_anybody_sends(world, listener, elements, element):
	"""The print of a report is made into a PDF as the browser sends it."""
	answer = call(world.member, REPORT, html=f"<p>报表</p>{elements[element]}", orientation="Landscape")
	if answer.status == 200:
		assert "报表" in checked(answer.body, listener)
	assert LEAK not in answer.text
	assert listener.asked == []


def test_it_shows_the_pictures_of_this_site(world, listener, monkeypatch):
	"""What is closed to other hosts is open to the site's own."""
	monkeypatch.setitem(frappe.local.conf, "host_name", f"http://127.0.0.1:{listener.port}")
	answer = call(world.member, REPORT, html="<img src='/files/seal.png'>")
	assert answer.status == 200, answer.fault
	assert listener.asked == ["GET /files/seal.png HTTP/1.1"]
