"""Who saw, revealed, exported, printed or downloaded whose data: our own log, Frappe's View Log and its Access Log.

A line lies where the record lies that it tells of; whoever may report on Personal Data Access reads it there. Of the
Access Log only downloads of attached files and of backups are taken: an export or a print stands in our own log, too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import frappe
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count, Sum
from pypika.queries import QueryBuilder, Table
from pypika.terms import Criterion, EmptyCriterion, NullValue, Term, ValueWrapper

from grid_governance import scope
from grid_governance.grid_ledger.actions.accesses import ACCESS
from grid_governance.scope.registry import GRID_DOCTYPES, PERSONS
from grid_governance.scope.rules import EVERYWHERE

VIEW, DOWNLOAD, BACKUP = "Viewed", "Download", "Backup"
SEEN = tuple(sorted(PERSONS & set(GRID_DOCTYPES)))
"""DocTypes of people whose openings Frappe logs, and whose rows say where they lie."""
COLUMNS = ("at", "user", "kind", "doctype", "record", "counted", "reason", "detail", "grid_path")


@dataclass(frozen=True)
class Asked:
	"""Which lines are asked for: both days included; *prefix* the path of a node, "" for all; *user*, *kind* or ""."""

	from_date: date
	to_date: date
	prefix: str = ""
	user: str = ""
	kind: str = ""

	def when(self, moment: Term) -> Criterion:
		"""Return the condition of the period."""
		return (moment >= self.from_date) & (moment < self.to_date + timedelta(days=1))


def index() -> None:
	"""Give Frappe's logs the indexes from which a period is read, whatever else they hold."""
	frappe.db.add_index(
		"View Log", ["reference_doctype", "creation", "viewed_by", "reference_name"], "grid_persons_seen"
	)
	frappe.db.add_index("Access Log", ["export_from", "creation"], "grid_files_taken")


def lines(asked: Asked, limit: int) -> list[dict[str, Any]]:
	"""Return the newest *limit* lines as dicts of `COLUMNS`; `at` is a datetime, `counted` a number of people."""
	found: list[dict[str, Any]] = []
	for source in _sources(asked):
		newest = source.query().orderby(source.at, order=frappe.qb.desc).limit(limit)
		found += newest.run(as_dict=True)
	return sorted(found, key=lambda line: line["at"], reverse=True)[:limit]


def counts(asked: Asked) -> list[tuple[str, str, int, int]]:
	"""Return (user, kind, lines, people) for each user and kind."""
	found: dict[tuple[str, str], list[int]] = {}
	for source in _sources(asked):
		for user, kind, number, people in source.counted().run():
			sums = found.setdefault((user, kind), [0, 0])
			sums[0] += number
			sums[1] += int(people or 0)
	return [(user, kind, *sums) for (user, kind), sums in sorted(found.items())]


@dataclass
class _Source:
	"""A log: the query of its lines in scope, and what its columns are called."""

	base: QueryBuilder
	at: Term
	user: Term
	kind: Term
	doctype: Term
	record: Term
	people: Term
	reason: Term
	detail: Term
	path: Term

	def query(self) -> QueryBuilder:
		"""Return the query of the lines."""
		terms = (
			self.at,
			self.user,
			self.kind,
			self.doctype,
			self.record,
			self.people,
			self.reason,
			self.detail,
			self.path,
		)
		return self.base.select(*(term.as_(name) for term, name in zip(terms, COLUMNS, strict=True)))

	def counted(self) -> QueryBuilder:
		"""Return the query of the counts by user and kind."""
		return self.base.select(self.user, self.kind, Count("*"), Sum(self.people)).groupby(
			self.user, self.kind
		)


def _sources(asked: Asked) -> Iterator[_Source]:
	if asked.kind not in (VIEW, DOWNLOAD, BACKUP):
		yield _own(asked)
	for doctype in SEEN:
		if asked.kind in ("", VIEW):
			yield _views(asked, doctype)
		if asked.kind in ("", DOWNLOAD):
			yield _downloads(asked, doctype)
	if asked.kind in ("", BACKUP) and _sees_all() and not asked.prefix:
		yield _backups(asked)


def _own(asked: Asked) -> _Source:
	log = DocType(ACCESS)
	base = frappe.qb.from_(log).where(asked.when(log.at)).where(_in_scope(asked, log))
	base = _only(base, ((log.user, asked.user), (log.kind, asked.kind)))
	return _Source(
		base,
		log.at,
		log.user,
		log.kind,
		log.reference_doctype,
		log.reference_name,
		log.rows,
		log.reason,
		log.detail,
		log.grid_path,
	)


def _views(asked: Asked, doctype: str) -> _Source:
	log, seen = DocType("View Log"), DocType(doctype)
	base = frappe.qb.from_(log).where(log.reference_doctype == doctype).where(asked.when(log.creation))
	base = _placed(base, asked, seen, log.reference_name)
	base = _only(base, ((log.viewed_by, asked.user),))
	return _stock(base, log.creation, log.viewed_by, VIEW, doctype, log.reference_name, seen)


def _downloads(asked: Asked, doctype: str) -> _Source:
	log, file, seen = DocType("Access Log"), DocType("File"), DocType(doctype)
	base = (
		frappe.qb.from_(log)
		.join(file)
		.on((file.name == log.reference_document) & (file.attached_to_doctype == doctype))
		.where(log.export_from == "File")
		.where(asked.when(log.creation))
	)
	base = _placed(base, asked, seen, file.attached_to_name)
	base = _only(base, ((log.user, asked.user),))
	return _stock(base, log.creation, log.user, DOWNLOAD, doctype, file.attached_to_name, seen)


def _backups(asked: Asked) -> _Source:
	log = DocType("Access Log")
	base = frappe.qb.from_(log).where(log.report_name == BACKUP).where(asked.when(log.creation))
	base = _only(base, ((log.user, asked.user),))
	return _stock(base, log.creation, log.user, BACKUP, "", NullValue(), None)


def _stock(
	base: QueryBuilder, at: Term, user: Term, kind: str, doctype: str, record: Term, place: Table | None
) -> _Source:
	nothing = NullValue()
	path = nothing if place is None or not _joined(base) else place.grid_path
	return _Source(
		base,
		at,
		user,
		ValueWrapper(kind),
		ValueWrapper(doctype),
		record,
		ValueWrapper(1),
		nothing,
		nothing,
		path,
	)


def _placed(base: QueryBuilder, asked: Asked, place: Table, record: Term) -> QueryBuilder:
	"""Join where the record lies; whoever reads every grid is also told of records that are gone."""
	condition = _in_scope(asked, place)
	if isinstance(condition, EmptyCriterion):
		return base.left_join(place).on(place.name == record)
	return base.join(place).on(place.name == record).where(condition)


def _joined(base: QueryBuilder) -> bool:
	return bool(base._joins)


def _in_scope(asked: Asked, table: Table) -> Criterion:
	found = scope.criterion(ACCESS, ptype="report", table=table)  # first: it may be empty
	return found & table.grid_path.like(f"{asked.prefix}%") if asked.prefix else found


def _only(base: QueryBuilder, wanted: Iterable[tuple[Term, str]]) -> QueryBuilder:
	for column, value in wanted:
		if value:
			base = base.where(column == value)
	return base


def _sees_all() -> bool:
	return scope.ranges(frappe.session.user, ACCESS, "report") == EVERYWHERE
