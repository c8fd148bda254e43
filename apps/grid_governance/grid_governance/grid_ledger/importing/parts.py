"""A file worked through part by part: planned against what stands, then written, and gone on with after whatever happens."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.utils import now
from pypika import Parameter

from grid_governance.grid_ledger.importing import documents, families, faults, remarks, uploads
from grid_governance.grid_ledger.importing.documents import FamilyRefusedError
from grid_governance.grid_ledger.importing.families import in_turns
from grid_governance.grid_ledger.importing.places import Place, Places
from grid_governance.grid_ledger.importing.shapes import Answer, Family, Line, Part
from grid_governance.grid_ledger.importing.uploads import IMPORT
from grid_governance.grid_ledger.importing.writer import OvertakenError, Rows, Statement, Writer

ROWS = 1000
"""Rows of a part: seconds of work, and few enough parts that their commits cost nothing."""

LOCK_SECONDS = 120
"""How long another import may hold a village before this one asks whether it is to go on waiting."""

WAITS = (1, 2, 4, 8, 15, 30, 60, 60, 60, 60)
"""Seconds between the tries to reach a database that is gone: five minutes, longer than it takes to start again."""

TRIES = 3
"""How often a part is planned anew for rows that others write at the same time, before it is halved."""


class CancelledError(frappe.ValidationError):
	"""An import was cancelled; what is written stays."""


class Step(NamedTuple):
	"""A part that is being written: the position it goes on from, its families, the villages that are locked for it, what
	it adds to the figures."""

	at: int
	families: Sequence[Family]
	villages: frozenset[str]
	figures: Counter[str]


class Parts:
	"""Works through the *families* of the import *doc* as the session user.

	*plan* says what a part does and is called under the lock of its villages, with what stands read afresh. With *by_documents*
	new rows are saved as documents. *told* is called whenever a part is done, with the families that are done.
	"""

	def __init__(
		self,
		doc: Document,
		families: Sequence[Family],
		plan: Callable[[Sequence[Family]], Part],
		answers: dict[tuple[int, int], Answer],
		by_documents: bool,
		told: Callable[[int], None],
	) -> None:
		self.doc, self.plan, self.answers, self.told = doc, plan, answers, told
		self.families = in_turns(families, ROWS)
		self.by_documents = by_documents
		self._writes = doc.state == uploads.WRITING
		self._places, self._rows, self._writer = Places(doc.grid), Rows(), Writer()
		self._reason = _("From the file {0}").format(doc.file_name)
		self._locked: set[str] = set()
		self._most = ROWS
		self._failed_at, self._failures = -1, 0
		self._refused: tuple[str, ...] | None = None

	def work(self) -> None:
		"""Work through all families that are not done. Raises CancelledError, OvertakenError."""
		try:
			while not self._is_done():
				pass
		finally:
			self._take_back()
			self._writer.close()

	def _is_done(self) -> bool:
		"""Go on until all is done, or until something happens after which it can be gone on anew."""
		try:
			self._go_on()
		except (CancelledError, OvertakenError):
			raise
		except Exception as error:
			self._take_back()
			self._deal_with(error)
			return False
		return True

	def _go_on(self) -> None:
		"""Go on from where the import stands. While the database writes a part, the next is planned.

		Unless both have to do with the same village: then the next has to see what the one before has written.
		"""
		at, writing = self._look(), None
		while at < len(self.families):
			batch = self._next(at)
			villages = self._villages(batch)
			if writing and (writing.villages & villages or not self._lock(villages, seconds=0)):
				writing = self._finish(writing)
			while not self._lock(villages, LOCK_SECONDS):
				self._look()
			self._look()  # what others have committed until now is read
			part = self.plan(batch)
			if writing:
				self._finish(writing)
			writing = self._begin(Step(at, batch, villages, remarks.figures(part.outcomes)), part)
			at += len(batch)
		if writing:
			self._finish(writing)

	def _next(self, at: int) -> Sequence[Family]:
		"""Return the families of the part that begins *at*: of one village, and few enough; as documents one alone."""
		village, rows, end = self.families[at].key[0], 0, at
		while end < len(self.families):
			family = self.families[end]
			rows += len(_lines(family))
			if end > at and (rows > self._most or family.key[0] != village or self.by_documents):
				break
			end += 1
		return self.families[at:end]

	def _villages(self, batch: Sequence[Family]) -> frozenset[str]:
		"""Return the paths of the villages that are locked for *batch*: a check, which writes nothing, locks none."""
		if not self._writes:
			return frozenset()
		found = (self._places.find(families.place(_lines(family))) for family in batch)
		return frozenset(place.village for place in found if isinstance(place, Place))

	# what is written

	def _begin(self, step: Step, part: Part) -> Step | None:
		"""Write *part*; return *step* while the database is still at it, None when it is done."""
		if self._writes and (part.updates or self.by_documents):
			self._save(step, part)
			return None
		found = self._rows.statements(part) if self._writes else []
		self._writer.begin([*self._progress(step, part), *found])
		return step

	def _finish(self, step: Step) -> None:
		self._writer.end()
		self._done(step)

	def _save(self, step: Step, part: Part) -> None:
		"""Write *part* over Frappe's own connection, what is changed and what has to be as documents, in one transaction."""
		while True:
			if frappe.db.get_value(IMPORT, self.doc.name, "position", for_update=True) != step.at:
				raise OvertakenError
			if self.by_documents:
				documents.insert(part)
			else:
				_execute(self._rows.statements(part))
			if documents.save(part.updates, self._reason):
				break
			frappe.db.rollback()
			part = self.plan(step.families)  # without the rows that were refused
			step = step._replace(figures=remarks.figures(part.outcomes))
		_execute(self._progress(step, part))
		frappe.db.commit()  # what is written and how far the import has come stand together
		self._done(step)

	def _progress(self, step: Step, part: Part) -> list[Statement]:
		"""Return what notes that *step* is done, and what there is to say of its rows."""
		done = {"position": step.at + len(step.families), "modified": now()}
		table = DocType(IMPORT)
		query = frappe.qb.update(table).where(
			(table.name == Parameter("%s")) & (table.position == Parameter("%s"))
		)
		for field in done:
			query = query.set(table[field], Parameter("%s"))
		for field in step.figures:
			query = query.set(table[field], table[field] + Parameter("%s"))
		values = (*done.values(), *step.figures.values(), self.doc.name, step.at)
		found = [Statement(query.get_sql(), [values], changes=1)]
		said = [outcome for outcome in part.outcomes if remarks.worth_saying(outcome, self.answers)]
		return [*found, remarks.statement(self.doc, self._rows, said)] if said else found

	def _done(self, step: Step) -> None:
		self._unlock(step.villages)
		self._most = min(self._most * 2, ROWS)
		self.told(step.at + len(step.families))

	# what stands

	def _look(self) -> int:
		"""Read afresh, and return how many families are done. Raises CancelledError, OvertakenError."""
		frappe.db.rollback()
		stands = frappe.db.get_value(
			IMPORT, self.doc.name, ["state", "position", "cancel_asked"], as_dict=True
		)
		if not stands or stands.state != self.doc.state:
			raise OvertakenError
		if stands.cancel_asked:
			raise CancelledError
		return stands.position

	def _lock(self, villages: Collection[str], seconds: int) -> bool:
		"""Lock those of *villages* that are not yet, in their order; say whether all are after *seconds* for each."""
		for village in sorted(set(villages) - self._locked):
			if not frappe.db.sql("select get_lock(%s, %s)", (_lock_name(village), seconds))[0][0]:
				return False
			self._locked.add(village)
		return True

	def _unlock(self, villages: Collection[str]) -> None:
		for village in sorted(self._locked & set(villages)):
			frappe.db.sql("select release_lock(%s)", (_lock_name(village),))
			self._locked.discard(village)

	# what goes wrong

	def _take_back(self) -> None:
		"""Let go of what was begun: the database takes back what is not committed."""
		self._writer.abandon()
		try:
			frappe.db.rollback()
			self._unlock(set(self._locked))
		except Exception as error:
			if faults.kind(error) != faults.LOST:
				raise
		self._locked = set()  # those of a connection that is gone went with it

	def _deal_with(self, error: Exception) -> None:
		"""Make that the next try can do better, or raise *error*.

		A part whose rows others write at the same time is planned anew; one that fails again is halved, until the family at
		fault is alone and refused.
		"""
		kind = faults.kind(error)
		if kind == faults.LOST:
			self._reach(error)
			return
		if not (kind == faults.AGAIN or isinstance(error, FamilyRefusedError) or faults.is_of_rows(error)):
			raise error
		at = self._look()
		self._failures = self._failures + 1 if at == self._failed_at else 1
		self._failed_at = at
		if kind == faults.AGAIN and self._failures < TRIES:
			return
		batch = self._next(at)
		if len(batch) > 1:
			self._most = max(1, sum(len(_lines(family)) for family in batch) // 2)
			return
		if batch[0].key == self._refused:
			raise error
		documents.refuse(_lines(batch[0]), _why(error))
		self._refused, self._failures = batch[0].key, 0

	def _reach(self, error: Exception) -> None:
		"""Wait for a database that is gone, longer and longer, and connect again. Raises *error* when it stays away."""
		for seconds in WAITS:
			time.sleep(seconds)
			try:
				frappe.db.close()
				frappe.db.connect()
				return
			except Exception as again:
				if faults.kind(again) != faults.LOST:
					raise
		raise error


def _lines(family: Family) -> list[Line]:
	return [family.home, *family.people] if family.home else family.people


def _execute(statements: Sequence[Statement]) -> None:
	"""Execute *statements* over Frappe's own connection: the rows of one together, which `frappe.db.sql` sends one by one."""
	for statement in statements:
		frappe.db._cursor.executemany(statement.query, statement.rows)


def _lock_name(village: str) -> str:
	return f"{frappe.conf.db_name}:ledger-import:{village}"


def _why(error: Exception) -> str:
	if isinstance(error, FamilyRefusedError):
		return str(error)
	return _(
		"The household could not be written: what stands in its rows contradicts what others have entered meanwhile. Upload the rows again."
	)
