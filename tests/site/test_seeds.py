"""Seeds on a real site: an upgrade follows what nobody touched and leaves what somebody did."""

import os
import subprocess
from itertools import pairwise

import frappe
import pytest
from frappe.core.page.permission_manager import permission_manager
from frappe.custom.doctype.custom_field.custom_field import create_custom_field
from frappe.custom.doctype.property_setter.property_setter import make_property_setter

from grid_governance.grid_structure.doctype.seed_record import seed_record
from grid_governance.setup import install
from grid_governance.setup.seeds import decisions, ledger, permissions, rules
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


def shown(text: str) -> str:
	"""A word as differences show it: in the language of the site."""
	return frappe._(text, frappe.get_all("Seed Record", pluck="language", limit=1)[0])


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
	assert shown("System Manager") in changed[0]
	assert shown("Administrator") in changed[1]
	assert {line[0] for line in record.waiting.splitlines()} == {"+"}
	assert "Test c" in record.waiting


def test_differences_are_written_in_the_language_of_the_site(shipped, monkeypatch):
	shipped(state_seed("a"))
	frappe.get_doc(STATE, "Test a").update({"style": "Danger"}).save()
	language = frappe.db.get_value("Seed Record", "test/a", "language")
	monkeypatch.setattr(frappe.local, "lang", "en")
	shipped(state_seed("a", style="Success"))
	waiting = frappe.db.get_value("Seed Record", "test/a", "waiting")
	assert waiting.startswith(f"-{frappe._('Style', language)}: ")
	assert frappe.local.lang == "en"


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


def level_and_post() -> tuple[Seed, Seed]:
	"""A grid level, and a post whose own field refers to it."""
	taken = set(frappe.get_all("Grid Level", pluck="position"))
	free = next(position for position in range(8, 0, -1) if position not in taken)
	level = Seed("test/level", "Grid Level", {"level_name": "Test Level", "position": free})
	values = {"post_name": "Test Post", "role": "Grid Member", "applies_to_level": {"seed": "test/level"}}
	return level, Seed("test/post", "Grid Post", values)


def test_a_seed_whose_reference_was_deleted_is_left_out_and_says_so(shipped):
	level, post = level_and_post()
	shipped(level)
	frappe.delete_doc("Grid Level", "Test Level")
	shipped(level, post)
	assert not frappe.db.exists("Grid Post", "Test Post")
	assert state_of("post") is State.MISSING
	assert "test/level" in frappe.db.get_value("Seed Record", "test/post", "reason")
	assert decisions.choices("test/post") == []
	with pytest.raises(SeedReferenceMissingError):
		ledger.name_of("test/level")


def test_a_missing_seed_comes_when_its_reference_is_back(shipped):
	level, post = level_and_post()
	shipped(level)
	frappe.delete_doc("Grid Level", "Test Level")
	shipped(level, post)
	ledger.take_shipped("test/level")
	shipped(level, post)
	assert frappe.db.get_value("Grid Post", "Test Post", "applies_to_level") == "Test Level"


def test_a_record_that_was_there_before_is_not_written(shipped):
	frappe.get_doc(doctype=STATE, workflow_state_name="Test a", style="Danger").insert()
	shipped(state_seed("a"))
	assert frappe.db.get_value(STATE, "Test a", "style") == "Danger"
	assert state_of("a") is State.CHANGED


