"""Whatever happens while an import writes: nothing is lost, nothing is written twice, and it goes on or stops in order."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests import import_town, ledger_homes
from tests.fault.conftest import AtWork, Server, ended
from tests.ledger_homes import Home, Place

TODAY = date(2026, 3, 1)
HOMES, PEOPLE = 60, 200
KILLED = -9


@pytest.fixture(scope="module")
def town(at_work: AtWork) -> dict[str, Any]:
	"""A township of two villages with two grids each."""
	return at_work.do("build", "2", "2")


@pytest.fixture(autouse=True)
def _empty(server: Server, town: dict[str, Any]) -> None:
	"""Begin each test in a town without people."""
	server.sql("delete from __Auth where doctype = 'Resident Identity'")
	for doctype in import_town.BY_GRID[:5]:
		server.sql(f"delete from `tab{doctype}` where grid_path like %s", [f"{town['path']}%"])  # noqa: S608


def homes(town: dict[str, Any], households: int = HOMES, people: int = PEOPLE, seed: int = 1) -> list[Home]:
	places = [Place(*place) for place in town["places"]]
	return ledger_homes.homes(places, households, people, seed, TODAY)


def file_of(brought: Sequence[Home], folder: Path, name: str = "people") -> str:
	"""The path of an Excel file of *brought*."""
	file = folder / f"{name}.xlsx"
	file.write_bytes(import_town.sheet(brought))
	return str(file)


def people(server: Server, town: dict[str, Any]) -> int:
	"""How many people the town has; each once, whole, with her number, in a household that counts her and has a head."""
	within = [f"{town['path']}%"]
	((count, different),) = server.sql(
		"select count(*), count(distinct id_number_hash) from `tabResident Identity` where grid_path like %s",
		within,
	)
	assert count == different
	assert server.sql("select count(*) from tabResident where grid_path like %s", within) == [(count,)]
	assert server.sql("select count(*) from __Auth where doctype = 'Resident Identity'") == [(count,)]
	wrong = """select home.name from tabHousehold home where grid_path like %s and (
		member_count != (select count(*) from tabResident person where person.household = home.name)
		or not exists (select * from tabResident person where person.name = home.head))"""
	assert server.sql(wrong, within) == []
	return count


def figures(server: Server, name: str) -> dict[str, Any]:
	"""The row of the import *name*."""
	(values,) = server.sql(
		"""select state, position, rows_read, rows_new, rows_unchanged, rows_changed, error
		from `tabLedger Import` where name = %s""",
		[name],
	)
	fields = ("state", "position", "rows_read", "rows_new", "rows_unchanged", "rows_changed", "error")
	return dict(zip(fields, values, strict=True))


def assert_done(server: Server, town: dict[str, Any], name: str) -> None:
	"""All of a file of `homes` is written, and counted once."""
	row = figures(server, name)
	assert row["state"] == "Done", row["error"]
	assert (row["position"], row["rows_read"], row["rows_new"]) == (HOMES, PEOPLE, PEOPLE)
	assert people(server, town) == PEOPLE


@pytest.mark.parametrize("part", ["1", "3"])
@pytest.mark.parametrize("trap", ["killed before the commit", "killed after the commit"])
def test_a_worker_is_killed(at_work, server, town, tmp_path, trap, part):
	"""What was not committed is gone, what was stands with the position, and the next job goes on there."""
	file = file_of(homes(town), tmp_path)
	name = at_work.do("bring", json.dumps(town), file, "write", trap=trap, part=part, code=KILLED)
	row = figures(server, name)
	assert row["state"] == "Writing"
	assert people(server, town) == row["rows_new"] == row["rows_read"] < PEOPLE
	assert bool(row["position"]) == (part == "3" or trap == "killed after the commit")
	at_work.do("write", name)
	assert_done(server, town, name)


def test_a_worker_is_killed_while_it_saves_documents(at_work, server, town, tmp_path):
	"""What is changed and what is new of a part is there in whole, or not at all."""
	brought = homes(town)
	at_work.do("bring", json.dumps(town), file_of(brought, tmp_path), "write")
	for home in brought:
		home.people[0].values["Resident.occupation"] = "木工"
	again = file_of(brought, tmp_path, "again")
	name = at_work.do(
		"bring", json.dumps(town), again, "write", trap="killed among documents", part="3", code=KILLED
	)
	carpenters = "select count(*) from tabResident where occupation = '木工'"
	row = figures(server, name)
	assert 0 < row["rows_changed"] < HOMES
	assert server.sql(carpenters) == [(row["rows_changed"],)]
	at_work.do("write", name)
	row = figures(server, name)
	assert (row["state"], row["rows_changed"], row["rows_unchanged"]) == ("Done", HOMES, PEOPLE - HOMES)
	assert server.sql(carpenters) == [(HOMES,)]
	assert people(server, town) == PEOPLE


def test_the_answer_to_a_commit_is_lost(at_work, server, town, tmp_path):
	"""The position says that the part was written after all."""
	name = at_work.do(
		"bring",
		json.dumps(town),
		file_of(homes(town), tmp_path),
		"write",
		trap="answer lost",
		part="2",
		waits="0",
	)
	assert_done(server, town, name)


def test_the_database_is_restarted(at_work, server, town, tmp_path):
	"""The job waits for it and goes on."""
	job = at_work.begin(
		"bring", json.dumps(town), file_of(homes(town), tmp_path), "write", trap="server killed", part="3"
	)
	server.wait_until_dead()
	server.start()
	assert_done(server, town, ended(job))


def test_the_database_stays_away(at_work, server, town, tmp_path):
	"""The job ends with an error, and the next one goes on."""
	job = at_work.begin(
		*("bring", json.dumps(town), file_of(homes(town), tmp_path), "write"),
		trap="server killed",
		part="3",
		waits="0,0",
	)
	server.wait_until_dead()
	name = ended(job, code=1)
	server.start()
	row = figures(server, name)
	assert row["state"] == "Writing"
	assert people(server, town) == row["rows_new"]
	assert 0 < row["rows_new"] < PEOPLE
	at_work.do("write", name)
	assert_done(server, town, name)


def test_the_disk_is_full(at_work, server, town, tmp_path):
	"""It stops with a word about it, nothing is half there, and it goes on when there is room."""
	brought = homes(town, 400, 1200)
	name = at_work.do("bring", json.dumps(town), file_of(brought, tmp_path))
	try:
		with server.limited(left=2):
			at_work.do("write", name)
		row = figures(server, name)
		assert row["state"] == "Stopped"
		assert "磁盘已满" in row["error"]
		assert people(server, town) == row["rows_new"] < 1200
		at_work.do("ready", json.dumps(town), name)
		row = figures(server, name)
		assert (row["state"], row["position"], row["rows_new"]) == ("Done", 400, 1200)
		assert people(server, town) == 1200
	finally:
		server.sql("drop table if exists filling")


def test_two_bring_the_same_people_at_once(at_work, server, town, tmp_path):
	"""Files that overlap: whoever comes second finds the first one's people, and nobody is there twice."""
	brought = homes(town)
	first = file_of(brought[:40], tmp_path, "first")
	second = file_of(brought[20:], tmp_path, "second")
	jobs = [at_work.begin("bring", json.dumps(town), file, "write") for file in (first, second)]
	rows = [figures(server, ended(job)) for job in jobs]
	assert [row["state"] for row in rows] == ["Done", "Done"]
	assert sum(row["rows_new"] for row in rows) == PEOPLE == people(server, town)
	assert sum(row["rows_unchanged"] for row in rows) == sum(len(home.people) for home in brought[20:40])
