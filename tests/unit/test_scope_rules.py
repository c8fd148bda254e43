"""Ranges of grid paths."""

from hypothesis import given
from hypothesis import strategies as st

from grid_governance.grid_structure.rules import child_path
from grid_governance.scope.rules import EVERYWHERE, Range, covers, merge, subtree

TOWNSHIP = "00000001"
VILLAGES = [child_path(TOWNSHIP, 3, serial) for serial in range(1, 6)]
GRIDS = [child_path(village, 5, serial) for village in VILLAGES for serial in range(1, 12)]
MICRO = [child_path(grid, 6, serial) for grid in GRIDS for serial in (1, 2)]
NODES = [TOWNSHIP, *VILLAGES, *GRIDS, *MICRO]


def test_a_subtree_is_one_range():
	assert subtree("0001") == Range("0001", "0001z")


def test_a_subtree_inside_another_disappears():
	assert merge([subtree(GRIDS[0]), subtree(VILLAGES[0])]) == (subtree(VILLAGES[0]),)


def test_the_grids_of_two_villages_do_not_hold_the_villages():
	merged = merge([subtree(GRIDS[10]), subtree(GRIDS[11])])
	assert not covers(merged, VILLAGES[0])
	assert not covers(merged, VILLAGES[1])


def test_everything_and_nothing():
	assert all(covers(EVERYWHERE, path) for path in NODES)
	assert not any(covers((), path) for path in NODES)


@given(st.sets(st.sampled_from(NODES)))
def test_merging_changes_no_answer(roots: set[str]):
	merged = merge(subtree(root) for root in roots)
	for path in NODES:
		assert covers(merged, path) == any(path.startswith(root) for root in roots)
	assert list(merged) == sorted(merged)
	assert len(merged) <= len(roots)
