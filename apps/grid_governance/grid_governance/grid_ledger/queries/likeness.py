"""Who may be in the ledger twice, inside the reader's scope.

Found anew each time it is asked, nothing is stored: a list of pairs would be stale with the next correction, and
would itself be data on persons. Names with dates of birth, phones and equal numbers are compared by the database, as
sets; equal numbers through the keyed hash.

**Numbers one character apart** need the numbers, which are encrypted. Two ways were weighed. An index of keyed hashes of
each number with one position left out would answer in SQL, at seventeen rows for each person, written and
forgotten with every number, and would tell whoever holds the database which numbers are near each other. Instead
they are decrypted for the length of the request, in memory, and only those whose identities the reader may read
herself: that is a village (identities are the village secretary's, domain B3). 6,300 people are compared in 1.4
seconds on two busy cores, a township of 180,000 without its numbers in 0.7. Nothing of it is logged or leaves the
process. Where more than `NUMBERS_AT_ONCE` are in reach, a village has to be chosen first, and the report says so.

**No oracle**: a reason counts only where the reader may read what it rests on: phones in the grids where she reads
contacts, numbers in those where she reads identities, of both people. Whoever may not read them gets no pair, no
count and no remark.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import frappe
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count, GroupConcat
from frappe.utils import getdate
from frappe.utils.password import Auth, decrypt
from pypika.queries import Table
from pypika.terms import Criterion, EmptyCriterion, Field

from grid_governance import scope
from grid_governance.grid_ledger import CONTACT, HOUSEHOLD, IDENTITY, RESIDENT
from grid_governance.grid_ledger.queries.find import told_apart
from grid_governance.grid_ledger.rules import ages, likeness
from grid_governance.scope.rules import subtree

COMPARISON = "Resident Comparison"
MERGED, DIFFERENT = "Merged", "Different People"
OWN = "Own"
"""The kind of contact that reaches nobody else."""

NOT_CONSISTENT = "Not Consistent"
"""Of who lives elsewhere than she is registered (人户不一致)."""

NUMBERS_AT_ONCE = WIDE = 20_000
PAIRS_AT_ONCE = 500
"""What one look works off; the strongest reasons come first."""

ORDER = (*likeness.REASONS, likeness.REGISTERED_AND_LIVING)

Inside = Callable[[Table], Criterion]
"""The condition that keeps a query on a table with `grid_path` inside the part of the tree that is looked at."""


@dataclass(frozen=True)
class Pair:
	"""Two rows that may be one person. *one* and *other* are rows of `people`; *judged* is (who, when) or None."""

	reason: str
	one: frappe._dict
	other: frappe._dict
	judged: tuple[str, datetime] | None = None


@dataclass
class Found:
	"""Pairs, the strongest reason first, how many there are in all, and what was not looked for."""

	pairs: list[Pair] = field(default_factory=list)
	total: int = 0
	numbers_left_out: bool = False
	"""Numbers one apart were not looked for: too many are in reach."""


def listed(grid: str | None = None, reason: str | None = None, with_judged: bool = False) -> Found:
	"""Return the pairs in the reader's scope that may be one person, of *grid* and below it only if it is given.

	*reason* leaves the others out. Pairs that somebody judged to be different people come only *with_judged*. Raises
	PermissionError for a grid that she may not read.
	"""
	inside = _below(grid)
	numbers, left_out = _numbers(inside)
	apart = likeness.pairs(likeness.Person(name, "", number=number) for name, number in numbers.items())
	phones = _phones(inside)
	names = set().union(_namesakes(inside), phones, *apart)
	rows = people(names, "report")
	found = _found(rows, phones, numbers)
	judged = _judged(set().union(*found))
	pairs = [
		Pair(_named(why, rows[one], rows[other]), rows[one], rows[other], judged.get((one, other)))
		for (one, other), why in found.items()
	]
	pairs = [pair for pair in pairs if reason in (None, "", pair.reason) and (with_judged or not pair.judged)]
	pairs.sort(key=lambda pair: (ORDER.index(pair.reason), pair.one.resident_name, pair.one.name))
	shown = pairs[:PAIRS_AT_ONCE]
	give_places([row for pair in shown for row in (pair.one, pair.other)])
	return Found(shown, len(pairs), left_out)


def same_number(resident: str) -> list[Pair]:
	"""Return *resident* paired with each other row that has her number: where she is registered, or lives, besides.

	Only for who may read her identity and theirs; for everybody else the list is empty, as it is where there is nobody.
	Raises PermissionError for a resident she may not read.
	"""
	doc = frappe.get_doc(RESIDENT, resident)
	doc.check_permission("read")
	numbers = _hashes_like(doc.name) if frappe.has_permission(IDENTITY, "read") else {}
	rows = people(set(numbers), "read")
	if doc.name not in rows:
		return []
	own = rows.pop(doc.name)
	give_places([own, *rows.values()])
	return [Pair(_named(likeness.SAME_NUMBER, own, row), own, row) for _name, row in sorted(rows.items())]


def reason_for(one: str, other: str) -> str | None:
	"""Return why the two may be one person, as far as the reader may read what it rests on; None for no reason."""

	def inside(table: Table) -> Criterion:
		return table.resident.isin([one, other])

	rows = people({one, other})
	for (a, b), why in _found(rows, _phones(inside), _numbers(inside)[0]).items():
		return _named(why, rows[a], rows[b])
	return None


def verdict_on(one: str, other: str) -> frappe._dict | None:
	"""Return name, judged_by, at of the verdict that the two are different people, None where nobody said so."""
	pair = sorted((one, other))
	return frappe.db.get_value(
		COMPARISON,
		{"verdict": DIFFERENT, "resident": pair[0], "other_resident": pair[1]},
		["name", "judged_by", "at"],
		as_dict=True,
	)


@frappe.whitelist()
def elsewhere(resident: str) -> list[dict[str, Any]]:
	"""Return where else *resident* stands with her number: name, about (what tells the row from others), `reason`.

	For who may read the identities of both; empty for everybody else, and where there is nobody. Raises
	PermissionError for a resident the reader may not read.
	"""
	return [
		{"name": pair.other.name, "about": about(pair.other), "reason": pair.reason}
		for pair in same_number(resident)
	]


def about(row: frappe._dict) -> str:
	"""Return a row of `people` in the words by which people tell her from others."""
	return f"{row.resident_name} · {told_apart(row)}"


def people(names: Collection[str], ptype: str = "read") -> dict[str, frappe._dict]:
	"""Return those of *names* whom the reader has the right *ptype* on and who were not merged away or anonymised, by name.

	Rows: name, resident_name, sex, birth_date, age, status, household, grid, grid_path, household_consistent.
	"""
	if not names:
		return {}
	resident = DocType(RESIDENT)
	rows = (
		frappe.qb.from_(resident)
		.select(resident.name, resident.resident_name, resident.sex, resident.birth_date, resident.status)
		.select(resident.household, resident.grid, resident.grid_path, resident.household_consistent)
		.where(resident.name.isin(sorted(names)))
		.where(resident.merged_into.isnull() & resident.anonymised_on.isnull())
		.where(scope.criterion(RESIDENT, ptype=ptype))
		.run(as_dict=True)
	)
	today = getdate()
	for row in rows:
		row.age = ages.age(row.birth_date, today) if row.birth_date else None
	return {row.name: row for row in rows}


def _found(
	rows: dict[str, frappe._dict], phones: dict[str, tuple[str, ...]], numbers: dict[str, str]
) -> dict[tuple[str, str], str]:
	return likeness.pairs(
		likeness.Person(
			row.name,
			row.resident_name,
			row.birth_date,
			numbers.get(row.name, ""),
			phones.get(row.name, ()),
			row.household,
		)
		for row in rows.values()
	)


def _named(reason: str, one: frappe._dict, other: frappe._dict) -> str:
	if reason == likeness.SAME_NUMBER and likeness.registered_and_living(_place(one), _place(other)):
		return likeness.REGISTERED_AND_LIVING
	return reason


def _place(row: frappe._dict) -> likeness.Place:
	return likeness.Place(row.household, row.status, row.household_consistent == NOT_CONSISTENT)


def _below(grid: str | None) -> Inside:
	if not grid:
		return lambda table: EmptyCriterion()
	node = frappe.get_doc("Grid", grid)
	node.check_permission("read")
	within = subtree(node.grid_path)
	return lambda table: (table.grid_path >= within.lo) & (table.grid_path < within.hi)


def _all(*conditions: Criterion) -> Criterion:
	"""The conditions together, without those that ask for nothing."""
	return Criterion.all(each for each in conditions if not isinstance(each, EmptyCriterion))


def _namesakes(inside: Inside) -> list[str]:
	"""Those who share name and date of birth with somebody."""
	resident = DocType(RESIDENT)
	mine = _all(
		inside(resident),
		scope.criterion(RESIDENT, ptype="report"),
		resident.birth_date.isnotnull() & resident.merged_into.isnull(),
	)
	keys = (resident.resident_name, resident.birth_date)
	return [name for *_key, names in _sharing(resident, keys, resident.name, mine) for name in names]


def _phones(inside: Inside) -> dict[str, tuple[str, ...]]:
	"""The phones that somebody shares with others, by resident, where the reader may read contacts."""
	if not frappe.has_permission(CONTACT, "read"):
		return {}
	contact = DocType(CONTACT)
	mine = _all(inside(contact), scope.criterion(CONTACT), (contact.kind == OWN) & (contact.phone != ""))
	found: dict[str, tuple[str, ...]] = {}
	for phone, residents in _sharing(contact, (contact.phone,), contact.resident, mine):
		for resident in residents:
			found[resident] = (*found.get(resident, ()), phone)
	return found


def _sharing(table: Table, keys: tuple[Field, ...], who: Field, mine: Criterion) -> list[tuple[Any, ...]]:
	"""The values of *keys* that several rows of *table* share, each with those *who* do.

	The whole index is read in its order where the reader's part is wide: sorting a township takes twenty times as long.
	The optimiser does not see it.
	"""
	query = (
		frappe.qb.from_(table)
		.select(*keys, GroupConcat(who))
		.where(mine)
		.groupby(*keys)
		.having(Count(who).distinct()[2 : likeness.CROWD])
	)
	if frappe.qb.from_(table).select(Count("*")).where(mine).run()[0][0] > WIDE:
		query = query.force_index(f"{keys[0].name}_in_scope")
	return [(*row[:-1], sorted(set(row[-1].split(",")))) for row in query.run()]


def _numbers(inside: Inside) -> tuple[dict[str, str], bool]:
	"""What stands for the numbers of residents, by resident, where the reader may read identities.

	The numbers themselves, or, where they are too many to be decrypted, the keyed hashes of those that occur more
	than once; the second value says which.
	"""
	if not frappe.has_permission(IDENTITY, "read"):
		return {}, False
	identity = DocType(IDENTITY)
	mine = _all(inside(identity), scope.criterion(IDENTITY), identity.id_number_hash != "")
	count = frappe.qb.from_(identity).select(Count("*")).where(mine).run()[0][0]
	if count <= NUMBERS_AT_ONCE:
		kept = (
			frappe.qb.from_(identity)
			.join(Auth)
			.on((Auth.doctype == IDENTITY) & (Auth.name == identity.name) & (Auth.fieldname == "id_number"))
			.select(identity.resident, Auth.password)
			.where(mine)
			.run()
		)
		return {resident: decrypt(secret) for resident, secret in kept}, False
	shared = _sharing(identity, (identity.id_number_hash,), identity.resident, mine)
	return {resident: number for number, residents in shared for resident in residents}, True


def _hashes_like(resident: str) -> dict[str, str]:
	"""The keyed hash of the number of *resident* by each resident who has it, inside the reader's scope."""
	identity, own = DocType(IDENTITY), DocType(IDENTITY).as_("own")
	number = (
		frappe.qb.from_(own)
		.select(own.id_number_hash)
		.where(_all(own.resident == resident, scope.criterion(IDENTITY, table=own)))
	)
	return dict(
		frappe.qb.from_(identity)
		.select(identity.resident, identity.id_number_hash)
		.where(_all(identity.id_number_hash.isin(number), scope.criterion(IDENTITY)))
		.limit(likeness.CROWD)
		.run()
	)


def _judged(names: set[str]) -> dict[tuple[str, str], tuple[str, datetime]]:
	"""Who said when that two of *names* are different people, by the pair in the order of their names."""
	if not names:
		return {}
	# Past the scope: the reader sees both people, and a verdict from above counts for her too.
	rows = frappe.get_all(
		COMPARISON,
		filters={"verdict": DIFFERENT, "resident": ["in", sorted(names)]},
		fields=["resident", "other_resident", "judged_by", "at"],
		order_by="at asc",
	)
	return {tuple(sorted((row.resident, row.other_resident))): (row.judged_by, row.at) for row in rows}


def give_places(rows: list[frappe._dict]) -> None:
	"""Give each of *rows* what its household and its grid are called: two statements for all."""
	for doctype, title, of, to in (
		(HOUSEHOLD, "title", "household", "household_title"),
		("Grid", "grid_name", "grid", "grid_name"),
	):
		called = dict(
			frappe.get_all(
				doctype,
				filters={"name": ["in", sorted({row[of] for row in rows})]},
				fields=["name", title],
				order_by="name asc",
				as_list=True,
			)
			if rows
			else ()
		)
		for row in rows:
			row[to] = called.get(row[of])
