"""The public privacy notice and the impact assessment say what they have to, from what an administrator edits."""

import frappe
import pytest
from frappe.utils import add_days, add_years, getdate

from grid_governance.grid_ledger.actions import notices
from grid_governance.grid_ledger.queries.notices import privacy_notice
from grid_governance.setup import seeds
from tests.factories import make_holder, make_household, make_resident, make_township
from tests.web import call, request


@pytest.fixture(autouse=True)
def _in_chinese(monkeypatch):
	monkeypatch.setattr(frappe.local, "lang", "zh")


@pytest.fixture
def town():
	"""A township with a person."""
	made = make_township(1, 1)
	make_resident(make_household(made.grids[0][0].name).name, resident_name="张五五公示")
	return made


def page(code: str = "") -> object:
	"""What a guest gets at /privacy."""
	return request("Guest", "GET", f"/privacy/{code}" if code else "/privacy")


def printed_as(doc: object, seed: str) -> str:
	"""The page on which *doc* is printed in the format made from *seed*."""
	given = {"doc": doc.doctype, "name": doc.name, "print_format": seeds.name_of(seed)}
	answer = call("Administrator", "frappe.www.printview.get_html_and_style", **given)
	return answer.message["html"]


def test_anyone_reads_it_and_no_person_is_in_it(town):
	answer = page(town.root.name)
	assert answer.status == 200, answer.fault
	for said in (
		town.root.grid_name,
		"敏感个人信息及其必要性",
		"不满十四周岁未成年人",
		"保存期限",
		"您的权利",
		"十三条",
	):
		assert said in answer.text
	assert "张五五公示" not in answer.text


def test_what_an_administrator_writes_is_published(town):
	doc = frappe.get_doc(
		doctype="Privacy Notice",
		grid=town.root.name,
		handler="某某镇人民政府",
		contact_phone="0519-88886666",
		purposes="只为<script>测试",
	).insert()
	text = page(town.root.name).text
	for said in ("某某镇人民政府", "0519-88886666", "只为"):
		assert said in text
	assert "<script>测试" not in text
	printed = printed_as(doc, "print_format/privacy-notice")
	for said in ("某某镇人民政府", "0519-88886666", "只为", "（盖章）"):
		assert said in printed


def test_the_time_it_is_kept_is_that_of_the_rules(town):
	rule = frappe.get_doc("Retention Rule", {"kind": "Moved Out"})
	rule.months = 17
	rule.save()
	text = page(town.root.name).text
	assert f"{rule.rule_name}</td><td>17 个月" in text
	frappe.db.set_single_value("Governance Settings", "data_request_days", 11)
	assert "11 日内答复" in page(town.root.name).text
	rule.enabled = 0
	rule.save()
	assert rule.rule_name not in page(town.root.name).text


def test_a_code_that_is_no_township_has_no_page(town):
	assert page("nowhere").status == 404
	assert page(town.villages[0].name).status == 404


def test_without_a_code_one_chooses_among_several(town):
	other = make_township(1, 0)
	text = page().text
	assert f"/privacy/{town.root.name}" in text
	assert f"/privacy/{other.root.name}" in text


def test_an_empty_text_is_as_shipped(town):
	shipped = notices.texts("Privacy Notice")
	doc = frappe.get_doc(doctype="Privacy Notice", grid=town.root.name).insert()
	assert doc.handler == town.root.grid_name
	assert {field: doc.get(field) for field in shipped} == shipped
	frappe.db.set_value(doc.doctype, doc.name, "rights", None)
	assert privacy_notice(town.root.name).rights == shipped["rights"]


def test_it_is_a_townships(town):
	for doctype in ("Privacy Notice", "Impact Assessment"):
		with pytest.raises(notices.TownshipError):
			frappe.get_doc(doctype=doctype, grid=town.villages[0].name, subject="x").insert()


def test_an_office_edits_its_own_alone(town):
	doc = frappe.get_doc(doctype="Privacy Notice", grid=town.root.name).insert()
	own = make_holder("Township Office", town.root.name)
	foreign = make_holder("Township Office", make_township(1, 0).root.name)
	path = f"/api/resource/Privacy Notice/{doc.name}"
	assert request(own, "PUT", path, handler="某某街道办事处").status == 200
	assert request(foreign, "PUT", path, handler="别处").status == 403
	assert request(make_holder("Grid Member", town.grids[0][0].name), "GET", path).status == 403
	assert frappe.db.get_value(doc.doctype, doc.name, "handler") == "某某街道办事处"


@pytest.fixture
def assessment(town):
	"""A new assessment, with what is shipped."""
	return frappe.get_doc(doctype="Impact Assessment", grid=town.root.name, subject="网格化服务").insert()


def test_an_assessment_begins_with_what_the_system_does(assessment):
	shipped = notices.texts("Impact Assessment")
	assert {field: assessment.get(field) for field in ("processing", "purposes", "risks", "measures")} == {
		field: shipped[field] for field in ("processing", "purposes", "risks", "measures")
	}


def test_it_is_approved_when_it_is_filled_in(assessment):
	assessment.status = "Approved"
	with pytest.raises(notices.AssessmentError) as refused:
		assessment.save()
	assert "评估结论" in str(refused.value)
	assessment.reload()
	day = getdate(assessment.assessed_on)
	assessment.status = "Approved"
	assessment.update(
		{"conclusion": "可行", "reviewed_by": "某某", "approved_on": day, "next_review_on": add_years(day, 1)}
	)
	assessment.save()
	assessment.next_review_on = add_days(day, -1)
	with pytest.raises(notices.AssessmentError):
		assessment.save()


def test_it_is_kept_for_three_years(assessment):
	values = {"status": "Approved", "assessed_on": add_days(add_years(getdate(), -3), 3)}
	frappe.db.set_value(assessment.doctype, assessment.name, values)
	assessment.reload()
	with pytest.raises(notices.AssessmentKeptError):
		assessment.delete()
	frappe.db.set_value(
		assessment.doctype, assessment.name, "assessed_on", add_days(add_years(getdate(), -3), -3)
	)
	frappe.get_doc(assessment.doctype, assessment.name).delete()
	assert not frappe.db.exists(assessment.doctype, assessment.name)


def test_it_is_printed(assessment):
	printed = printed_as(assessment, "print_format/impact-assessment")
	for said in ("网格化服务", "个人信息保护影响评估报告", "第五十五条", "（盖章）"):
		assert said in printed
