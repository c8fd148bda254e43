"""The category of an issue proposes the department that answers for it in the issue's own township."""

import frappe
import pytest

from grid_governance.grid_issues import referrals
from tests.factories import make_category, make_department, make_issue, make_township

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def town() -> frappe._dict:
	town = make_township(1, 1)
	town.group = make_category(is_group=1)
	town.category, town.other = (make_category(parent_category=town.group) for _at in range(2))
	town.power, town.works = (make_department(town.root.name).name for _at in range(2))
	return town


def answers_for(department: str, *categories: str) -> None:
	doc = frappe.get_doc("Township Department", department)
	doc.set("answers_for", [{"category": category} for category in categories])
	doc.save()


def proposed(town: frappe._dict, category: str) -> list[str]:
	issue = make_issue(town.grids[0][0].name, category=category)
	return [each["value"] for each in referrals.departments_for(issue.name) if each["proposed"]]


def test_the_category_goes_before_its_group(town):
	assert proposed(town, town.category) == []
	answers_for(town.works, town.group)
	assert proposed(town, town.category) == [town.works]
	answers_for(town.power, town.category)
	assert proposed(town, town.category) == [town.power]
	assert proposed(town, town.other) == [town.works]
	assert proposed(town, make_category()) == []


def test_each_township_has_its_own(town):
	answers_for(make_department(make_township(0, 0).root.name).name, town.category)
	assert proposed(town, town.category) == []
	answers_for(town.power, town.category)
	assert proposed(town, town.category) == [town.power]


def test_a_category_has_one_department_in_a_township(town):
	answers_for(town.power, town.category)
	with pytest.raises(referrals.CategoryTakenError):
		answers_for(town.works, town.other, town.category)
	answers_for(town.power, town.category, town.other)  # its own is no other's


def test_a_department_that_is_no_more_is_not_proposed(town):
	answers_for(town.power, town.category)
	frappe.get_doc("Township Department", town.power).update({"active": 0}).save()
	assert proposed(town, town.category) == []
	answers_for(town.works, town.category)
	assert proposed(town, town.category) == [town.works]
