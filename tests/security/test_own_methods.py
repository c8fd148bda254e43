"""Each method that the app itself offers to clients, abused by whoever it is not for."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator

import frappe
import pytest
from frappe.utils import nowdate

import grid_governance
from grid_governance.grid_issues import extensions, steps
from grid_governance.grid_structure import rules
from grid_governance.scope import doors
from grid_governance.setup import seeds
from tests.factories import (
	make_assignment,
	make_department,
	make_grid,
	make_holder,
	make_household,
	make_identity,
	make_issue,
	make_officer,
	make_post,
	make_resident,
	make_role,
	make_township,
	make_user,
	make_worker,
	seeded,
)
from tests.world import as_text, inside_savepoint, taken_back

APP = "grid_governance."
NO_PERMISSION = "No permission for"


def offered() -> set[str]:
	"""The full names, without the app's, of all methods that the app offers to clients."""
	for module in pkgutil.walk_packages(grid_governance.__path__, APP):
		importlib.import_module(module.name)
	names = {doors.stock_name(method) for method in frappe.whitelisted}
	return {name.removeprefix(APP) for name in names if name.startswith(APP)}


def _extension(issue: str, grid: str) -> str:
	"""A request for more time, put into the database as it is."""
	request = frappe.get_doc(doctype=extensions.EXTENSION, issue=issue, grid=grid)
	request.name = frappe.generate_hash(length=10)
	request.db_insert()
	return request.name


def _failure_of(world: frappe._dict) -> str:
	"""A failure of the clock on the world's issue, put into the database as it is."""
	if not frappe.db.exists("Clock Failure", world.issue):
		values = {"issue": world.issue, "grid": world.grid, "title": "张秘密", "reason": "张秘密"}
		failure = frappe.get_doc(doctype="Clock Failure", **values)
		failure.name = world.issue
		failure.grid_path = frappe.db.get_value("Grid", world.grid, "grid_path")
		failure.db_insert()
	return world.issue


def _request_of(world: frappe._dict) -> str:
	"""A request about the data of the world's person, whose asker was looked at."""
	values = {"resident": world.head, "kind": "See", "asked_by": "张秘密", "identity_checked": 1}
	return frappe.get_doc(doctype="Personal Data Request", **values).insert(ignore_permissions=True).name


def _notice_of(world: frappe._dict) -> str:
	"""A notice of the village, not sent yet."""
	values = {"notice_title": "张秘密", "content": "张秘密", "notice_type": seeded("notice_type/service")}
	return frappe.get_doc(doctype="Notice", grid=world.grid, **values).insert(ignore_permissions=True).name


def _visit_of(world: frappe._dict) -> str:
	"""A visit to the village's household."""
	values = {"household": world.household, "outcome": "Met", "visited_at": frappe.utils.now()}
	return frappe.get_doc(doctype="Household Visit", **values).insert(ignore_permissions=True).name


def _chat_group_of(world: frappe._dict) -> str:
	"""A chat group of the village's grid."""
	values = {"group_name": "张秘密", "grid": world.grid}
	return frappe.get_doc(doctype="Grid Chat Group", **values).insert(ignore_permissions=True).name


