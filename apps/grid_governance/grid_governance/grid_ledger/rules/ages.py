"""Ages in full years (周岁) and the days on which they are reached."""

from datetime import date


def age(born: date, today: date) -> int:
	"""Return the age in full years on *today*. Whoever was born on 29 February is a year older on 1 March of other years."""
	return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def born_until(years: int, today: date) -> date:
	"""Return the latest day of birth of those who are *years* or older on *today*: `age` turned round, for SQL.

	On 28 February whoever was born on the 29th is not yet a year older.
	"""
	year = today.year - years
	try:
		return today.replace(year=year)
	except ValueError:  # 29 February, and none in that year
		return date(year, 2, 28)
