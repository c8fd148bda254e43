"""Every DocType of the app is in order."""

import importlib
from pathlib import Path

import pytest

from tests.contract.checkers import doctypes, files, python_source
from tests.contract.checkers.files import DocTypeSource

EVERY = pytest.mark.parametrize("doctype", files.doctypes(), ids=lambda doctype: doctype.name)


def modules() -> list[str]:
	return (files.APP / "modules.txt").read_text().split("\n")


def filters(doctype: DocTypeSource) -> set[frozenset[str]]:
	"""The fields that queries on a DocType filter on: those of the app's Python and of the connections."""
	found = {
		fields
		for file in files.python_files()
		for name, fields in python_source.filters(files.parsed(file))
		if name == doctype.name
	}
	connections = (link for other in files.doctypes() for link in other.json.get("links", []))
	return found | {
		frozenset({link["link_fieldname"]})
		for link in connections
		if link.get("link_doctype") == doctype.name
	}


@EVERY
def test_it_has_a_sort_order(doctype):
	assert not doctypes.sort_order(doctype)


@EVERY
def test_its_module_is_listed(doctype):
	assert not doctypes.module_is_listed(doctype, modules())


@EVERY
def test_its_controller_is_there_and_small(doctype):
	assert not doctypes.controller(doctype)


@EVERY
def test_nobody_may_share_it(doctype):
	assert not doctypes.permissions(doctype)


@EVERY
def test_persons_are_not_renamed(doctype):
	assert not doctypes.no_rename_of_persons(doctype)


@EVERY
def test_links_that_are_filtered_on_have_an_index(doctype):
	assert not doctypes.links_have_indexes(doctype, filters(doctype))


def test_what_has_a_path_is_registered_with_scope():
	registry = importlib.import_module("grid_governance.scope.registry")
	assert not doctypes.scope_registry(files.doctypes(), set(registry.GRID_DOCTYPES))


class TestTheChecks:
	"""The checks fail on what they are for."""

	GOOD_CONTROLLER = (
		"class RoadSign(Document):\n\tpass\n\n\n"
		'def on_doctype_update():\n\tfrappe.db.add_index("Road Sign", ["grid", "modified"])\n'
	)

	def sample(self, controller: str | None = GOOD_CONTROLLER, **changes: object) -> DocTypeSource:
		content = {
			"name": "Road Sign",
			"module": "Grid Structure",
			"sort_field": "modified",
			"sort_order": "DESC",
			"permissions": [{"role": "Reader", "read": 1}],
			"fields": [
				{"fieldname": "grid", "fieldtype": "Link", "options": "Grid"},
				{"fieldname": "keeper", "fieldtype": "Link", "options": "Grid Worker"},
				{"fieldname": "grid_path", "fieldtype": "Data"},
			],
		}
		return DocTypeSource(Path("grid_structure/doctype/road_sign"), content | changes, controller)

	def problems(self, doctype: DocTypeSource) -> list[str]:
		return [
			*doctypes.sort_order(doctype),
			*doctypes.module_is_listed(doctype, ["Grid Structure"]),
			*doctypes.controller(doctype),
			*doctypes.permissions(doctype),
			*doctypes.no_rename_of_persons(doctype),
			*doctypes.links_have_indexes(doctype, [{"grid"}]),
			*doctypes.scope_registry([doctype], {"Road Sign"}),
		]

	def test_a_good_one_passes(self):
		assert self.problems(self.sample()) == []

	@pytest.mark.parametrize(
		("changes", "reason"),
		[
			({"sort_order": None}, "has no sort_order"),
			({"sort_field": None}, "has no sort_field"),
			({"sort_field": "no_such_field"}, "sorted by no_such_field"),
			({"module": "Elsewhere"}, "is not in modules.txt"),
			({"module": "Elsewhere"}, "lies in grid_structure"),
			({"controller": None}, "has no controller"),
			({"controller": "class Sign: pass"}, "no class RoadSign"),
			({"controller": GOOD_CONTROLLER + "\n" * 150}, "are too many"),
			({"permissions": [{"role": "Reader", "read": 1, "share": 1}]}, "may share"),
			({"permissions": []}, "nobody has a permission"),
			({"permissions": [{"role": "Reader", "read": 1}] * 2}, "two rules for Reader"),
			(
				{"allow_rename": 1, "fields": [{"fieldname": "phone"}, {"fieldname": "grid_path"}]},
				"can be renamed",
			),
			({"fields": []}, "has no grid_path"),
			({"controller": "class RoadSign: pass"}, "Road Sign is filtered on grid"),
		],
	)
	def test_a_bad_one_is_a_problem(self, changes, reason):
		assert any(reason in problem for problem in self.problems(self.sample(**changes)))

	def test_an_unregistered_path_is_a_problem(self):
		assert doctypes.scope_registry([self.sample()], set())

	def test_indexes_are_read_from_json_and_controller(self):
		fields = [
			{"fieldname": "a", "fieldtype": "Link", "search_index": 1},
			{"fieldname": "b", "fieldtype": "Link", "unique": 1},
			{"fieldname": "c", "fieldtype": "Link"},
		]
		assert doctypes.indexed_fields(self.sample(fields=fields)) == {"a", "b", "grid"}
		queries = [{"a"}, {"b", "c"}, {"c"}, {"title"}]
		assert doctypes.links_have_indexes(self.sample(fields=fields), queries) == [
			"Road Sign is filtered on c, and no index begins with it"
		]
