"""Paths, codes and sizes of the grid tree."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_governance.grid_structure import rules

serials = st.integers(1, rules.MAX_SERIAL)


@st.composite
def paths(draw: st.DrawFn) -> str:
	"""A path of a node somewhere in a tree, levels skipped at will."""
	positions = sorted(draw(st.sets(st.sampled_from(list(rules.POSITIONS)), min_size=1)))
	path = ""
	for position in positions:
		path = rules.child_path(path, position, draw(serials))
	return path


def test_a_path_names_every_level_and_shows_the_skipped_ones():
	township = rules.child_path("", rules.TOWNSHIP, 1)
	village = rules.child_path(township, rules.VILLAGE, 2)
	grid = rules.child_path(village, rules.GRID, 3)
	assert (township, village, grid) == ("00000001", "000000010002", "00000001000200000003")
	assert rules.ancestor_path(grid, rules.VILLAGE) == village
	assert rules.ancestor_path(grid, rules.AREA) is None
	assert rules.ancestor_path(grid, rules.MICRO_GRID) is None


@given(paths(), serials)
def test_a_child_lies_in_the_subtree_of_all_its_ancestors(path: str, serial: int):
	position = rules.position(path)
	if position == rules.POSITIONS[-1]:
		return
	child = rules.child_path(path, position + 1, serial)
	for at in rules.POSITIONS:
		ancestor = rules.ancestor_path(child, at)
		if ancestor:
			assert ancestor <= child < ancestor + rules.AFTER_DIGITS
			assert rules.position(ancestor) == at


@given(paths(), paths())
def test_two_subtrees_never_overlap_unless_one_holds_the_other(a: str, b: str):
	assert (b <= a < b + rules.AFTER_DIGITS) == a.startswith(b)


@given(paths(), paths())
def test_moving_keeps_what_lies_below(root: str, new_parent: str):
	below = root + "0007"
	assert rules.moved_path(below, root, new_parent) == new_parent + "0007"


@pytest.mark.parametrize(
	("parent", "position", "serial"),
	[("00000001", 2, 1), ("00000001", 1, 1), ("", 9, 1), ("", 0, 1), ("", 1, 0), ("", 1, 10_000)],
)
def test_a_child_that_does_not_fit_is_refused(parent: str, position: int, serial: int):
	with pytest.raises(ValueError, match=r"position|serial"):
		rules.child_path(parent, position, serial)


@pytest.mark.parametrize(
	("code", "position", "good"),
	[
		("140431", rules.COUNTY, True),
		("140431203", rules.TOWNSHIP, True),
		("140431203206", rules.VILLAGE, True),
		("140431203206", rules.TOWNSHIP, False),
		("14043120320", rules.VILLAGE, False),
		("14043120320x", rules.VILLAGE, False),
		("１４０４３１", rules.COUNTY, False),
		("", rules.COUNTY, False),
		("140431203206", rules.GRID, False),
	],
)
def test_division_codes(code: str, position: int, good: bool):
	assert rules.is_division_code(code, position) is good


@pytest.mark.parametrize(
	("path", "good"),
	[
		("00000001", True),
		("000000010002", True),
		("00000001000200000003", True),
		("00000001000000000003", False),
	],
)
def test_every_grid_lies_in_a_village(path: str, good: bool):
	assert rules.sits_in_village(path) is good


def test_a_village_of_85_households_is_drawn_into_three_grids():
	assert rules.split_households(85, 25) == [29, 28, 28]
	assert rules.split_households(9, 25) == [9]
	assert rules.split_households(0, 25) == []
	with pytest.raises(ValueError, match="at least one"):
		rules.split_households(85, 0)


@given(st.integers(0, 5000), st.integers(1, 500))
def test_a_drawn_grid_loses_nobody_and_sizes_differ_by_one_at_most(households: int, target: int):
	sizes = rules.split_households(households, target)
	assert sum(sizes) == households
	assert not sizes or max(sizes) - min(sizes) <= 1


def test_a_post_is_held_on_its_first_and_last_day():
	first, last = date(2026, 1, 31), date(2026, 2, 28)
	assert rules.is_current(first, last, first)
	assert rules.is_current(first, last, last)
	assert not rules.is_current(first, last, date(2026, 3, 1))
	assert not rules.is_current(first, last, date(2026, 1, 30))
	assert rules.is_current(first, None, date(2099, 1, 1))


def test_periods_overlap_when_they_share_a_day():
	jan, feb, march = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
	assert rules.periods_overlap(jan, feb, feb, march)
	assert rules.periods_overlap(jan, None, march, None)
	assert not rules.periods_overlap(jan, date(2026, 1, 31), feb, None)


class TestStanding:
	"""Which of several posts counts, and what lies above a grid."""

	def test_the_nearer_to_the_root_the_higher(self):
		posts = [
			("000000010002", False, True),
			("00000001000200000003", True, True),
			("00000001", False, False),
		]
		assert [post[0] for post in sorted(posts, key=lambda post: rules.standing(*post))] == [
			"00000001",
			"000000010002",
			"00000001000200000003",
		]

	def test_in_one_grid_the_lead_then_the_main_post(self):
		lead, main, other = ("00000001", True, False), ("00000001", False, True), ("00000001", False, False)
		assert sorted([other, main, lead], key=lambda post: rules.standing(*post)) == [lead, main, other]

	def test_paths_above_leave_out_skipped_levels(self):
		assert rules.paths_above("00000001000200000003") == ["00000001", "000000010002"]
		assert rules.paths_above("00000001") == []
