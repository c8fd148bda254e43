"""How far two points lie from each other."""

from math import asin, cos, radians, sin, sqrt

EARTH = 6371.0
"""Mean radius in kilometres (IUGG)."""


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
	"""Return the kilometres from *one* to *other*, (latitude, longitude) in degrees, as the crow flies (haversine)."""
	lat, lon = radians(other[0] - one[0]), radians(other[1] - one[1])
	half = sin(lat / 2) ** 2 + cos(radians(one[0])) * cos(radians(other[0])) * sin(lon / 2) ** 2
	return 2 * EARTH * asin(sqrt(half))
