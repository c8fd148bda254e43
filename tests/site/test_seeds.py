"""Seeds on a real site: an upgrade follows what nobody touched and leaves what somebody did."""

import os
import subprocess
from itertools import pairwise

import frappe
import pytest

from grid_governance.grid_structure.doctype.seed_record import seed_record
from grid_governance.setup.seeds import ledger, rules
from grid_governance.setup.seeds.ledger import SeedReferenceMissingError
from grid_governance.setup.seeds.rules import Seed, State
from tests.conftest import ROOT
from tests.factories import make_user

pytestmark = pytest.mark.usefixtures("site")

STATE, ACTION, WORKFLOW = "Workflow State", "Workflow Action Master", "Workflow"


def state_seed(key: str, **values: object) -> Seed:
	return Seed(f"test/{key}", STATE, {"workflow_state_name": f"Test {key}", "style": "Info", **values})


def workflow_seed(*keys: str, **values: object) -> Seed:
	"""A workflow through the states *keys*, in order, as a seed that refers to theirs."""
	reference = [{"seed": f"test/{key}"} for key in keys]
	return Seed(
		"test/workflow",
		WORKFLOW,
		{
			"workflow_name": "Test Workflow",
			"document_type": "Grid Issue",
			"workflow_state_field": "workflow_state",
			"is_active": 0,
			"states": [
				{"state": each, "doc_status": "0", "allow_edit": "System Manager"} for each in reference
			],
			"transitions": [
				{
					"state": one,
					"action": {"seed": "test/act"},
					"next_state": other,
					"allowed": "System Manager",
				}
				for one, other in pairwise(reference)
			],
			**values,
		},
	)


ACT = Seed("test/act", ACTION, {"workflow_action_name": "Test Act"})
MASTERS = [state_seed("a"), state_seed("b"), state_seed("c"), ACT]


@pytest.fixture
def shipped(monkeypatch):
	"""`shipped(*seeds)` makes the app ship *seeds* beside its own and brings the site up to them."""
	own = rules.load()

	def ship(*seeds: Seed) -> ledger.Outcome:
		monkeypatch.setattr(rules, "load", lambda: [*own, *seeds])
		return ledger.sync()

	return ship


def state_of(key: str) -> State:
	return State(frappe.db.get_value("Seed Record", f"test/{key}", "state"))


def workflow() -> frappe.model.document.Document:
	return frappe.get_doc(WORKFLOW, "Test Workflow")


def test_a_second_sync_changes_nothing(count_queries):
	ledger.sync()
	before = frappe.db.sql("checksum table `tabSeed Record`")
	with count_queries() as seen:
		outcome = ledger.sync()
	assert not any(outcome[action.value] for action in rules.Action if action is not rules.Action.KEEP)
	assert outcome["keep"] == len(rules.load())
	assert not [
		query for query in seen.queries if query.lstrip().lower().startswith(("insert", "update", "delete"))
	]
	assert frappe.db.sql("checksum table `tabSeed Record`") == before


def test_records_are_inserted_with_their_references(shipped):
	outcome = shipped(*MASTERS, workflow_seed("a", "b"))
	assert outcome["insert"] == 5
	assert [row.state for row in workflow().states] == ["Test a", "Test b"]
	assert state_of("workflow") is State.UNTOUCHED


def test_what_nobody_touched_follows_the_upgrade_with_its_rows(shipped):
	shipped(*MASTERS, workflow_seed("a", "b"))
	shipped(*MASTERS, workflow_seed("a", "b", "c"))
	assert [row.state for row in workflow().states] == ["Test a", "Test b", "Test c"]
	assert [row.next_state for row in workflow().transitions] == ["Test b", "Test c"]
	assert state_of("workflow") is State.UNTOUCHED


def test_a_changed_row_stays_and_the_update_waits_with_its_difference(shipped):
	shipped(*MASTERS, workflow_seed("a", "b"))
	doc = workflow()
	doc.transitions[0].allowed = "Administrator"
	doc.save()
	assert state_of("workflow") is State.CHANGED
	shipped(*MASTERS, workflow_seed("a", "b", "c"))
	assert [row.state for row in workflow().states] == ["Test a", "Test b"]
	assert workflow().transitions[0].allowed == "Administrator"
	record = frappe.get_doc("Seed Record", "test/workflow")
	assert record.state == "Update Waiting"
	changed = record.difference.splitlines()
	assert [line[0] for line in changed] == ["-", "+"]
	assert "System Manager" in changed[0]
	assert "Administrator" in changed[1]
	assert {line[0] for line in record.waiting.splitlines()} == {"+"}
	assert "Test c" in record.waiting


