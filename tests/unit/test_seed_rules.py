"""Seeds: what stands in the files, how versions of a record are compared, and what is decided."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_governance.setup.seeds import rules
from grid_governance.setup.seeds.rules import Action, Ledger, State

NORMALS = st.dictionaries(
	st.sampled_from("abc"), st.one_of(st.integers(0, 2), st.sampled_from(["x", "y"])), min_size=1
)


def folder_with(tmp_path, kind="grid_level", records=None):
	(tmp_path / "kinds.json").write_text('[{"kind": "grid_level", "doctype": "Grid Level"}]')
	(tmp_path / kind).mkdir()
	(tmp_path / kind / "one.json").write_text(json.dumps(records))
	return tmp_path


class TestFiles:
	def test_every_shipped_reference_points_at_a_seed_that_stands_before_it(self):
		before = set()
		for seed in rules.load():
			assert rules.references(dict(seed.values)) <= before, seed.key
			before.add(seed.key)

	def test_every_folder_is_a_kind(self):
		folders = {path.parent.name for path in rules.FOLDER.glob("*/*.json")}
		assert folders <= {kind.kind for kind in rules.kinds()}

	def test_a_file_of_another_shape_is_named(self, tmp_path):
		with pytest.raises(rules.SeedFileError, match=r"one\.json"):
			rules.load(folder_with(tmp_path, records=[{"values": {}}]))

	def test_files_are_joined_in_their_order(self, tmp_path):
		folder = folder_with(
			tmp_path,
			records=[
				{"key": "both", "values": {"html": {"file": ["piece.html", "sheet.html"]}}},
				{"key": "one", "values": {"html": {"file": "sheet.html"}}},
			],
		)
		for name, text in (("piece", "一"), ("sheet", "二")):
			(folder / "grid_level" / f"{name}.html").write_text(text, "utf-8")
		assert [seed.values["html"] for seed in rules.load(folder)] == ["一二", "二"]

	def test_a_key_stands_once(self, tmp_path):
		twice = [{"key": "a", "values": {}}] * 2
		with pytest.raises(rules.SeedFileError, match="grid_level/a"):
			rules.load(folder_with(tmp_path, records=twice))


class TestRendering:
	def test_marks_are_replaced_at_every_depth(self):
		values = {
			"title": {"_": "Reported"},
			"rows": [{"state": {"seed": "state/a"}, "count": 1}],
			"content": {"json": [{"data": {"text": {"_": "Reported"}}}]},
		}
		rendered = rules.render(values, {"Reported": "已上报"}.get, {"state/a": "已上报"}.get)
		assert rendered["title"] == "已上报"
		assert rendered["rows"] == [{"state": "已上报", "count": 1}]
		assert json.loads(rendered["content"]) == [{"data": {"text": "已上报"}}]

	def test_references_and_texts_are_found_at_every_depth(self):
		values = {"a": {"seed": "k/1"}, "b": [{"c": {"json": {"d": {"seed": "k/2"}, "e": {"_": "Text"}}}}]}
		assert rules.references(values) == {"k/1", "k/2"}
		assert rules.texts(values) == ["Text"]

	@pytest.mark.parametrize(
		("one", "other", "fieldtype"),
		[
			(None, 0, "Check"),
			("1", 1, "Int"),
			("0.50", 0.5, "Float"),
			(None, "", "Data"),
			(" a\r\nb ", "a\nb", "Text"),
			('{"b": 1, "a": [2]}', '{"a":[2],"b":1}', "Code"),
		],
	)
	def test_what_is_written_differently_is_one(self, one, other, fieldtype):
		assert rules.canonical(one, fieldtype) == rules.canonical(other, fieldtype)

	def test_what_is_no_json_stays_text(self):
		assert rules.canonical("{oops", "Code") == "{oops"


class TestDecision:
	def test_a_new_seed_is_inserted(self):
		assert rules.decide(None, None, {"a": 1}).action is Action.INSERT

	def test_a_record_that_was_there_before_is_left(self):
		assert rules.decide(None, {"a": 2}, {"a": 1}) == rules.Decision(Action.ADOPT, State.CHANGED)
		assert rules.decide(None, {"a": 1}, {"a": 1}) == rules.Decision(Action.ADOPT, State.UNTOUCHED)

	def test_what_was_deleted_stays_deleted(self):
		decision = rules.decide(Ledger({"a": 1}, {"a": 1}), None, {"a": 2})
		assert decision == rules.Decision(Action.KEEP, State.DELETED)

	def test_what_nobody_touched_follows(self):
		decision = rules.decide(Ledger({"a": 1}, {"a": 1}), {"a": 1}, {"a": 2})
		assert decision == rules.Decision(Action.UPDATE, State.UNTOUCHED)

	def test_what_saving_added_by_itself_is_no_change(self):
		decision = rules.decide(Ledger({"a": 1}, {"a": 1, "b": 5}), {"a": 1, "b": 5}, {"a": 1})
		assert decision == rules.Decision(Action.KEEP, State.UNTOUCHED)

	def test_a_field_that_is_new_in_the_seed_follows_unless_somebody_has_used_it(self):
		ledger = Ledger({"a": 1}, {"a": 1})
		assert rules.decide(ledger, {"a": 1, "b": 0}, {"a": 1, "b": 5}).action is Action.UPDATE
		assert rules.decide(ledger, {"a": 1, "b": 7}, {"a": 1, "b": 5}).state is State.WAITING

	def test_what_was_changed_stays_and_an_update_waits(self):
		ledger = Ledger({"a": 1}, {"a": 1})
		assert rules.decide(ledger, {"a": 9}, {"a": 1}) == rules.Decision(Action.KEEP, State.CHANGED)
		assert rules.decide(ledger, {"a": 9}, {"a": 2}) == rules.Decision(Action.KEEP, State.WAITING)

	def test_the_same_change_on_both_sides_is_settled(self):
		decision = rules.decide(Ledger({"a": 1}, {"a": 1}), {"a": 2}, {"a": 2})
		assert decision == rules.Decision(Action.ADOPT, State.UNTOUCHED)

	@given(NORMALS, NORMALS, NORMALS, NORMALS)
	def test_a_changed_record_is_never_written(self, shipped_then, stored, current, shipped_now):
		decision = rules.decide(Ledger(shipped_then, stored), current, shipped_now)
		if any(stored[field] != value for field, value in current.items() if field in stored):
			assert decision.action in (Action.KEEP, Action.ADOPT)


class TestDifference:
	def test_lines_say_what_was_and_what_is(self):
		before = {"title": "a", "rows": [{"x": 1}, {"x": 2}]}
		after = {"title": "b", "rows": [{"x": 1}]}
		assert rules.difference(before, after).splitlines() == ["-rows: rows.x: 2", "-title: a", "+title: b"]

	def test_labels_are_used(self):
		assert rules.difference({"a": 1}, {"a": 2}, {"a": "甲"}.get) == "-甲: 1\n+甲: 2"

	@given(NORMALS, NORMALS)
	def test_it_is_empty_only_for_equals(self, one, other):
		assert (rules.difference(one, other) == "") == (one == other)

	@given(NORMALS)
	def test_the_digest_does_not_depend_on_order(self, normal):
		assert rules.digest(normal) == rules.digest(dict(reversed(normal.items())))


class TestDeletedReferences:
	GONE = frozenset({"card/a"})

	def test_rows_and_their_blocks_are_left_out(self):
		values = {
			"number_cards": [{"number_card_name": {"seed": f"card/{key}"}, "label": key} for key in "ab"],
			"content": {
				"json": [{"type": "number_card", "data": {"number_card_name": key, "col": 3}} for key in "ab"]
				+ [{"type": "shortcut", "data": {"shortcut_name": "a"}}]
			},
		}
		kept = rules.without(values, self.GONE)
		assert [row["label"] for row in kept["number_cards"]] == ["b"]
		assert [block["data"] for block in kept["content"]["json"]] == [
			{"number_card_name": "b", "col": 3},
			{"shortcut_name": "a"},
		]

	def test_a_condition_is_never_left_out(self):
		values = {"filters_json": {"json": [["Grid Issue", "category", "=", {"seed": "card/a"}]]}}
		assert rules.without(values, self.GONE) == values


class TestMerge:
	def test_what_was_changed_here_stays_and_the_rest_follows(self):
		ledger = Ledger({"a": 1, "b": 1}, {"a": 1, "b": 1})
		assert rules.merge(ledger, {"a": 9, "b": 1}, {"a": 2, "b": 2, "c": 2}) == {"a": 9, "b": 2, "c": 2}

	@given(NORMALS, NORMALS, NORMALS)
	def test_nothing_of_hers_is_lost(self, stored, current, shipped):
		merged = rules.merge(Ledger(stored, stored), current, shipped)
		changed = {field for field in current if field in stored and current[field] != stored[field]}
		assert all(merged[field] == current[field] for field in changed)


class TestNoLongerShipped:
	LEDGER = Ledger({"a": 1}, {"a": 1})

	def test_what_nobody_touched_goes(self):
		assert rules.decide_withdrawn(self.LEDGER, {"a": 1}).action is Action.REMOVE

	def test_what_was_changed_stays(self):
		assert rules.decide_withdrawn(self.LEDGER, {"a": 2}) == rules.Decision(Action.KEEP, State.WITHDRAWN)

	def test_what_was_deleted_stays_deleted(self):
		assert rules.decide_withdrawn(self.LEDGER, None) == rules.Decision(Action.KEEP, State.DELETED)


def test_blocks_are_compared_without_their_numbers_one_to_a_line():
	def content(*names):
		return rules.canonical(
			json.dumps([{"id": name * 2, "type": "card", "data": {"card_name": name}} for name in names]),
			"Code",
		)

	assert content("a", "b").count("id") == 0
	moved = rules.difference({"content": content("a", "b")}, {"content": content("b", "a")})
	assert moved.splitlines() == ["+content: b; card", "-content: b; card"]