@pytest.fixture(scope="module")
def world(site: str) -> Iterator[frappe._dict]:
	"""Two townships of two villages; whatever is abused lies in the second village of the first one."""
	with taken_back():
		town = make_township(2, 1)
		village, grid = town.villages[1], town.grids[1][0]
		worker = make_worker(grid.name, worker_name="张秘密")
		held = make_assignment(worker.name, make_post(make_role()).name, grid.name)
		department = make_department(town.root.name)
		nobody = make_user()
		frappe.get_doc("User", nobody).add_roles("Village Secretary", "Grid Member")
		ended = make_holder("Village Secretary", village.name, to_date="2020-01-02")
		frappe.get_doc("User", ended).add_roles("Village Secretary")
		near = town.grids[0][0].name
		issue = make_issue(grid.name, "submit-to-village").name
		steps.take_step(
			issue,
			seeded("workflow_action_master/refer"),
			lead_department=make_department(town.root.name).name,
		)
		household = make_household(grid.name)
		head = make_resident(household.name, resident_name="张秘密")
		yield frappe._dict(
			town=town,
			village=village.name,
			grid=grid.name,
			near=near,
			bare=make_grid(town.root.name, rules.VILLAGE).name,
			worker=worker.name,
			held=held.name,
			issue=issue,
			extension=_extension(issue, grid.name),
			referral=frappe.db.get_value("Issue Referral", {"issue": issue}),
			profile=frappe.get_doc(doctype="Township Profile", grid=town.root.name).insert().name,
			batch=frappe.get_doc(doctype="Account Batch", grid=village.name).insert().name,
			imported=frappe.get_doc(doctype="Structure Import", grid=village.name).insert().name,
			ledger_import=frappe.get_doc(doctype="Ledger Import", grid=village.name).insert().name,
			household=household.name,
			head=head.name,
			identity=make_identity(head.name).name,
			seed=frappe.get_all("Seed Record", pluck="name", order_by="name asc", limit=1)[0],
			users={
				"member of the next village": make_holder("Grid Member", near),
				"secretary of the next village": make_holder("Village Secretary", town.villages[0].name),
				"instructor of the next village": make_holder("Grid Instructor", near),
				"official of the next township": make_holder(
					"Township Office", make_township(1, 0).root.name
				),
				"officer of a department": make_officer("Department Officer", department.name),
				"somebody without a post": nobody,
				"somebody whose post has ended": ended,
				"guest": "Guest",
			},
		)


_on_site = pytest.fixture(autouse=True)(inside_savepoint)


def _job_of_another() -> str:
	"""A job of the administrator's, that tells of a matter in the village."""
	frappe.cache().set_value("issue_steps|Administrator|0", {"left": ["张秘密"]}, expires_in_sec=60)
	return "0"