class TestNoLongerShipped:
	def test_what_nobody_touched_is_removed(self, shipped):
		shipped(state_seed("a"))
		assert shipped()["remove"] == 1
		assert not frappe.db.exists(STATE, "Test a")
		assert not frappe.db.exists("Seed Record", "test/a")

	def test_those_that_refer_to_others_go_first(self, shipped):
		shipped(*MASTERS, workflow_seed("a", "b"))
		assert shipped()["remove"] == 5
		assert not frappe.db.exists(WORKFLOW, "Test Workflow")

	def test_what_was_changed_stays_and_is_listed_with_the_change(self, shipped):
		shipped(state_seed("a"))
		frappe.get_doc(STATE, "Test a").update({"style": "Danger"}).save()
		shipped()
		assert frappe.db.get_value(STATE, "Test a", "style") == "Danger"
		assert state_of("a") is State.WITHDRAWN
		assert shown("Danger") in frappe.db.get_value("Seed Record", "test/a", "difference")
		assert decisions.choices("test/a") == ["remove", "release"]

	def test_what_is_used_here_stays_and_says_so(self, shipped):
		shipped(*MASTERS, workflow_seed("a", "b"))
		doc = workflow()
		doc.is_active = 0
		doc.transitions[0].allowed = "Administrator"
		doc.save()
		shipped()
		assert frappe.db.exists(STATE, "Test a")
		assert state_of("a") is State.WITHDRAWN
		assert "Test Workflow" in frappe.db.get_value("Seed Record", "test/a", "reason")

	def test_what_was_deleted_here_stays_deleted_when_it_is_shipped_again(self, shipped):
		shipped(state_seed("a"))
		frappe.delete_doc(STATE, "Test a")
		shipped()
		assert state_of("a") is State.DELETED
		assert decisions.choices("test/a") == []
		shipped(state_seed("a", style="Danger"))
		assert not frappe.db.exists(STATE, "Test a")

	def test_it_is_deleted_on_request(self, shipped):
		shipped(state_seed("a"))
		frappe.get_doc(STATE, "Test a").update({"style": "Danger"}).save()
		shipped()
		seed_record.decide("test/a", "remove")
		assert not frappe.db.exists(STATE, "Test a")
		assert not frappe.db.exists("Seed Record", "test/a")

	def test_it_becomes_the_administrators_own_on_request(self, shipped):
		shipped(state_seed("a"))
		frappe.get_doc(STATE, "Test a").update({"style": "Danger"}).save()
		shipped()
		seed_record.decide("test/a", "release")
		shipped()
		assert frappe.db.get_value(STATE, "Test a", "style") == "Danger"
		assert not frappe.db.exists("Seed Record", "test/a")

	def test_a_record_under_another_key_is_the_same_record(self, shipped):
		shipped(state_seed("a"))
		seed = Seed("test/z", STATE, {"workflow_state_name": "Test a", "style": "Success"})
		shipped(seed)
		assert frappe.db.get_value(STATE, "Test a", "style") == "Success"
		assert state_of("z") is State.UNTOUCHED
		assert not frappe.db.exists("Seed Record", "test/a")


def test_a_row_that_refers_to_a_deleted_record_is_left_out_and_the_rest_follows(shipped):
	shipped(*MASTERS, workflow_seed("a", "b", "c"))
	doc = workflow()
	doc.states = [row for row in doc.states if row.state != "Test c"]
	doc.transitions = [row for row in doc.transitions if row.next_state != "Test c"]
	doc.save()
	frappe.delete_doc(STATE, "Test c")
	shipped(*MASTERS, workflow_seed("a", "b", "c"))
	assert state_of("workflow") is State.UNTOUCHED
	assert "test/c" in frappe.db.get_value("Seed Record", "test/workflow", "reason")
	shipped(*MASTERS, workflow_seed("a", "b", "c", send_email_alert=1))
	assert workflow().send_email_alert == 1
	assert [row.state for row in workflow().states] == ["Test a", "Test b"]
	ledger.take_shipped("test/c")
	shipped(*MASTERS, workflow_seed("a", "b", "c", send_email_alert=1))
	assert [row.state for row in workflow().states] == ["Test a", "Test b", "Test c"]
	assert not frappe.db.get_value("Seed Record", "test/workflow", "reason")


def test_what_the_site_refuses_is_listed_and_stops_nothing(shipped):
	make_property_setter(STATE, "style", "reqd", 1, "Check")
	outcome = shipped(state_seed("a", style=""), ACT)
	assert outcome["Could Not Be Written"] == 1
	assert not frappe.db.exists(STATE, "Test a")
	assert frappe.db.exists(ACTION, "Test Act")
	assert state_of("a") is State.REFUSED
	assert frappe.db.get_value("Seed Record", "test/a", "reason")
	frappe.db.delete("Property Setter", {"doc_type": STATE, "field_name": "style"})
	frappe.clear_cache(doctype=STATE)
	shipped(state_seed("a", style=""), ACT)
	assert state_of("a") is State.UNTOUCHED


