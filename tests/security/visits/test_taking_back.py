"""Nobody takes back what another has entered, by no way, and nothing of a visit is taken back by writing its fields."""

import frappe
import pytest

from grid_governance.grid_visits import actions, rules
from tests.security.visits.conftest import MUST, ROW, VISIT
from tests.web import call

TAKE_BACK = "grid_governance.grid_visits.taking_back.take_back"
WHY = "按错了"


@pytest.fixture
def visit(world) -> str:
	"""A visit that the grid's member has entered just now."""
	frappe.set_user(world.inside["Grid Member"])
	doc = frappe.get_doc(
		doctype=VISIT, household=world.household, outcome="Met", visited_at=frappe.utils.now()
	).insert()
	frappe.set_user("Administrator")
	return doc.name


def moved(world) -> list:
	return [
		frappe.get_all(VISIT, fields=["name", "outcome", "modified"], order_by="name asc"),
		frappe.get_all(ROW, {"household": world.household}, ["visit", "visited_at"], order_by="name asc"),
		frappe.get_all(MUST, {"household": world.household}, ["visit", "done_at"], order_by="name asc"),
	]


def test_who_entered_it_takes_it_back(world, visit):
	answer = call(world.inside["Grid Member"], TAKE_BACK, visit=visit, why=WHY)
	assert not answer.refused, answer.text
	assert frappe.db.get_value(VISIT, visit, "outcome") == rules.TAKEN_BACK


@pytest.mark.parametrize("role", ["Township Office", "Village Secretary", "Grid Leader", "Grid Instructor"])
def test_whoever_reads_it_does_not(world, visit, role):
	before = moved(world)
	answer = call({**world.inside, **world.site_wide}[role], TAKE_BACK, visit=visit, why=WHY)
	assert answer.refused
	assert moved(world) == before


def test_nobody_from_outside(world, visit):
	before = moved(world)
	for user in (*world.outsiders.values(), "Guest"):
		answer = call(user, TAKE_BACK, visit=visit, why=WHY)
		assert answer.refused
		assert world.household not in answer.text
	assert moved(world) == before


def test_its_name_tells_nothing(world):
	"""Who asks for one that is not there is told no more than who asks for one she may not see."""
	assert call(next(iter(world.outsiders.values())), TAKE_BACK, visit="no-such-visit", why=WHY).refused


def test_no_field_takes_it_back(world, visit):
	frappe.set_user(world.inside["Grid Member"])
	doc = frappe.get_doc(VISIT, visit)
	doc.outcome = rules.TAKEN_BACK
	with pytest.raises(frappe.CannotChangeConstantError):
		doc.save()
	with pytest.raises(actions.OutcomeError):
		frappe.get_doc(
			doctype=VISIT, household=world.household, outcome=rules.TAKEN_BACK, visited_at=frappe.utils.now()
		).insert()