REFUSED: dict[str, Callable[[frappe._dict], dict[str, object]]] = {
	"grid_issues.steps.take_step": lambda w: {
		"issue": w.issue,
		"action": seeded("workflow_action_master/settle-on-the-spot"),
		"result": "x",
	},
	"grid_issues.answers.take_step": lambda w: {
		"referral": w.referral,
		"action": frappe.get_all("Workflow Action Master", pluck="name", order_by="name asc", limit=1)[0],
		"opinion": "x",
	},
	"grid_issues.extensions.ask": lambda w: {"issue": w.issue, "until": "2040-01-01", "reason": "x"},
	"grid_issues.extensions.decide": lambda w: {"extension": w.extension, "granted": True},
	"grid_issues.extensions.standing": lambda w: {"issue": w.issue},
	"grid_issues.escalation.failures.try_again": lambda w: {"issue": _failure_of(w)},
	"grid_issues.supervision.explain": lambda w: {"issue": w.issue, "words": "x"},
	"grid_issues.supervision.judge": lambda w: {"issue": w.issue, "verdict": "Praise", "words": "x"},
	"grid_issues.supervision.standing": lambda w: {"issue": w.issue},
	"grid_issues.supervision.urge": lambda w: {"issue": w.issue},
	"grid_issues.informing.may_tell": lambda w: {"issue": w.issue},
	"grid_issues.informing.tell": lambda w: {"issue": w.issue, "way": "In Writing", "words": "x"},
	"grid_issues.referrals.departments_for": lambda w: {"issue": w.issue},
	"grid_issues.referrals.of_issue": lambda w: {"issue": w.issue},
	"grid_issues.duplicates.same_matter": lambda w: {
		"doctype": "Grid Issue",
		"txt": "",
		"searchfield": "name",
		"start": 0,
		"page_len": 20,
		"filters": {"issue": w.issue},
	},
	"grid_issues.doorstep.join": lambda w: {"issue": w.issue, "client_key": "0" * 32},
	"grid_issues.doorstep.report": lambda w: {
		"client_key": "0" * 32,
		"category": frappe.db.get_value("Grid Issue", w.issue, "category"),
		"grid": w.grid,
	},
	"grid_issues.log.handling": lambda w: {"issue": w.issue},
	"grid_issues.offered.get_transitions": lambda w: {"doc": {"doctype": "Grid Issue", "name": w.issue}},
	"grid_issues.standard_answers.offered": lambda w: {"issue": w.issue},
	"grid_ledger.actions.comings.come_back": lambda w: {
		"resident": w.head,
		"on": "2024-01-01",
		"relation": "Head",
	},
	"grid_ledger.actions.comings.move": lambda w: {
		"resident": w.head,
		"household": w.household,
		"relation": "Head",
		"on": "2024-01-01",
	},
	"grid_ledger.actions.comings.move_out": lambda w: {"resident": w.head, "on": "2024-01-01"},
	"grid_ledger.actions.comings.record_death": lambda w: {"resident": w.head, "on": "2024-01-01"},
	"grid_ledger.actions.consents.withdraw": lambda w: {"resident": w.head, "on": "2024-01-01"},
	"grid_ledger.actions.retention.preview": lambda w: {},
	"grid_ledger.actions.requests.corrected": lambda w: {"request": _request_of(w), "answer": "x"},
	"grid_ledger.actions.requests.delete": lambda w: {"request": _request_of(w)},
	"grid_ledger.actions.requests.deletion": lambda w: {"request": _request_of(w)},
	"grid_ledger.actions.requests.produce": lambda w: {"request": _request_of(w)},
	"grid_ledger.actions.requests.refuse": lambda w: {
		"request": _request_of(w),
		"ground": "A Law Forbids It",
		"answer": "x",
	},
	"grid_ledger.actions.households.change_head": lambda w: {
		"household": w.household,
		"head": w.head,
		"relations": {},
	},
	"grid_ledger.actions.households.split": lambda w: {
		"household": w.household,
		"members": [],
		"head": w.head,
		"relations": {},
	},
	"grid_ledger.actions.households.merge": lambda w: {
		"household": w.household,
		"into": w.household,
		"relations": {},
	},
	"grid_ledger.actions.households.move": lambda w: {"household": w.household, "grid": w.near},
	"grid_ledger.actions.households.dissolve": lambda w: {"household": w.household, "reason": "x"},
	"grid_ledger.actions.identities.reveal": lambda w: {"identity": w.identity, "reason": "xx"},
	"grid_ledger.importing.columns.synonyms.choices": lambda w: {},
	"grid_ledger.importing.desk.answer": lambda w: {
		"name": w.ledger_import,
		"line": "x",
		"choice": "New Record",
	},
	"grid_ledger.importing.desk.cancel": lambda w: {"name": w.ledger_import},
	"grid_ledger.importing.desk.check": lambda w: {"name": w.ledger_import},
	"grid_ledger.importing.desk.choices": lambda w: {"name": w.ledger_import},
	"grid_ledger.importing.desk.clear": lambda w: {"name": w.ledger_import},
	"grid_ledger.importing.desk.look": lambda w: {"name": w.ledger_import},
	"grid_ledger.importing.desk.why_slow": lambda w: {"name": w.ledger_import},
	"grid_ledger.importing.desk.write": lambda w: {"name": w.ledger_import},
	"grid_ledger.queries.history.history": lambda w: {"household": w.household},
	"grid_ledger.actions.merging.distinguish": lambda w: {"resident": w.head, "other": w.head},
	"grid_ledger.actions.merging.merge": lambda w: {"stays": w.head, "goes": w.head, "taken": []},
	"grid_ledger.queries.comparison.compare": lambda w: {"resident": w.head, "other": w.head},
	"grid_ledger.queries.likeness.elsewhere": lambda w: {"resident": w.head},
	"grid_ledger.queries.page.page": lambda w: {"household": w.household},
	"grid_ledger.queries.person.person": lambda w: {"resident": w.head},
	"grid_structure.actions.accounts.reset_password": lambda w: {"worker": w.worker},
	"grid_structure.actions.batches.start": lambda w: {"batch": w.batch},
	"grid_structure.actions.handover.hand_over": lambda w: {
		"assignment": w.held,
		"successor": w.worker,
		"last_day": nowdate(),
	},
	"grid_structure.doctype.seed_record.seed_record.decide": lambda w: {"seed": w.seed, "choice": "keep"},
	"grid_structure.doctype.seed_record.seed_record.look_again": lambda w: {},
	"grid_structure.doctype.structure_import.structure_import.check_file": lambda w: {"name": w.imported},
	"grid_structure.doctype.structure_import.structure_import.start": lambda w: {"name": w.imported},
	"grid_structure.queries.handover.open_under": lambda w: {"assignment": w.held},
	"grid_structure.queries.progress.setup_progress": lambda w: {"township": w.village},
	"grid_structure.workbook.queries.download": lambda w: {"grid": w.village, "kind": "export"},
	"grid_visits.chat_groups.coverage": lambda w: {"group": _chat_group_of(w)},
	"grid_visits.door.save": lambda w: {
		"client_key": "0" * 32,
		"household": w.household,
		"outcome": "Met",
	},
	"grid_visits.door.start": lambda w: {"household": w.household},
	"grid_visits.notices.desk.note_done": lambda w: {"notice": _notice_of(w), "way": "board"},
	"grid_visits.notices.desk.share": lambda w: {"notice": _notice_of(w)},
	"grid_visits.notices.desk.standing": lambda w: {"notice": _notice_of(w)},
	"grid_visits.notices.desk.unreached": lambda w: {"notice": _notice_of(w), "grid": w.grid},
	"grid_visits.taking_back.take_back": lambda w: {"visit": _visit_of(w), "why": "按错了"},
	"scope.limits.limit_question": lambda w: {"doctype": "Grid Issue"},
	"scope.limits.answer_limit_question": lambda w: {"doctype": "Grid Issue", "limited": 0},
	"setup.divisions.api.import_division": lambda w: {"code": "310116113"},
	"setup.divisions.api.villages_below": lambda w: {"grid": w.village},
}
"""Methods with what they are called with; refused to everyone in the world's `users`."""