class TestPermissionRules:
	"""Rules of one DocType, customised here, against rules that the app ships later."""

	DOCTYPE, KEY = "Grid Level", "permission/Grid Level"

	@staticmethod
	def customise(role: str = "Grid Member", right: str = "export") -> None:
		permission_manager.update(TestPermissionRules.DOCTYPE, role, 0, right, 1)

	def ship(self, role: str = "Grid Instructor", **granted: int) -> None:
		"""What a newer version's DocType brings, as Frappe's migrate writes it, between the two hooks."""
		install.before_migrate()
		rule = {"parent": self.DOCTYPE, "role": role, "permlevel": 0}
		frappe.db.delete("DocPerm", rule)
		new = frappe.new_doc("DocPerm", parenttype="DocType", parentfield="permissions", **rule, **granted)
		new.db_insert()
		frappe.clear_cache(doctype=self.DOCTYPE)
		permissions.sync()

	def row(self) -> frappe._dict:
		return frappe.db.get_value("Seed Record", self.KEY, ["state", "difference", "waiting"], as_dict=True)

	def right_of(self, role: str, right: str) -> int:
		frappe.clear_cache(doctype=self.DOCTYPE)
		return max(
			(rule.get(right) or 0 for rule in frappe.get_meta(self.DOCTYPE).permissions if rule.role == role),
			default=0,
		)

	def test_a_changed_rule_is_listed_when_the_list_is_opened(self):
		self.customise()
		seed_record.look_again()
		assert self.row().state == State.CHANGED
		assert [line[0] for line in self.row().difference.splitlines()] == ["-", "+"]

	def test_a_rule_that_is_shipped_later_waits_and_grants_nothing_by_itself(self):
		self.customise()
		self.ship(read=1, delete=1)
		assert self.row().state == State.WAITING
		assert self.row().waiting
		assert not self.right_of("Grid Instructor", "delete")
		assert self.right_of("Grid Member", "export")

	def test_what_is_new_is_added_and_hers_stays(self):
		self.customise()
		self.ship(read=1, delete=1)
		seed_record.decide(self.KEY, "merge")
		assert self.right_of("Grid Instructor", "delete")
		assert self.right_of("Grid Member", "export")
		assert self.row().state == State.CHANGED

	def test_a_rule_that_she_changed_is_not_overwritten_by_what_is_new(self):
		self.customise("Grid Instructor", "export")
		self.ship("Grid Instructor", read=1, delete=1)
		assert decisions.choices(self.KEY) == ["take", "keep"]

	def test_her_rules_are_kept_and_the_same_is_not_offered_again(self):
		self.customise()
		self.ship(read=1, delete=1)
		seed_record.decide(self.KEY, "keep")
		self.ship(read=1, delete=1)
		assert self.row().state == State.CHANGED
		assert not self.right_of("Grid Instructor", "delete")

	def test_the_shipped_rules_come_back(self):
		self.customise()
		self.ship(read=1, delete=1)
		seed_record.decide(self.KEY, "take")
		assert self.right_of("Grid Instructor", "delete")
		assert not self.right_of("Grid Member", "export")
		assert not self.row()

	def test_a_copy_in_which_nothing_was_changed_follows(self):
		frappe.permissions.setup_custom_perms(self.DOCTYPE)
		self.ship(read=1, delete=1)
		assert self.right_of("Grid Instructor", "delete")
		assert not self.row()

	def test_an_administrator_of_the_app_alone_grants_nothing(self, as_user, staff):
		self.customise()
		self.ship(read=1, delete=1)
		frappe.get_doc("User", staff).add_roles("Governance Administrator")
		for choice in ("take", "merge", "keep"):
			with as_user(staff), pytest.raises(frappe.PermissionError):
				seed_record.decide(self.KEY, choice)
		assert not self.right_of("Grid Instructor", "delete")


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
		seed_record.decide("test/workflow", "take")
		assert [row.next_state for row in workflow().transitions] == ["Test c"]
		assert workflow().transitions[0].allowed == "System Manager"
		assert state_of("workflow") is State.UNTOUCHED
		assert not frappe.db.get_value("Seed Record", "test/workflow", "difference")

	def test_a_deleted_record_comes_back(self, shipped):
		shipped(state_seed("a"))
		frappe.delete_doc(STATE, "Test a")
		seed_record.decide("test/a", "take")
		assert frappe.db.get_value(STATE, "Test a", "style") == "Info"
		assert state_of("a") is State.UNTOUCHED

	def test_an_update_is_declined_once_and_the_next_one_waits_again(self, shipped):
		shipped(state_seed("a"))
		frappe.get_doc(STATE, "Test a").update({"style": "Danger"}).save()
		shipped(state_seed("a", style="Success"))
		assert state_of("a") is State.WAITING
		seed_record.decide("test/a", "keep")
		shipped(state_seed("a", style="Success"))
		assert state_of("a") is State.CHANGED
		assert frappe.db.get_value(STATE, "Test a", "style") == "Danger"
		shipped(state_seed("a", style="Primary"))
		assert state_of("a") is State.WAITING

	@pytest.mark.parametrize("choice", ["take", "merge", "keep", "remove", "release"])
	def test_staff_may_not(self, shipped, as_user, staff, choice):
		shipped(state_seed("a"))
		with as_user(staff), pytest.raises(frappe.PermissionError):
			seed_record.decide("test/a", choice)

	def test_what_is_not_offered_is_refused(self, shipped):
		shipped(state_seed("a"))
		assert decisions.choices("test/a") == []
		with pytest.raises(decisions.NotOfferedError):
			seed_record.decide("test/a", "remove")
		assert frappe.db.exists(STATE, "Test a")

	def test_only_what_meets_no_change_is_taken(self, shipped):
		def notice(**values: object) -> Seed:
			return Seed(
				"test/notice",
				"Notification",
				{
					"name": "Test Notice",
					"document_type": "Grid Issue",
					"channel": "System Notification",
					"event": "New",
					"recipients": [{"receiver_by_role": "Village Secretary"}],
					**values,
				},
			)

		shipped(notice(subject="Old subject", message="Old text"))
		frappe.get_doc("Notification", "Test Notice").update({"subject": "Our subject"}).save()
		shipped(notice(subject="New subject", message="New text"))
		assert decisions.choices("test/notice") == ["take", "merge", "keep"]
		seed_record.decide("test/notice", "merge")
		doc = frappe.get_doc("Notification", "Test Notice")
		assert (doc.subject, doc.message) == ("Our subject", "New text")
		assert state_of("notice") is State.CHANGED
		assert "New subject" in frappe.db.get_value("Seed Record", "test/notice", "difference")
		shipped(notice(subject="New subject", message="Newest text"))
		assert state_of("notice") is State.WAITING

	def test_rights_on_the_ledger_are_not_enough_for_the_record(self, shipped, as_user, staff):
		shipped(state_seed("a"))
		frappe.get_doc(STATE, "Test a").update({"style": "Danger"}).save()
		frappe.get_doc("User", staff).add_roles("Governance Administrator")
		with as_user(staff), pytest.raises(frappe.PermissionError):
			seed_record.decide("test/a", "take")
		assert frappe.db.get_value(STATE, "Test a", "style") == "Danger"


