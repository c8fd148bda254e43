"""Whatever happens while a notice is sent: each recipient has one delivery in the end, and none has two."""

import signal

import pytest

from tests.fault.conftest import AtWork, Server, ended
from tests.fault.notices_at_work import HOMES, VILLAGES

KILLED = -9
ALL = VILLAGES * HOMES


@pytest.fixture(scope="module")
def notices(at_work: AtWork) -> list[str]:
	"""Notices for a whole township that have been approved; each test takes one."""
	return at_work.do("call", "notices_at_work.build")


@pytest.fixture
def notice(notices: list[str]) -> str:
	return notices.pop()


def written(server: Server, notice: str) -> int:
	"""How many deliveries there are, each to a household of its own."""
	((count, homes),) = server.sql(
		"select count(*), count(distinct household) from `tabNotice Delivery` where notice = %s", [notice]
	)
	assert count == homes
	return count


def stage(server: Server, notice: str) -> tuple[str, int]:
	"""The stage of *notice*, and how many recipients it says it has."""
	((*found,),) = server.sql(
		"""select state.grid_notice_stage, notice.recipients from tabNotice notice
		join `tabWorkflow State` state on state.name = notice.workflow_state where notice.name = %s""",
		[notice],
	)
	return tuple(found)


def assert_sent(server: Server, notice: str) -> None:
	assert written(server, notice) == ALL
	assert stage(server, notice) == ("Sent", ALL)


@pytest.mark.parametrize(("trap", "part"), [("killed before the commit", 3), ("killed after the commit", 1)])
def test_the_worker_is_killed(at_work, server, notice, trap, part):
	"""Whole villages are there; the next job writes the others."""
	at_work.do("call", "notices_at_work.fan_out", notice, code=KILLED, trap=trap, part=str(part))
	assert written(server, notice) == HOMES * (part - trap.endswith("before the commit"))
	assert stage(server, notice) == ("Sending", ALL)
	at_work.do("call", "notices_at_work.fan_out", notice)
	assert_sent(server, notice)


def test_the_worker_is_killed_when_all_is_written_and_nothing_said(at_work, server, notice):
	trap = {"trap": "killed before the commit", "part": str(VILLAGES + 1)}
	at_work.do("call", "notices_at_work.fan_out", notice, code=KILLED, **trap)
	assert (written(server, notice), stage(server, notice)[0]) == (ALL, "Sending")
	at_work.do("call", "notices_at_work.fan_out", notice)
	assert_sent(server, notice)


def test_the_database_dies(at_work, server, notice):
	trap = {"trap": "server killed before the commit", "part": "2"}
	at_work.do("call", "notices_at_work.fan_out", notice, code=1, **trap)
	server.wait_until_dead()
	server.start()
	assert written(server, notice) == HOMES
	at_work.do("call", "notices_at_work.fan_out", notice)
	assert_sent(server, notice)


def test_of_two_workers_the_second_waits_for_the_first_and_nothing_is_lost_with_it(at_work, server, notice):
	hanging = at_work.begin(
		"call", "notices_at_work.fan_out", notice, trap="stands still before the commit", part="2"
	)
	assert hanging.stdout.readline()
	other = at_work.begin("call", "notices_at_work.fan_out", notice)
	hanging.send_signal(signal.SIGKILL)
	ended(hanging, KILLED)
	ended(other)
	assert_sent(server, notice)