OUTSIDE: dict[str, Callable[[frappe._dict], dict[str, object]]] = {
	"grid_issues.cards.on_time_share": lambda w: {},
	"grid_issues.cards.share_on_the_spot": lambda w: {},
	"grid_visits.cards.visit_coverage": lambda w: {},
	"grid_visits.cards.must_visits_late": lambda w: {},
	"grid_visits.cards.must_visits_in_a_week": lambda w: {},
	"grid_visits.charts.visit_coverage": lambda w: {},
	"grid_visits.charts.must_visits": lambda w: {},
	"grid_visits.today.find": lambda w: {"text": "张"},
	"grid_visits.today.today": lambda w: {"grid": w.grid},
	"grid_visits.cards.households_not_visited": lambda w: {},
	"grid_visits.cards.notices_not_reached": lambda w: {},
	"grid_issues.bulk.common_actions": lambda w: {"docs": [{"name": w.issue}], "doctype": "Grid Issue"},
	"grid_issues.bulk.outcome": lambda w: {"job": _job_of_another()},
	"grid_issues.bulk.steps_for": lambda w: {"issues": [w.issue]},
	"grid_issues.bulk.take_step": lambda w: {
		"issues": {make_issue(w.grid, title="张秘密").name: seeded("workflow_state/reported")},
		"action": seeded("workflow_action_master/escalate"),
		"words": {"opinion": "x"},
	},
	"grid_issues.cards.to_watch": lambda w: {},
	"grid_issues.supervision.mail_me": lambda w: {"on": False},
	"grid_issues.supervision.mails_me": lambda w: {},
	"grid_issues.supervision.supervises": lambda w: {},
	"grid_issues.supervision.urge_all": lambda w: {"issues": [make_issue(w.grid, title="张秘密").name]},
	"grid_issues.doorstep.start": lambda w: {},
	"grid_issues.duplicates.near": lambda w: {
		"grid": w.grid,
		"category": frappe.db.get_value("Grid Issue", w.issue, "category"),
		"latitude": 31.2,
		"longitude": 121.4,
	},
	"grid_issues.views.due_between": lambda w: {
		"doctype": "Issue Referral",
		"start": "1990-01-01",
		"end": "2990-01-01",
	},
	"grid_issues.views.points": lambda w: {"south": -90, "west": -180, "north": 90, "east": 180},
	"grid_issues.views.quick_filters": lambda w: {"doctype": "Grid Issue"},
	"grid_issues.queries.starting_values": lambda w: {},
	"grid_ledger.actions.notices.shipped": lambda w: {"doctype": "Impact Assessment"},
	"grid_ledger.importing.desk.template": lambda w: {"what": "Households and People"},
	"grid_ledger.queries.notices.townships": lambda w: {
		"doctype": "Grid",
		"txt": "",
		"searchfield": "name",
		"start": 0,
		"page_len": 1000,
	},
	"grid_ledger.queries.find.residents": lambda w: {"txt": "张"},
	"grid_ledger.report.data_quality.data_quality.kinds": lambda w: {},
	"grid_ledger.queries.find.homes": lambda w: {"txt": "张"},
	"grid_ledger.queries.find.for_search_bar": lambda w: {"txt": "张"},
	"grid_ledger.queries.find.filters_for": lambda w: {"doctype": "Resident", "txt": "zmm"},
	"grid_ledger.queries.find.grids_for_households": lambda w: {
		"doctype": "Grid",
		"txt": "",
		"searchfield": "name",
		"start": 0,
		"page_len": 1000,
	},
	"grid_structure.queries.desk.my_grids": lambda w: {},
	"grid_structure.queries.progress.townships": lambda w: {},
	"grid_structure.queries.tree.tree_nodes": lambda w: {"doctype": "Grid", "parent": w.village},
	"setup.divisions.api.draw_grids": lambda w: {"villages": [{"grid": w.bare, "households": 100}]},
}
"""Methods that answer to whoever asks; what lies in the village is never in the answer."""