@pytest.mark.commits
def test_bench_migrate_leaves_what_was_changed_or_deleted_here(site):
	"""Frappe's own migrate, in its own process, as an operator runs it."""
	cards = [seed.key for seed in rules.load() if seed.doctype == "Number Card"]
	changed, deleted = cards[0], cards[-1]
	card, other = ledger.name_of(changed), ledger.name_of(deleted)
	try:
		create_custom_field("Grid Worker", {"fieldname": "own_skill", "label": "Skill", "fieldtype": "Data"})
		make_property_setter("Grid Worker", "employer", "label", "Our Label", "Data")
		permission_manager.update("Grid Worker", "Grid Member", 0, "export", 1)
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
		frappe.clear_cache(doctype="Grid Worker")
		worker = frappe.get_meta("Grid Worker")
		assert worker.has_field("own_skill")
		assert worker.get_label("employer") == "Our Label"
		assert any(rule.role == "Grid Member" and rule.export for rule in worker.permissions)
		assert frappe.db.get_value("Seed Record", "permission/Grid Worker", "state") == State.CHANGED
	finally:
		frappe.db.rollback()
		frappe.delete_doc("Custom Field", "Grid Worker-own_skill")
		frappe.db.delete("Property Setter", {"doc_type": "Grid Worker", "field_name": "employer"})
		permissions.take_shipped("Grid Worker")
		frappe.clear_cache(doctype="Grid Worker")
		ledger.take_shipped(changed)
		ledger.take_shipped(deleted)
		frappe.db.commit()
