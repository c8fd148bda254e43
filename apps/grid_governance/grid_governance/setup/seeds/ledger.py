"""Writing seeds to the site and keeping their ledger, the DocType Seed Record."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import click
import frappe
from frappe import _
from frappe.model import no_value_fields, table_fields
from frappe.model.document import Document
from frappe.translate import get_translations_from_apps
from frappe.utils import strip_html

from grid_governance.setup.seeds import rules
from grid_governance.setup.seeds.rules import Action, Ledger, Normal, Seed, State

LEDGER = "Seed Record"
APP = "grid_governance"
_VERSIONS = ("shipped", "stored")

Outcome = Counter[str]


class SeedReferenceMissingError(frappe.ValidationError):
	"""A seed refers to a record that was deleted here."""


def sync(language: str | None = None, seeds: list[Seed] | None = None) -> Outcome:
	"""Bring the site's seeded records up to what the app ships; return how many stand in which state.

	*language* is that of the first seeding; afterwards the ledger's own is used. Records changed or
	deleted here are left as they are; untouched ones that are no longer shipped are removed. May be called
	again at any time.
	"""
	run = _Sync(language or frappe.local.lang or "en")
	seeds = rules.load() if seeds is None else seeds
	run.seen = {seed.key for seed in seeds}
	with speaking(run.language):
		for seed in seeds:
			run.bring_up(seed)
		run.withdraw()
	return run.outcome


def bring(kind: str) -> None:
	"""Bring up the seeds of *kind* alone, for a patch that needs them before a migrate comes to all of them."""
	run = _Sync(frappe.local.lang or "en")
	with speaking(run.language):
		for seed in rules.load():
			if seed.key.startswith(f"{kind}/"):
				run.bring_up(seed)


@contextmanager
def speaking(language: str) -> Iterator[None]:
	"""Write differences and reasons in *language*: a migrate speaks English, the administrator reads them."""
	before = frappe.local.lang
	frappe.local.lang = language
	try:
		yield
	finally:
		frappe.local.lang = before


def name_of(key: str) -> str:
	"""Return the present name of the record made from the seed *key*. Raises SeedReferenceMissingError."""
	found = frappe.db.get_value(LEDGER, key, ["reference_doctype", "reference_name"])
	return _existing(key, *(found or (None, None)))


def choices(key: str) -> set[str]:
	"""Return what may be decided about the seed *key*: "take", "merge", "keep", "remove", "release"."""
	run = _Sync()
	row = run.ledger[key]
	seed = _shipped_seed(key)
	if not seed:
		return {"remove", "release"} if row.state == State.WITHDRAWN else set()
	if row.state != State.WAITING:
		return {"take"} if row.state not in (State.UNTOUCHED, State.MISSING) else set()
	return {"take", "keep"} | ({"merge"} if run.news(seed) else set())


def take_shipped(key: str) -> None:
	"""Give up what was changed or deleted here and put the seed *key* as the app ships it."""
	_Sync().put(_seed(key))


def take_news(key: str) -> None:
	"""Take from the waiting update of the seed *key* what meets nothing that was changed here."""
	run, seed = _Sync(), _seed(key)
	run.put(seed, only=run.news(seed))


def keep_own(key: str) -> None:
	"""Decline the waiting update of the seed *key*: the record stays, and the update is no longer offered."""
	run, seed = _Sync(), _seed(key)
	shipped = run.shipped(seed)
	run.remember(seed, State.CHANGED, shipped=shipped, stored=shipped)


def remove_withdrawn(key: str) -> None:
	"""Delete the record of the seed *key*, which the app ships no more, and forget the seed."""
	row = _withdrawn(key)
	frappe.delete_doc(row.reference_doctype, row.reference_name)
	_Sync().forget(key)


def release_withdrawn(key: str) -> None:
	"""Keep the record of the seed *key*, which the app ships no more, as one that was made here."""
	_withdrawn(key)
	_Sync().forget(key)


def note_change(doc: Document, method: str | None = None, *args: object) -> None:
	"""Document event: show in the ledger at once that a seeded record was changed or deleted here."""
	if doc.flags.seeding or frappe.flags.in_uninstall:
		return
	key = frappe.db.get_value(LEDGER, {"reference_doctype": doc.doctype, "reference_name": doc.name})
	if key:
		_Sync().look_at(key)


def remove() -> None:
	"""Uninstall: delete the untouched records from foreign DocTypes, and whatever points at our own."""
	modules = set(frappe.get_all("Module Def", {"app_name": APP}, pluck="name"))
	own = set(frappe.get_all("DocType", {"module": ("in", list(modules))}, pluck="name"))
	frappe.flags.in_uninstall = True
	for row in frappe.get_all(
		LEDGER, fields=["name", "reference_doctype", "reference_name", "state"], order_by="sort_order desc"
	):
		if row.name.startswith(rules.NO_FILE):
			continue
		if row.reference_doctype in own or not frappe.db.exists(row.reference_doctype, row.reference_name):
			continue
		doc = frappe.get_doc(row.reference_doctype, row.reference_name)
		points_at_us = doc.get("document_type") in own or doc.get("module") in modules
		if points_at_us or row.state == State.UNTOUCHED:
			doc.delete(ignore_permissions=True, force=True)


def _shipped_seed(key: str) -> Seed | None:
	return next((seed for seed in rules.load() if seed.key == key), None)


def _seed(key: str) -> Seed:
	seed = _shipped_seed(key)
	if not seed:
		frappe.throw(_("The app no longer ships the seed {0}.").format(key), frappe.DoesNotExistError)
	return seed


def _withdrawn(key: str) -> Document:
	row = frappe.get_doc(LEDGER, key)
	if row.state != State.WITHDRAWN:
		frappe.throw(_("The app ships the seed {0}; what it ships is not given up.").format(key))
	return row


def _existing(key: str, doctype: str | None, name: str | None) -> str:
	if not name or not frappe.db.exists(doctype, name):
		raise SeedReferenceMissingError(_("It refers to {0}, which was deleted here.").format(key))
	return name


class _Sync:
	"""One pass over the seeds, with the ledger read once."""

	def __init__(self, language: str | None = None) -> None:
		rows = frappe.get_all(
			LEDGER,
			filters={"name": ("not like", f"{rules.NO_FILE}%")},
			fields=["*"],
			order_by="sort_order",
			limit_page_length=0,
		)
		self.ledger: dict[str, frappe._dict] = {row.name: row for row in rows}
		self.language = rows[0].language if rows else language
		self.keys = {(row.reference_doctype, row.reference_name): row.name for row in rows}
		self.texts = get_translations_from_apps(self.language, [APP])
		self.unordered = {kind.doctype: set(kind.unordered) for kind in rules.kinds()}
		self.seen: set[str] = set()
		self.left_out: dict[str, set[str]] = {}
		self.outcome: Outcome = Counter()

	def bring_up(self, seed: Seed) -> None:
		"""Insert, update, adopt or keep the record of *seed*."""
		try:
			self.inherit(seed)
			shipped = self.shipped(seed)
		except SeedReferenceMissingError as missing:
			return self.remember(seed, State.MISSING, reason=str(missing))
		decision = rules.decide(self.remembered(seed.key), self.current(seed), shipped)
		if decision.action in (Action.INSERT, Action.UPDATE):
			refusal = self.attempt(lambda: self.put(seed))
			if refusal:
				self.outcome[State.REFUSED.value] += 1
				return self.remember(seed, State.REFUSED, reason=refusal)
		elif decision.action is Action.ADOPT:
			self.remember(seed, decision.state, shipped=shipped, stored=shipped, name=self.name_of(seed))
		else:
			self.remember(seed, decision.state, offered=shipped)
		self.outcome[decision.action.value] += 1
		self.outcome[decision.state.value] += 1

	def attempt(self, write: Callable[[], object]) -> str:
		"""Run *write* so that a refusal of the site undoes it alone; return the refusal's words, or ""."""
		frappe.db.savepoint("seed")
		messages = len(frappe.local.message_log)
		try:
			write()
		except (frappe.ValidationError, frappe.NameError, frappe.PermissionError) as refused:
			frappe.db.rollback(save_point="seed")
			del frappe.local.message_log[messages:]
			return strip_html(str(refused)) or type(refused).__name__
		return ""

	def put(self, seed: Seed, only: Collection[str] | None = None) -> None:
		"""Write the record of *seed* as the app ships it and remember how it then stands.

		*only*: just these fields; the others stay as they were changed here. With the permissions of the user,
		but for the installer, who is Administrator.
		"""
		values = self.rendered(seed)
		name = self.name_of(seed)
		shipped = self.shipped(seed)
		if name and frappe.db.exists(seed.doctype, name):
			doc = frappe.get_doc(seed.doctype, name)
			doc.flags.seeding = True
			naming = self.naming(seed.doctype)
			doc.update(
				{
					field: value
					for field, value in values.items()
					if field not in naming and (only is None or field in only)
				}
			)
			doc.save()
		else:
			doc = frappe.get_doc({"doctype": seed.doctype, **values})
			doc.flags.seeding = True
			doc.insert(set_name=values.get("name"))
		self.keys[seed.doctype, doc.name] = seed.key
		stored = self.normal(seed, frappe.get_doc(seed.doctype, doc.name).as_dict())
		state = State.UNTOUCHED
		if only is not None:
			state, stored = State.CHANGED, {**shipped, **{field: stored[field] for field in only}}
		self.remember(seed, state, shipped=shipped, stored=stored, name=doc.name)

	def news(self, seed: Seed) -> set[str]:
		"""Return the fields of a waiting update that meet nothing that was changed here."""
		current, remembered = self.current(seed), self.remembered(seed.key)
		if current is None or remembered is None:
			return set()
		merged = rules.merge(remembered, current, self.shipped(seed))
		return {field for field, value in merged.items() if value != current.get(field)}

	def inherit(self, seed: Seed) -> None:
		"""Let a new seed take over the record of one that is no longer shipped: its key was changed."""
		if seed.key in self.ledger:
			return
		old = self.keys.get((seed.doctype, self.name_of(seed)))
		if old and old not in self.seen and (remembered := self.remembered(old)):
			name = self.ledger[old].reference_name
			self.forget(old)
			self.remember(
				seed, State.UNTOUCHED, shipped=remembered.shipped, stored=remembered.stored, name=name
			)

	def look_at(self, key: str) -> None:
		"""Set the state of the seed *key* from the record as it stands."""
		row = self.ledger[key]
		seed = _shipped_seed(key)
		if not seed or not row.stored or row.state == State.REFUSED:
			return
		try:
			shipped = self.shipped(seed)
		except SeedReferenceMissingError:
			shipped = self.remembered(key).shipped
		state = rules.decide(self.remembered(key), self.current(seed), shipped).state
		if state is not State(row.state) or state is not State.UNTOUCHED:
			self.remember(seed, state, offered=shipped)

	def withdraw(self) -> None:
		"""Remove the untouched records that are no longer shipped; keep and list what was changed here.

		Those that refer to others go first. One that other records need stays and says so.
		"""
		gone = [key for key in self.ledger if key not in self.seen]
		for key in reversed(gone):
			row, remembered = self.ledger[key], self.remembered(key)
			if not remembered:  # it never came to a record
				self.forget(key)
				continue
			seed = Seed(key, row.reference_doctype, remembered.stored)
			decision = rules.decide_withdrawn(remembered, self.current(seed))
			reason = ""
			if decision.action is Action.REMOVE:
				reason = self.attempt(lambda row=row: _delete(row))
				if not reason:
					self.forget(key)
					self.outcome[Action.REMOVE.value] += 1
					continue
			self.remember(seed, decision.state, reason=reason)
			self.outcome[decision.state.value] += 1

	def forget(self, key: str) -> None:
		"""Take the seed *key* out of the ledger; its record, where there is one, stays."""
		row = self.ledger.pop(key)
		self.keys.pop((row.reference_doctype, row.reference_name), None)
		frappe.db.delete(LEDGER, {"name": key})

	def remembered(self, key: str) -> Ledger | None:
		"""Return what the ledger holds of the seed *key*, None when it was never put here."""
		row = self.ledger.get(key)
		if not row or not row.stored:
			return None
		shipped, stored = (self.anew(row.reference_doctype, json.loads(row[each])) for each in _VERSIONS)
		return Ledger(shipped=shipped, stored=stored)

	def anew(self, doctype: str, normal: Normal) -> Normal:
		"""Return a remembered normal form in today's form: an earlier version may have written another."""
		meta = frappe.get_meta(doctype)
		renewed: Normal = {}
		for field, value in normal.items():
			df = meta.get_field(field)
			if isinstance(value, str) and df and df.fieldtype in rules.JSON_TEXTS:
				value = rules.canonical(value, df.fieldtype)
			renewed[field] = self.ordered(doctype, field, value)
		return renewed

	def ordered(self, doctype: str, field: str, value: Any) -> Any:
		"""Return the rows of a child table in the order in which they are compared."""
		if field in self.unordered.get(doctype, ()):
			return sorted(value, key=rules.serialise)
		return value

	def remember(
		self,
		seed: Seed,
		state: State,
		shipped: Normal | None = None,
		stored: Normal | None = None,
		offered: Normal | None = None,
		name: str | None = None,
		reason: str = "",
	) -> None:
		"""Write the ledger's row of *seed*. What is not given stays as it was."""
		row = self.ledger.get(seed.key)
		values: dict[str, Any] = {
			"state": state.value,
			"reason": reason or self.left_out_reason(seed.key),
			"sort_order": list(self.ledger).index(seed.key) + 1 if row else len(self.ledger) + 1,
			"language": self.language,
			"reference_doctype": seed.doctype,
			"reference_name": name or (row and row.reference_name) or "",
		}
		values["title"] = (
			self.title(seed.doctype, values["reference_name"]) or (row and row.title) or seed.key
		)
		if shipped is not None:
			values |= {"shipped": rules.serialise(shipped), "digest": rules.digest(shipped)}
		if stored is not None:
			values["stored"] = rules.serialise(stored)
		values |= self.differences(seed, state, values, row, offered)
		if row and all(row.get(field) == value for field, value in values.items()):
			return
		if row:
			frappe.db.set_value(LEDGER, seed.key, values)
		else:
			frappe.get_doc({"doctype": LEDGER, "seed_key": seed.key, **values}).insert(
				ignore_permissions=True
			)
		self.ledger[seed.key] = frappe._dict(row or {}, name=seed.key, **values)
		if values["reference_name"]:
			self.keys[seed.doctype, values["reference_name"]] = seed.key

	def title(self, doctype: str, name: str) -> str:
		"""Return what a reader calls the record, in the site's language; "" when there is none."""
		field = frappe.get_meta(doctype).get_title_field()
		title = frappe.db.get_value(doctype, name, field) if name else ""
		return self.translate(title) if title else ""

	def differences(
		self, seed: Seed, state: State, values: dict, row: frappe._dict | None, offered: Normal | None
	) -> dict[str, str]:
		"""Return the two readable texts: what was changed here, and what the waiting update would change."""
		here = coming = ""
		stored = json.loads(values.get("stored") or (row and row.stored) or "{}")
		label = self.labels(seed.doctype)
		if state in (State.CHANGED, State.WAITING, State.WITHDRAWN):
			here = rules.difference(stored, self.current(seed) or {}, label, self.shown)
		if state is State.WAITING and offered is not None:
			coming = rules.difference(json.loads(row.shipped), offered, label, self.shown)
		return {"difference": here, "waiting": coming}

	def current(self, seed: Seed) -> Normal | None:
		"""Return the normal form of the record as it stands, None when there is none."""
		name = self.name_of(seed)
		if not name or not frappe.db.exists(seed.doctype, name):
			return None
		return self.normal(seed, frappe.get_doc(seed.doctype, name).as_dict())

	def shipped(self, seed: Seed) -> Normal:
		"""Return the normal form of what the app ships, in the site's language.

		The name given at the first insertion is kept: a better translation does not rename records.
		"""
		normal = self.normal(seed, self.rendered(seed))
		remembered = self.remembered(seed.key)
		for field in self.naming(seed.doctype):
			if remembered and field in remembered.shipped:
				normal[field] = remembered.shipped[field]
		return normal

	def rendered(self, seed: Seed) -> dict[str, Any]:
		"""Return the values of *seed* in the site's language, with the present names of what it refers to.

		Rows and blocks that refer to a record that was deleted here are left out. Raises
		SeedReferenceMissingError when a field of the record itself refers to one.
		"""
		values = dict(seed.values)
		gone = {key for key in rules.references(values) if not self.is_here(key)}
		if gone:
			values = rules.without(values, gone)
			self.left_out[seed.key] = gone
		return rules.render(values, self.translate, self.resolve)

	def is_here(self, key: str) -> bool:
		"""Say whether the record made from the seed *key* exists."""
		row = self.ledger.get(key)
		return bool(
			row and row.reference_name and frappe.db.exists(row.reference_doctype, row.reference_name)
		)

	def left_out_reason(self, key: str) -> str:
		"""Return the words for what was left out of the seed *key*, "" when nothing was."""
		left_out = ", ".join(sorted(self.left_out.get(key, ())))
		if not left_out:
			return ""
		return _("Parts that refer to {0}, which was deleted here, are left out.").format(left_out)

	def translate(self, text: str) -> str:
		"""Translate by the app's own file alone, so that later syncs give the same."""
		return self.texts.get(text) or text

	def resolve(self, key: str) -> str:
		"""Return the present name of the record made from the seed *key*."""
		row = self.ledger.get(key)
		return _existing(key, row and row.reference_doctype, row and row.reference_name)

	def name_of(self, seed: Seed) -> str | None:
		"""Return the name of the record of *seed*: the ledger's, or the one it would be given."""
		row = self.ledger.get(seed.key)
		if row and row.reference_name:
			return row.reference_name
		values = self.rendered(seed)
		return next((values[field] for field in self.naming(seed.doctype) if field in values), None)

	@staticmethod
	def naming(doctype: str) -> tuple[str, ...]:
		"""Return the fields that make the name of a record of *doctype*."""
		autoname = frappe.get_meta(doctype).autoname or ""
		return ("name", autoname.removeprefix("field:")) if autoname.startswith("field:") else ("name",)

	def normal(self, seed: Seed, values: dict[str, Any]) -> Normal:
		"""Return the normal form of *values*: a rendered seed or a document."""
		meta = frappe.get_meta(seed.doctype)
		normal: Normal = {}
		for field in sorted(seed.values):
			df = meta.get_field(field) or frappe._dict(fieldname=field, fieldtype="Data")
			if df.fieldtype in table_fields:
				named = {column for row in seed.values[field] for column in row}
				rows = [self.normal_row(df.options, row, named) for row in values.get(field) or []]
				normal[field] = self.ordered(seed.doctype, field, rows)
			else:
				normal[field] = self.normal_value(df, values.get(field), values)
		return normal

	def normal_row(self, doctype: str, row: dict[str, Any], named: set[str]) -> Normal:
		"""Return the normal form of a child row: what differs from empty and from the default.

		Hidden fields that the seed does not name are the layout of an editor and do not count.
		"""
		normal: Normal = {}
		for df in frappe.get_meta(doctype).fields:
			if df.fieldtype in no_value_fields or (df.hidden and df.fieldname not in named):
				continue
			default = rules.canonical(df.default, df.fieldtype)
			given = row.get(df.fieldname)
			value = self.normal_value(df, given, row)
			if given is not None and value != default:
				normal[df.fieldname] = value
		return normal

	def normal_value(self, df: frappe._dict, value: Any, siblings: dict[str, Any]) -> Any:
		"""Return one value in normal form. A link to a seeded record is written by its key, not by its name."""
		target = df.options if df.fieldtype == "Link" else None
		if df.fieldtype == "Dynamic Link":
			target = siblings.get(df.options)
		key = self.keys.get((target, value)) if target else None
		return f"{rules.LINK}{key}" if key else rules.canonical(value, df.fieldtype)

	def shown(self, value: Any) -> Any:
		"""Return *value* of a normal form as a reader knows it: a link by the name of the record, a role by
		the name on the screen.
		"""
		row = self.ledger.get(value.removeprefix(rules.LINK)) if isinstance(value, str) else None
		known = row.reference_name if row and row.reference_name else value
		return _(known) if isinstance(known, str) and known else known

	@staticmethod
	def labels(doctype: str) -> Callable[[str], str]:
		"""Return a function that turns ``field`` or ``table.field`` into its translated label."""
		meta = frappe.get_meta(doctype)

		def label(path: str) -> str:
			table, _dot, column = path.rpartition(".")
			owner = frappe.get_meta(meta.get_field(table).options) if table else meta
			return _(owner.get_label(column))

		return label


def _delete(row: frappe._dict) -> None:
	frappe.delete_doc(row.reference_doctype, row.reference_name, ignore_permissions=True)


def report(outcome: Outcome) -> None:
	"""Print what a sync did, for whoever runs install or migrate."""
	changed = outcome[State.CHANGED.value] + outcome[State.WAITING.value] + outcome[State.DELETED.value]
	click.echo(
		f"Seeds: {outcome[Action.INSERT.value]} inserted, {outcome[Action.UPDATE.value]} updated, "
		f"{outcome[Action.REMOVE.value]} removed, "
		f"{changed} changed or deleted here and left so, {outcome[State.WAITING.value]} updates waiting, "
		f"{outcome[State.REFUSED.value]} refused by the site"
	)