def test_a_row_added_here_counts_as_a_change(shipped):
	shipped(*MASTERS, workflow_seed("a", "b"))
	doc = workflow()
	doc.append("states", {"state": "Test c", "doc_status": "0", "allow_edit": "System Manager"})
	doc.save()
	assert state_of("workflow") is State.CHANGED
	shipped(*MASTERS, workflow_seed("b", "a"))
	assert [row.state for row in workflow().states] == ["Test a", "Test b", "Test c"]


def test_a_field_that_the_seed_does_not_name_is_the_administrators(shipped):
	seed = Seed("test/a", STATE, {"workflow_state_name": "Test a"})
	shipped(seed)
	doc = frappe.get_doc(STATE, "Test a")
	doc.style = "Danger"
	doc.save()
	assert state_of("a") is State.UNTOUCHED


def test_what_was_deleted_here_stays_deleted(shipped):
	shipped(state_seed("a"))
	frappe.delete_doc(STATE, "Test a")
	assert state_of("a") is State.DELETED
	shipped(state_seed("a", style="Danger"))
	assert not frappe.db.exists(STATE, "Test a")
	assert state_of("a") is State.DELETED


def test_a_renamed_record_is_found_again_by_whoever_refers_to_it(shipped):
	free = next(
		position for position in range(8, 0, -1) if not frappe.db.exists("Grid Level", {"position": position})
	)
	level = Seed("test/level", "Grid Level", {"level_name": "Test Level", "position": free})

	def post(**values: object) -> Seed:
		role, at = {"role": "Grid Member"}, {"applies_to_level": {"seed": "test/level"}}
		return Seed("test/post", "Grid Post", {"post_name": "Test Post", **role, **at, **values})

	shipped(level, post())
	frappe.rename_doc("Grid Level", "Test Level", "Renamed Level")
	assert state_of("level") is State.CHANGED
	shipped(level, post(min_per_grid=2))
	assert state_of("level") is State.CHANGED
	assert state_of("post") is State.UNTOUCHED
	stored = frappe.db.get_value("Grid Post", "Test Post", ["applies_to_level", "min_per_grid"])
	assert stored == ("Renamed Level", 2)


def test_a_seed_whose_reference_was_deleted_is_left_out_and_says_so(shipped):
	shipped(*MASTERS)
	frappe.delete_doc(STATE, "Test b")
	shipped(*MASTERS, workflow_seed("a", "b"))
	assert not frappe.db.exists(WORKFLOW, "Test Workflow")
	assert state_of("workflow") is State.MISSING
	assert "test/b" in frappe.db.get_value("Seed Record", "test/workflow", "reason")
	with pytest.raises(SeedReferenceMissingError):
		ledger.name_of("test/b")


def test_a_missing_seed_comes_when_its_reference_is_back(shipped):
	shipped(*MASTERS)
	frappe.delete_doc(STATE, "Test b")
	shipped(*MASTERS, workflow_seed("a", "b"))
	ledger.take_shipped("test/b")
	shipped(*MASTERS, workflow_seed("a", "b"))
	assert [row.state for row in workflow().states] == ["Test a", "Test b"]


def test_a_record_that_was_there_before_is_not_written(shipped):
	frappe.get_doc(doctype=STATE, workflow_state_name="Test a", style="Danger").insert()
	shipped(state_seed("a"))
	assert frappe.db.get_value(STATE, "Test a", "style") == "Danger"
	assert state_of("a") is State.CHANGED


def test_what_the_app_no_longer_ships_stays_and_is_marked(shipped):
	shipped(state_seed("a"))
	shipped()
	assert frappe.db.exists(STATE, "Test a")
	assert state_of("a") is State.WITHDRAWN