PUBLIC = {
	"grid_structure.doctype.township_profile.township_profile.site_rules": "what holds on the whole site",
	"grid_issues.clocks.site_times": "what holds on the whole site",
	"grid_structure.calendar.known_until": "until when public holidays are known",
	"grid_visits.notices.public.attachment": "sends what was attached to a notice that is public",
	"grid_visits.notices.public.confirm": "takes a code that nobody can guess; tells nobody and no notice",
	"grid_structure.queries.desk.desktop_page": "stands before Frappe's own and leaves out of its answer",
	"grid_structure.queries.desk.sidebar_items": "stands before Frappe's own and adds a page of no content",
	"setup.divisions.api.search_townships": "the published list of townships",
}
"""Methods that tell nothing of any grid, with the reason."""


def test_every_method_of_the_app_is_abused_or_public():
	known = {*REFUSED, *OUTSIDE, *PUBLIC}
	assert offered() - known == set(), "methods without an abuse test"
	assert known - offered() == set(), "methods that are no more"


def answers(world: frappe._dict, path: str, arguments: dict[str, object]) -> Iterator[tuple[str, object]]:
	"""What each of the users gets, None where she is refused."""
	for who, user in world.users.items():
		frappe.db.savepoint("attack")
		frappe.local.response = frappe._dict(docs=[])
		frappe.set_user(user)
		try:
			answer = frappe.get_attr(APP + path)(**arguments)
			yield who, (answer, frappe.local.response) if answer is None else answer
		except frappe.PermissionError:
			yield who, None
		except frappe.ValidationError as refused:  # how some versions say that a role gives no right
			if not str(refused).startswith(NO_PERMISSION):
				raise
			yield who, None
		finally:
			frappe.set_user("Administrator")
			frappe.db.rollback(save_point="attack")


@pytest.mark.parametrize("path", REFUSED)
def test_it_is_refused_to_whoever_has_no_right_there(world, path):
	assert {
		who: answer for who, answer in answers(world, path, REFUSED[path](world)) if answer is not None
	} == {}


@pytest.mark.parametrize("path", OUTSIDE)
def test_its_answer_ends_where_the_posts_do(world, path):
	for who, answer in answers(world, path, OUTSIDE[path](world)):
		for outside in (world.village, world.grid, world.worker, world.issue, "张秘密"):
			assert outside not in as_text(answer), who


def test_grids_are_drawn_in_ones_own_villages_only(world):
	path = "setup.divisions.api.draw_grids"
	before = frappe.db.count("Grid")
	for who, drawn in answers(world, path, OUTSIDE[path](world)):
		assert not drawn, who
	frappe.set_user(world.users["official of the next township"])
	assert not frappe.get_attr(APP + path)(**OUTSIDE[path](world))
	assert frappe.db.count("Grid") == before


def test_what_is_not_refused_to_its_own_people_is_no_test_of_nothing(world):
	"""The same calls go through for a system manager, as far as the data allows: nothing is refused by a typing error."""
	for path in ("grid_issues.log.handling", "grid_structure.queries.handover.open_under"):
		assert frappe.get_attr(APP + path)(**REFUSED[path](world)) is not None
	assert frappe.get_attr(APP + "grid_structure.queries.tree.tree_nodes")("Grid", world.village)
	assert seeds.name_of("grid_post/department-officer")
