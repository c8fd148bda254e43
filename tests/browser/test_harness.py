"""The watch over pages sees what it is there for."""

import pytest

from tests.browser.wording import english


def test_a_request_that_leaves_the_machine_is_a_fault(desk):
	screen = desk()
	screen.page.goto("/login")
	screen.page.evaluate("fetch('https://tile.example.org/1/2/3.png').catch(() => null)")
	screen.settle()
	assert any("leaves the machine: https://tile.example.org/1/2/3.png" in fault for fault in screen.faults)
	screen.allow("tile.example.org")
	screen.allow("net::ERR")


def test_an_error_of_a_script_is_a_fault(desk):
	screen = desk()
	screen.page.goto("/login")
	screen.page.evaluate("setTimeout(() => { throw new Error('out of order'); })")
	screen.page.evaluate("console.error('also bad')")
	screen.settle()
	assert any("out of order" in fault for fault in screen.faults)
	assert any("also bad" in fault for fault in screen.faults)
	screen.allow("out of order")
	screen.allow("also bad")


def test_english_is_found_wherever_it_can_be_read(desk):
	screen = desk()
	screen.page.goto("/login")
	screen.page.evaluate(
		"""document.body.innerHTML = `
			<p>街灯 <b>Broken</b></p><p style="display:none">Hidden</p><p style="visibility:hidden">Unseen</p>
			<input placeholder="Search" value="Typed"><a title="Open">开</a><input type="submit" value="Send">
			<select><option>Patrol</option></select><textarea>Written</textarea>`"""
	)
	found = " ".join(line.split(" — ")[0] for line in screen.english())
	assert found.split() == ["Broken", "Patrol", "Search", "Open", "Send"]


@pytest.mark.parametrize(
	"text",
	[
		"GI-2026-00001",
		"wang@example.com",
		"A",
		"#2E8B57",
		"6847cbda69",
		"灯.jpg",
		"花名册db57ab.xlsx",
		"3 m",
		"/app/grid-issue/GI-2026-00001",
	],
)
def test_data_is_no_english(text):
	assert english([{"text": text, "kind": "text", "where": "p", "allowed": []}]) == []


@pytest.mark.parametrize("text", ["Not Saved", "网格 Grid", "Saved GI-2026-00001", "wang@example.com wrote"])
def test_words_beside_data_are_english(text):
	assert len(english([{"text": text, "kind": "text", "where": "p", "allowed": []}])) == 1


def test_names_of_people_are_data():
	text = {"text": "Wang Li 已上报", "kind": "text", "where": "p", "allowed": []}
	assert english([text], ["Wang Li"]) == []