def test_the_language_of_the_first_time_is_kept(shipped):
	language = frappe.get_all("Seed Record", pluck="language", limit=1)[0]
	translated = frappe.translate.get_translations_from_apps(language, ["grid_governance"])
	shipped()
	ledger.sync(language="fr")
	seed = Seed("test/a", STATE, {"workflow_state_name": {"_": "Grid Instructor"}})
	shipped(seed)
	assert frappe.db.get_value("Seed Record", "test/a", "language") == language
	assert frappe.db.exists(STATE, translated.get("Grid Instructor", "Grid Instructor"))


@pytest.fixture
def staff() -> str:
	"""A user without roles. Frappe makes the first user of a site a System Manager, so there is one before."""
	make_user(roles=[{"role": "System Manager"}])
	return make_user()


class TestButtons:
	def test_the_shipped_version_is_taken(self, shipped):
		shipped(*MASTERS, workflow_seed("a", "b"))
		doc = workflow()
		doc.transitions[0].allowed = "Administrator"
		doc.save()
		shipped(*MASTERS, workflow_seed("a", "c"))
		seed_record.take_shipped("test/workflow")
		assert [row.next_state for row in workflow().transitions] == ["Test c"]
		assert workflow().transitions[0].allowed == "System Manager"
		assert state_of("workflow") is State.UNTOUCHED
		assert not frappe.db.get_value("Seed Record", "test/workflow", "difference")

	def test_a_deleted_record_comes_back(self, shipped):
		shipped(state_seed("a"))
		frappe.delete_doc(STATE, "Test a")
		seed_record.take_shipped("test/a")
		assert frappe.db.get_value(STATE, "Test a", "style") == "Info"
		assert state_of("a") is State.UNTOUCHED

	def test_an_update_is_declined_once_and_the_next_one_waits_again(self, shipped):
		shipped(state_seed("a"))
		frappe.get_doc(STATE, "Test a").update({"style": "Danger"}).save()
		shipped(state_seed("a", style="Success"))
		assert state_of("a") is State.WAITING
		seed_record.keep_own("test/a")
		shipped(state_seed("a", style="Success"))
		assert state_of("a") is State.CHANGED
		assert frappe.db.get_value(STATE, "Test a", "style") == "Danger"
		shipped(state_seed("a", style="Primary"))
		assert state_of("a") is State.WAITING

	@pytest.mark.parametrize("method", [seed_record.take_shipped, seed_record.keep_own])
	def test_staff_may_not(self, shipped, as_user, staff, method):
		shipped(state_seed("a"))
		with as_user(staff), pytest.raises(frappe.PermissionError):
			method("test/a")

	def test_rights_on_the_ledger_are_not_enough_for_the_record(self, shipped, as_user, staff):
		shipped(state_seed("a"))
		frappe.get_doc(STATE, "Test a").update({"style": "Danger"}).save()
		frappe.get_doc("User", staff).add_roles("Governance Administrator")
		with as_user(staff), pytest.raises(frappe.PermissionError):
			seed_record.take_shipped("test/a")
		assert frappe.db.get_value(STATE, "Test a", "style") == "Danger"


@pytest.mark.commits
def test_bench_migrate_leaves_what_was_changed_or_deleted_here(site):
	"""Frappe's own migrate, in its own process, as an operator runs it."""
	changed, deleted = "number_card/open-issues", "number_card/urgent-open-issues"
	card, other = ledger.name_of(changed), ledger.name_of(deleted)
	try:
		frappe.get_doc("Number Card", card).update({"label": "Ours"}).save()
		frappe.delete_doc("Number Card", other, force=True)
		frappe.db.commit()
		migrated = subprocess.run(
			[ROOT / "env/bin/bench", "--site", site, "migrate", "--skip-search-index"],
			cwd=ROOT,
			env={**os.environ, "PYTHONWARNINGS": "ignore"},
			capture_output=True,
			text=True,
			check=False,
		)
		frappe.db.rollback()  # a new snapshot of what the other process wrote
		assert migrated.returncode == 0, migrated.stderr[-2000:]
		assert frappe.db.get_value("Number Card", card, "label") == "Ours"
		assert not frappe.db.exists("Number Card", other)
		assert frappe.db.get_value("Seed Record", changed, "state") == State.CHANGED
		assert frappe.db.get_value("Seed Record", deleted, "state") == State.DELETED
	finally:
		frappe.db.rollback()
		ledger.take_shipped(changed)
		ledger.take_shipped(deleted)
		frappe.db.commit()
