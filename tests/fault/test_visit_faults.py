"""Whatever happens while visits come in: each is there once, with everything it did, or not at all."""

import json
import time
from subprocess import Popen
from typing import Any

import pytest

from tests.fault.conftest import SECONDS, AtWork, Server

KILLED = -9
KEY = "0123456789abcdef" * 2


@pytest.fixture(scope="module")
def town(at_work: AtWork) -> dict[str, Any]:
	return at_work.do("call", "visits_at_work.build")


@pytest.fixture(autouse=True)
def _empty(server: Server, town: dict[str, Any]) -> None:
	"""Begin each test in a grid that nobody has visited."""
	for table in ("Household Visit", "Grid Issue", "Issue Log", "Round Household", "Visit Round"):
		server.sql(f"delete from `tab{table}` where grid = %s", [town["grid"]])  # noqa: S608
	for child in ("Visit Person", "Visit Effect"):
		server.sql(f"delete from `tab{child}`")  # noqa: S608
	server.sql("delete from tabResident where grid = %s and relation_to_head != 'Head'", [town["grid"]])


def stored(server: Server, town: dict[str, Any]) -> dict[str, int]:
	"""How many of each there are, each visit with all of its two effects."""

	def count(statement: str) -> int:
		return server.sql(statement, [town["grid"]])[0][0]

	found = {
		"visits": count("select count(*) from `tabHousehold Visit` where grid = %s"),
		"issues": count("select count(*) from `tabGrid Issue` where grid = %s"),
		"people": count("select count(*) from tabResident where grid = %s and relation_to_head != 'Head'"),
		"effects": server.sql("select count(*) from `tabVisit Effect`")[0][0],
	}
	assert found["issues"] == found["people"] == found["visits"] == found["effects"] / 2, found
	return found


def begun(at_work: AtWork, town: dict[str, Any], until_it_says: str, **settings: str) -> "Popen[str]":
	"""A process that sends the visit, as soon as it says so much."""
	process = at_work.begin("call", "visits_at_work.visit", json.dumps(town), KEY, **settings)
	while json.loads(process.stdout.readline()) != until_it_says:
		pass
	return process


def last(process: "Popen[str]") -> Any:
	"""What *process* says last, when it has come to its end."""
	said, error = process.communicate(timeout=SECONDS)
	assert process.returncode == 0, error[-3000:]
	return json.loads(said.strip().split("\n")[-1])


def send(at_work: AtWork, town: dict[str, Any], code: int = 0, **settings: str) -> Any:
	"""What the visit is answered, sent by a process that ends with *code*."""
	process = begun(at_work, town, "sending", **settings)
	if not code:
		return last(process)
	_said, error = process.communicate(timeout=SECONDS)
	assert process.returncode == code, error[-3000:]
	return None


def test_the_server_process_is_killed_before_it_has_saved(at_work, server, town):
	"""Nothing is there; the phone sends again, and it is there once."""
	send(at_work, town, code=KILLED, trap="killed before the commit")
	assert stored(server, town)["visits"] == 0
	assert len(send(at_work, town)["did"]) == 2
	assert stored(server, town)["visits"] == 1


def test_the_answer_is_lost(at_work, server, town):
	"""The phone sends again and is answered as it would have been; nothing is done twice."""
	send(at_work, town, code=KILLED, trap="answer lost")
	assert stored(server, town)["visits"] == 1
	answer = send(at_work, town)
	assert len(answer["did"]) == 2 and answer == send(at_work, town)
	assert stored(server, town)["visits"] == 1


def test_the_database_dies_before_it_has_saved(at_work, server, town):
	send(at_work, town, code=1, trap="server killed")
	server.wait_until_dead()
	server.start()
	assert stored(server, town)["visits"] == 0
	send(at_work, town)
	assert stored(server, town)["visits"] == 1


def test_the_database_is_restarted_while_visits_come_in(at_work, server, town):
	"""The phones send again: every household is visited once, and the round counts each once."""
	sender = at_work.begin("call", "visits_at_work.round_of_visits", json.dumps(town))
	for restart in (server.kill, server.stop):
		for _visit in range(3):
			assert sender.stdout.readline(), sender.stderr.read()[-3000:]
		restart()
		server.start()
	said, error = sender.communicate(timeout=SECONDS)
	assert sender.returncode == 0, error[-3000:]
	assert int(said.split()[-1]) >= 1, "nothing was in the way"
	assert stored(server, town)["visits"] == len(town["homes"])
	rows = server.sql(
		"""select round.ordinary_visited + round.later_households, count(*), sum(home.visited_at is not null)
		from `tabVisit Round` round join `tabRound Household` home on home.round = round.name
		where round.grid = %s group by round.name""",
		[town["grid"]],
	)
	assert [(int(each), int(visited)) for _figure, each, visited in rows] in (
		[],
		[(len(town["homes"]), len(town["homes"]))],
	)


def test_two_requests_bring_one_visit_at_once(at_work, server, town, tmp_path):
	"""The second waits for the first, is asked to send again, and then finds the first one's visit."""
	until = tmp_path / "until"
	first = begun(at_work, town, "taken in", trap="slow", until=str(until))
	second = begun(at_work, town, "sending")
	time.sleep(2)  # as long as it takes to reach the table
	until.touch()
	assert last(second) == {"refused": 409}
	assert len(last(first)["did"]) == 2
	assert stored(server, town)["visits"] == 1
	assert len(send(at_work, town)["did"]) == 2
	assert stored(server, town)["visits"] == 1


def test_a_request_is_broken_off(at_work, server, town, tmp_path):
	"""Whoever stops the process that takes it in leaves nothing half."""
	first = begun(at_work, town, "taken in", trap="slow", until=str(tmp_path / "never"))
	first.kill()
	first.wait(SECONDS)
	assert stored(server, town)["visits"] == 0
	send(at_work, town)
	assert stored(server, town)["visits"] == 1
