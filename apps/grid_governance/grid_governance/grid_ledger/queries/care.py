"""Which care is meant."""

from datetime import date

from pypika.queries import Table
from pypika.terms import Criterion


def goes_on(care: Table, day: date) -> Criterion:
	"""Return the condition of the care that goes on after *day*, also when it is known already when it will end.

	Of what ends on the day nothing is asked any more: whoever enters an end is done with it.
	"""
	return care.until.isnull() | (care.until > day)
