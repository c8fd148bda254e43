"""Which rows of a file make one household. Pure Python."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from grid_governance.grid_ledger.importing.shapes import Family, Line, Values
from grid_governance.grid_ledger.rules.households import HEAD
from grid_governance.grid_structure.workbook.rules import village_key

NUMBER, NAME, RELATION = "Household.household_no", "Resident.resident_name", "Resident.relation_to_head"
OWN_NUMBER = "Resident Identity.id_number"
HEAD_NAME, HEAD_NUMBER = "Household.head_name", "Household.head_number"
VILLAGE, AREA, GRID, CODE = "Grid.village", "Grid.area", "Grid.name", "Grid.code"
PLACE = (VILLAGE, AREA, GRID, CODE)
GROUPING = (NUMBER, RELATION, HEAD_NAME, HEAD_NUMBER)
"""A sheet in which no row has one of these is a list of people, each for herself."""

VILLAGE_DIGITS = 12
"""Of the code of a grid: the statistical code of its village stands in front (domain D2)."""


OWN = (NUMBER, HEAD_NAME, HEAD_NUMBER)
"""What says which household a row belongs to, wherever it stands."""

Key = tuple[str, ...]


def families(lines: Iterable[Line]) -> list[Family]:
	"""Return the households of *lines*, the rows of all sheets of a file, in the order of their keys.

	A row belongs to the household whose number it has, in its village; without one to that whose head it names, by number
	or by name in its grid; a head without a number begins a household, unless the numbers of the sheet stand in the first
	row of each household alone; and whoever names neither belongs to the row above. A row that tells of nobody
	(`is_home`) is one of a sheet of households. Where a row lies, unless it says so, is where its household lies. The key
	begins with the village, so that neighbours come together.
	"""
	ordered = sorted(lines, key=lambda line: (line.sheet, line.number))
	grouped = {line.sheet for line in ordered if any(key in line.values for key in GROUPING)}
	first_only = _numbered_once(ordered)
	villages = _villages(ordered)
	heads: dict[Key, set[Key]] = defaultdict(set)
	for line, village in zip(ordered, villages, strict=True):
		if _begins(line.values) and (NUMBER in line.values or line.sheet not in first_only):
			for alias in _aliases(line.values, village):
				heads[alias].add(_own_key(line, village))
	found: dict[Key, Family] = {}
	sheet, key = -1, ()
	for line, village in zip(ordered, villages, strict=True):
		above = key if line.sheet == sheet and line.sheet in grouped else ()
		follows = above and sheet in first_only and not any(each in line.values for each in OWN)
		sheet, key = line.sheet, above if follows else _key(line, village, heads, above)
		family = found.setdefault(key, Family(key, None, []))
		if is_home(line) and not family.home:
			family.home = line
		else:
			family.people.append(line)
	return [found[key] for key in sorted(found)]


def in_turns(families: Iterable[Family], rows: int) -> list[Family]:
	"""Return *families*, in parts of some *rows* rows, so that parts of one village stand apart where others can stand between.

	So one can be written while the next, of another village, is planned. The order follows from the keys alone.
	"""
	villages: dict[str, list[list[Family]]] = defaultdict(list)
	room: dict[str, int] = {}
	for family in families:
		village, size = family.key[0], len(family.people) + bool(family.home)
		if size > room.get(village, 0):
			villages[village].append([])
			room[village] = rows
		villages[village][-1].append(family)
		room[village] -= size
	return [
		family for turn in zip_longest(*villages.values(), fillvalue=()) for part in turn for family in part
	]


def is_home(line: Line) -> bool:
	"""Say whether *line* tells of a household and of nobody in it."""
	return not any(key.startswith("Resident") for key in line.values)


def place(lines: Sequence[Line]) -> Key:
	"""Return where a household lies by what its *lines* say: village, area, name and code of the grid.

	The grid of the first that names one; village and area, where that one does not say them, of the first that does.
	"""
	grid = next((line.values for line in lines if GRID in line.values or CODE in line.values), {})
	found = []
	for key in PLACE:
		said = grid.get(key)
		if not said and key in (VILLAGE, AREA):
			said = next((line.values[key] for line in lines if key in line.values), "")
		found.append(str(said or ""))
	return tuple(found)


def _numbered_once(lines: Sequence[Line]) -> set[int]:
	"""Return the sheets in which members stand without a number below a row that has one: it is written once a household."""
	found, sheet, is_numbered = set(), -1, False
	for line in lines:
		if line.sheet != sheet:
			sheet, is_numbered = line.sheet, False
		if NUMBER in line.values:
			is_numbered = True
		elif _begins(line.values):
			is_numbered = False
		elif is_numbered and not (HEAD_NAME in line.values or HEAD_NUMBER in line.values):
			found.add(sheet)
	return found


def _villages(lines: Sequence[Line]) -> list[str]:
	"""Return for each of *lines* the village that it names, or the last one that a row above it in the sheet named."""
	found, sheet, village = [], -1, ""
	for line in lines:
		if line.sheet != sheet:
			sheet, village = line.sheet, ""
		values = line.values
		if named := values.get(VILLAGE):
			village = village_key(str(named))
		elif code := values.get(CODE):
			village = str(code)[:VILLAGE_DIGITS]
		found.append(village)
	return found


def _key(line: Line, village: str, heads: dict[Key, set[Key]], above: Key) -> Key:
	values = line.values
	if NUMBER in values or _begins(values):
		return _own_key(line, village)
	aliases = list(_aliases(values, village))
	for alias in aliases:
		known = heads.get(alias, ())
		if above in known:
			return above
		if len(known) == 1:
			return next(iter(known))
	if aliases or is_home(line) or not above:
		return _own_key(line, village)
	return above


def _own_key(line: Line, village: str) -> Key:
	"""The key of the household whose number *line* has, or that it begins."""
	if number := line.values.get(NUMBER):
		return (village, "number", str(number).casefold())
	for alias in _aliases(line.values, village):
		return alias
	return (village, "row", f"{line.sheet:04d}", f"{line.number:08d}")


def _begins(values: Values) -> bool:
	"""Whether a row is of a head: she says so, or her name is that of the head of her household."""
	if relation := values.get(RELATION):
		return bool(relation == HEAD)
	return NAME in values and values[NAME] == values.get(HEAD_NAME)


def _aliases(values: Values, village: str) -> Iterator[Key]:
	"""By what the head of a row's household is known: the number, then the name in the grid."""
	begins = _begins(values)
	if number := values.get(HEAD_NUMBER) or (values.get(OWN_NUMBER) if begins else None):
		yield (village, "head", str(number))
	if name := values.get(HEAD_NAME) or (values.get(NAME) if begins else None):
		yield (village, "name", *(str(values.get(key) or "") for key in (AREA, GRID, CODE)), str(name))
