"""What a part of a file does, found without writing anything: against what stands in the ledger, as the session user
sees it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import frappe
from frappe import _

from grid_governance import scope
from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.actions import households
from grid_governance.grid_ledger.importing import families as grouping
from grid_governance.grid_ledger.importing import matching
from grid_governance.grid_ledger.importing.changes import Differences
from grid_governance.grid_ledger.importing.columns import Target
from grid_governance.grid_ledger.importing.doubts import Doubts
from grid_governance.grid_ledger.importing.drafts import Draft, Drafter, Group
from grid_governance.grid_ledger.importing.matching import Home
from grid_governance.grid_ledger.importing.places import Names, Place, Places
from grid_governance.grid_ledger.importing.rows import Maker
from grid_governance.grid_ledger.importing.settling import ORDER, Settler
from grid_governance.grid_ledger.importing.shapes import Answer, Family, Part
from grid_governance.grid_ledger.importing.standing import Standing
from grid_governance.grid_ledger.rules.households import HEAD
from grid_governance.scope.rules import covers

Row = dict[str, object]


class Planner:
	"""Plans a file for the session user, below *root* (the name of a Grid), part by part.

	*targets*: those of the columns that are taken, by key; *answers*: what was said to rows that were to be decided, by
	(sheet, row number). *today* is the day on which ages are judged and care begins that has no day of its own.
	"""

	def __init__(
		self,
		root: str,
		targets: Mapping[str, Target],
		answers: Mapping[tuple[int, int], Answer],
		today: date,
	) -> None:
		taken = {key: target for key, target in targets.items() if target.may_write}
		self._root, self._places = root, Places(root)
		self._maker = Maker(today)
		self._drafter = Drafter(self._maker, answers, today)
		self._differences = Differences(taken)
		self._standing = Standing(taken)
		self._doubts = Doubts()
		self._today = today

	def part(self, families: Sequence[Family]) -> Part:
		"""Return what becomes of the rows of *families*; best a part whose families lie in one village.

		The ledger is read afresh. Nothing is changed, neither in it nor in the lines, so that a part may be planned again.
		"""
		part, groups = self._grouped(families)
		if not self._places.are_current({group.place for group in groups}):
			self._places = Places(self._root)
			part, groups = self._grouped(families)
		self._match(groups)
		settler = Settler(self._maker, self._differences, _Rights().may, self._places.title)
		for group in groups:
			settler.settle(group, part)
		return part

	# rows

	def _grouped(self, families: Sequence[Family]) -> tuple[Part, list[Group]]:
		part = Part()
		for doctype in ORDER:
			part.new[doctype] = []
		return part, [group for family in self._joined(families) if (group := self._group(family, part))]

	def _joined(self, families: Sequence[Family]) -> Iterable[Family]:
		"""Join families with one number in one village, which some of their rows name and others by the code of a grid."""
		found: dict[tuple[str, ...], Family] = {}
		for family in families:
			key, lines = family.key, [*([family.home] if family.home else []), *family.people]
			number = next((number for line in lines if (number := line.values.get(grouping.NUMBER))), "")
			if number and (village := self._places.village(grouping.place(lines))):
				key = (village, str(number).casefold())
			if before := found.get(key):
				home, *more = [each.home for each in (before, family) if each.home] or [None]
				family = Family(before.key, home, [*before.people, *family.people, *more])
			found[key] = family
		return found.values()

	def _group(self, family: Family, part: Part) -> Group | None:
		"""The rows of *family* as drafts; None where it lies nowhere, which is said to each of them in *part*."""
		rows = [self._drafter.row(line) for line in family.people]
		home_row = self._drafter.row(family.home) if family.home else None
		every = [home_row, *rows] if home_row else rows
		names = grouping.place([row.line for row in every])
		place = self._places.find(names)
		if not isinstance(place, Place):
			for row in every:
				row.problems.append(place)
				part.outcomes.append(row.outcome())
			return None
		group = Group(family, place, rows, home_row)
		self._gather(group, names)
		self._refuse_twice(group)
		_name_head(rows)
		group.head = self._drafter.head(rows, home_row)
		return group

	def _gather(self, group: Group, names: Names) -> None:
		"""Take together what the rows say of the household, which lies at *names*; a row that says otherwise than one above
		it is refused."""
		said_by: dict[str, Draft] = {}
		for row in group.every:
			for fieldname, value in row.said.get(HOUSEHOLD, {}).items():
				if fieldname not in group.values:
					group.values[fieldname] = value
					said_by[fieldname] = row
				elif group.values[fieldname] != value and fieldname != "household_no":
					key = f"{HOUSEHOLD}.{fieldname}"
					row.refuse(
						_("Row {0} of the same household says otherwise ({1}): {2}.").format(
							said_by[fieldname].line.number,
							self._differences.label(key),
							group.values[fieldname],
						),
						key,
					)
			own = tuple(row.line.values.get(key) or "" for key in grouping.PLACE)
			if own != names and any(own):
				self._check_place(group, row, _as_said(own, names))

	def _check_place(self, group: Group, row: Draft, names: Names) -> None:
		"""Refuse *row* when *names*, where it has the household, are another grid than that of *group*."""
		place = self._places.find(names)
		if not isinstance(place, Place):
			row.problems.append(place)
		elif place.name != group.place.name:
			row.refuse(
				_("The household lies in {0} by a row above, by this row in {1}.").format(
					group.place.title, place.title
				),
				grouping.GRID,
			)

	@staticmethod
	def _refuse_twice(group: Group) -> None:
		"""Refuse a row that says again what one above it in the same household has said."""
		by_hash: dict[str, Draft] = {}
		by_name: dict[str, list[Draft]] = {}
		for row in group.rows:
			wanted = row.wanted
			before = by_hash.setdefault(wanted.id_hash, row) if wanted.id_hash else row
			if before is not row:
				row.refuse(
					_("Row {0} has this number, too.").format(before.line.number),
					"Resident Identity.id_number",
				)
				continue
			if grouping.is_home(row.line):
				row.refuse(_("This household stands in a row above already."))
				continue
			for other in by_name.get(wanted.name, ()):
				other_number = wanted.id_hash and other.wanted.id_hash
				if not other_number and (
					not (wanted.born and other.wanted.born) or wanted.born == other.wanted.born
				):
					row.refuse(
						_(
							"Row {0} of the same household is {1}, too. Delete one of them, or write both numbers."
						).format(other.line.number, wanted.name),
						"Resident.resident_name",
					)
					break
			by_name.setdefault(wanted.name, []).append(row)

	# who is meant

	def _match(self, groups: Sequence[Group]) -> None:
		standing = self._standing
		villages = {group.place.village for group in groups}
		numbered = standing.numbered(villages, {group.number for group in groups if group.number})
		by_hash = standing.of_hashes(
			{row.wanted.id_hash for group in groups for row in group.rows if row.wanted.id_hash}
			| {group.head.id_hash for group in groups if group.head and group.head.id_hash}
		)
		loose = [group for group in groups if _number(group) not in numbered]
		named: dict[tuple[str, str], list[Row]] = {}
		for row in standing.namesakes(villages, {name for group in loose for name in _names(group)}):
			named.setdefault((households.village_of(row["grid_path"]), row["resident_name"]), []).append(row)
		near = {id(group): _homes_near(group, by_hash, named) for group in groups}
		homes = standing.homes(set().union(*near.values()) if near else (), numbered.values())
		for group in groups:
			known = numbered.get(_number(group)) if group.number else None
			self._find_home(group, known, [homes[name] for name in sorted(near[id(group)]) if name in homes])
			self._doubts.find_people(group)
		born = standing.born(self._doubts.unknown(groups))
		self._doubts.find_elsewhere(groups, by_hash, born, homes)

	def _find_home(self, group: Group, known: Home | None, near: Sequence[Home]) -> None:
		if known and not known.is_seen:
			for row in group.every:
				row.refuse(households.number_taken(group.number), "Household.household_no")
			return
		found = (
			matching.numbered(known, group.wanted, group.head)
			if known
			else matching.unnumbered(group.head, group.wanted, group.number, group.place.name, near)
		)
		self._doubts.decide_home(group, found)


class _Rights:
	"""What the session user may do where, asked once for a part."""

	def __init__(self) -> None:
		self._ranges: dict[tuple[str, str], tuple[scope.Range, ...]] = {}
		self._known: dict[tuple[str, str, str], bool] = {}

	def may(self, doctype: str, path: str, right: str) -> bool:
		"""Say whether the session user has *right* on *doctype* at *path*."""
		key = (doctype, path, right)
		if key not in self._known:
			of = (doctype, right)
			if of not in self._ranges:
				self._ranges[of] = scope.ranges(frappe.session.user, doctype, right)
			self._known[key] = covers(self._ranges[of], path)
		return self._known[key]


def _as_said(own: Names, names: Names) -> Names:
	"""Where a row that says *own* has its household, which lies at *names* by all its rows: whatever it leaves out is the
	same."""
	village, area, title, code = own
	if not (title or code):
		title, code = names[2:]
	return village or names[0], area or names[1], title, code


def _name_head(rows: Sequence[Draft]) -> None:
	"""Take who has the name of the head that her row names for the head, where it says nothing of her relation."""
	for row in rows:
		own = row.said[RESIDENT]
		if own.get("resident_name") and own["resident_name"] == row.line.values.get(grouping.HEAD_NAME):
			own.setdefault("relation_to_head", HEAD)


def _number(group: Group) -> tuple[str, str]:
	"""By what the household of *group* is known in its village; numbers are the database's, which tells no case apart."""
	return (group.place.village, group.number.casefold())


def _names(group: Group) -> Iterable[str]:
	"""Whose namesakes in the village may tell which household *group* is: those with a date of birth, and the head."""
	if group.head and group.head.name:
		yield group.head.name
	for row in group.rows:
		if row.wanted.born and row.wanted.name:
			yield row.wanted.name


def _homes_near(
	group: Group, by_hash: Mapping[str, list[Row]], named: Mapping[tuple[str, str], list[Row]]
) -> set[str]:
	"""The households of the village in which somebody of *group* may live."""
	village = group.place.village
	wanted = [*group.wanted, *([group.head] if group.head else [])]
	found = {
		row["household"]
		for one in wanted
		for row in by_hash.get(one.id_hash, ())
		if row["grid_path"].startswith(village)
	}
	for one in wanted:
		for row in named.get((village, one.name), ()):
			if row["birth_date"] == one.born or (one is group.head and not (one.born and row["birth_date"])):
				found.add(row["household"])
	return found
