"""Standard answers: those that fit an issue are offered, the nearest first, a township's own before those of all."""

import frappe
import pytest

from grid_governance.grid_issues import standard_answers
from tests.factories import make_category, make_issue, make_township

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def town() -> frappe._dict:
	town = make_township(1, 1)
	town.group = make_category(is_group=1)
	town.category = make_category(parent_category=town.group)
	town.issue = make_issue(town.grids[0][0].name, category=town.category).name
	return town


def answer(text: str, **fields: object) -> None:
	frappe.get_doc(doctype="Standard Answer", text=text, **{"used_for": "Result", **fields}).insert()


def offered(town: frappe._dict, used_for: str = "Result") -> list[str]:
	shipped = set(
		frappe.get_all("Seed Record", {"reference_doctype": "Standard Answer"}, pluck="reference_name")
	)
	texts = set(frappe.get_all("Standard Answer", {"name": ["in", list(shipped)]}, pluck="text"))
	return [text for text in standard_answers.offered(town.issue).get(used_for, []) if text not in texts]


def test_what_fits_is_offered_the_nearest_first(town):
	answer("所有类别")
	answer("本类别，各镇", category=town.category)
	answer("本大类", category=town.group)
	answer("本类别，本镇", category=town.category, grid=town.root.name)
	answer("别的类别", category=make_category())
	answer("已停用", active=0)
	answer("别的镇", grid=make_township(0, 0).root.name)
	answer("反馈", used_for="Feedback")
	assert offered(town) == ["本类别，本镇", "本类别，各镇", "本大类", "所有类别"]
	assert offered(town, "Feedback") == ["反馈"]


def test_the_same_words_are_offered_once(town):
	answer("已处理")
	answer(" 已处理 ", grid=town.root.name)
	assert offered(town) == ["已处理"]


def test_it_holds_in_a_township_or_in_all(town):
	with pytest.raises(standard_answers.AnswerPlaceError):
		answer("村里的", grid=town.villages[0].name)


def test_shipped_ones_are_offered_for_every_category(town):
	feedback = standard_answers.offered(town.issue)
	assert {"Feedback", "Opinion", "Reason"} <= set(feedback)
