"""How far two points lie apart, and the box that holds whatever is near."""

import pytest

from grid_governance.grid_issues import rules

HERE = (31.2304, 121.4737)


@pytest.mark.parametrize(
	("one", "other", "metres"),
	[
		(HERE, HERE, 0),
		((0, 0), (1, 0), 111_195),  # a degree on the meridian: 2πr / 360
		((0, 0), (0, 1), 111_195),
		((60, 10), (60, 11), 55_597),  # half as wide at 60° north
		((0, 179.5), (0, -179.5), 111_195),
	],
)
def test_metres_between(one, other, metres):
	assert rules.metres_between(one, other) == pytest.approx(metres, abs=5)
	assert rules.metres_between(other, one) == rules.metres_between(one, other)


@pytest.mark.parametrize("point", [HERE, (0, 0), (-45, 170), (66, 25)])
@pytest.mark.parametrize("metres", [1, 200, 5000])
def test_the_box_holds_what_is_near_and_little_else(point, metres):
	(south, north), (west, east) = rules.box_around(point, metres)
	latitude, longitude = point
	for edge in ((south, longitude), (north, longitude), (latitude, west), (latitude, east)):
		assert rules.metres_between(point, edge) == pytest.approx(metres, rel=0.01, abs=1)
