"""What the rows of one household have to do with each other: who is head, who is whose guardian, which waits for which."""

from collections.abc import Iterable
from dataclasses import replace

from frappe import _

from grid_governance.grid_ledger import HOUSEHOLD, RESIDENT
from grid_governance.grid_ledger.actions import residents
from grid_governance.grid_ledger.importing.changes import Differences, listed
from grid_governance.grid_ledger.importing.drafts import RELATION, Draft, Group
from grid_governance.grid_ledger.importing.matching import Person
from grid_governance.grid_ledger.importing.shapes import Update
from grid_governance.grid_ledger.rules.households import GONE, HEAD

GUARDIAN, GROUP_REP = "Resident.guardian", "Household.group_rep"


def name_guardians(group: Group, compare: Differences) -> None:
	"""Find whom the rows name as guardians, and as the household's member of the chat group, among its people."""
	for row in group.rows:
		name = row.said[RESIDENT].get("guardian")
		if not (name and row.is_open):
			continue
		found = _of_family(group, name, row)
		if len(found) != 1:
			row.refuse(_not_one(name, len(found)), GUARDIAN)
			continue
		(one,) = found
		if problem := residents.guardian_problem(_asked(one)):
			row.refuse(problem, GUARDIAN)
			continue
		row.guardian = _depend(row, one)
		if row.new:
			row.new["guardian"] = row.guardian
		elif row.person.row["guardian"] != row.guardian:
			row.updates.append(Update(RESIDENT, row.person.name, {"guardian": row.guardian}, row.line))
			row.changes.append(replace(compare.change(RESIDENT, row.person.name, "guardian", None, name)))
	if name := group.values.get("group_rep"):
		_name_group_rep(group, name, compare)


def _name_group_rep(group: Group, name: str, compare: Differences) -> None:
	first, found = group.first, _of_family(group, name)
	if len(found) != 1:
		first.refuse(_not_one(name, len(found)), GROUP_REP)
		return
	record = _depend(first, found[0])
	if group.new:
		group.new["group_rep"] = record
	elif group.home.row["group_rep"] != record:
		first.updates.append(Update(HOUSEHOLD, group.home.name, {"group_rep": record}, first.line))
		first.changes.append(compare.change(HOUSEHOLD, group.home.name, "group_rep", None, name))


def _of_family(group: Group, name: str, but: Draft | None = None) -> list[Draft | Person]:
	"""Who of the household, in the file or in the ledger, is called *name*."""
	rows = [row for row in group.rows if row is not but and row.wanted.name == name]
	matched = {row.person.name for row in group.rows if row.person}
	standing = group.home.people if group.home else ()
	others = [each for each in standing if each.row["resident_name"] == name and each.name not in matched]
	return [*rows, *others]


def _not_one(name: str, count: int) -> str:
	if count:
		return _("{0} people of this household are called {1}. Choose the right one in the record.").format(
			count, name
		)
	return _(
		"{0} is nobody of this household. Write a name that stands in it, or choose in the record."
	).format(name)


def _asked(one: Draft | Person) -> dict[str, object]:
	if isinstance(one, Draft):
		return {"birth_date": one.born, "status": one.status}
	return one.row


def _depend(row: Draft, one: Draft | Person) -> str:
	"""The record of *one*; *row* is not written without it where it is in the file, too."""
	if isinstance(one, Draft):
		if one is not row:
			row.rests_on.append(one)
		return one.record
	return one.name


def settle_heads(group: Group, compare: Differences) -> None:
	"""Keep the one head of the household (domain, D-checks): in a new one a row says so, in a standing one it is changed
	through `households.change_head`, or with the departure of the old head, if all others say their relation."""
	heads = [row for row in group.rows if row.said[RESIDENT].get("relation_to_head") == HEAD]
	if group.home:  # whoever is gone was its head
		heads = [row for row in heads if row.status not in GONE]
	if len(heads) > 1:
		numbers = listed(str(row.line.number) for row in heads)
		for row in heads:
			row.refuse(
				_(
					"Rows {0} are all heads of one household, which has one. Correct the relation, or the number of the household."
				).format(numbers),
				RELATION,
			)
		rest(group.every, heads[0])
		return
	head = heads[0] if heads else None
	if group.new:
		_new_head(group, head)
	else:
		_standing_head(group, head, compare)


def _new_head(group: Group, head: Draft | None) -> None:
	living = [row for row in group.rows if row.status not in GONE]
	if head and head.status in GONE and living:
		head.refuse(
			_("{0} is gone and not the head of those who live here. Write who is head now.").format(
				head.wanted.name
			),
			RELATION,
		)
	if head:
		rest(group.every, head)
	elif living or (group.rows and not group.number):
		for row in group.every:
			row.refuse(_("No row of this household is its head. Write in one of them that she is."), RELATION)


def _standing_head(group: Group, head: Draft | None, compare: Differences) -> None:
	old = group.home.head
	old = None if old and old.is_gone else old
	own = next((row for row in group.rows if old and row.person is old), None)
	leaves = bool(own and own.status in GONE)
	if head and not head.is_open:
		if not (old and old.row["resident_name"] == head.wanted.name):
			rest([row for row in group.rows if row.new or _relation_changes(row)], head)
		return
	if head and head is not own:
		_other_head(group, head, old, own if leaves else None, compare)
		return
	if old and not leaves:
		if own and own.relation != HEAD:
			own.refuse(
				_(
					"In the ledger {0} is the head. Write in another row who is head now, or correct the relation."
				).format(old.row["resident_name"]),
				RELATION,
			)
		return
	for row in [own] if own else [row for row in group.rows if row.new and row.status not in GONE]:
		if own and not _stay(group, own):
			continue
		row.refuse(_("No row of this household is its head. Write in one of them that she is."), RELATION)


def _stay(group: Group, leaver: Draft) -> list[str]:
	"""Who lives in the standing household of *group* when *leaver* is gone, by record."""
	gone = {row.person.name for row in group.rows if row.person and row.status in GONE}
	standing = [each.name for each in group.home.living if each.name not in gone]
	return [*standing, *(row.record for row in group.rows if row.new and row.status not in GONE)]


def _other_head(
	group: Group, head: Draft, old: Person | None, leaver: Draft | None, compare: Differences
) -> None:
	"""Let *head* be the head after *old*, whose row *leaver* is if she goes with this file."""
	others = [row for row in group.rows if row is not head]
	relations = {
		row.record: row.said[RESIDENT].get("relation_to_head") or ""
		for row in others
		if row is not leaver and row.status not in GONE and row.record
	}
	members = {each.name for each in group.home.living} - {head.record, leaver.record if leaver else ""}
	is_moving = any(row.moves_from for row in group.rows)
	is_whole = members <= set(relations) and all(relations.values()) and HEAD not in relations.values()
	changing = [row for row in others if row.new or _relation_changes(row)]
	if not is_whole or is_moving or (old and head.new):
		head.refuse(_not_whole(old, head.wanted.name), RELATION)
		rest(changing, head)
		return
	for row in group.rows:
		for update in row.updates:
			if update.doctype == RESIDENT:
				update.values.pop("relation_to_head", None)
		row.updates = [update for update in row.updates if update.values]
		if row is not head and row.record in relations:
			head.rests_on.append(row)
	rest([*changing, *([leaver] if leaver else [])], head)
	if leaver:
		head.rests_on.append(leaver)
		for update in leaver.updates:
			if update.doctype == RESIDENT and "status" in update.values:
				update.values |= {"next_head": head.record, "relations": relations}
	else:
		values = {"head": head.record, "relations": relations}
		head.updates.insert(0, Update(HOUSEHOLD, group.home.name, values, head.line))
	was = old.row["resident_name"] if old else None
	head.changes.insert(0, compare.change(HOUSEHOLD, group.home.name, "head", was, head.wanted.name))


def _not_whole(old: Person | None, name: str) -> str:
	if not old:
		return _("Write all members of this household with their relation to {0}.").format(name)
	return _(
		"In the ledger {0} is the head of this household. Change that on the household's page, or write all its members with their relation to {1}."
	).format(old.row["resident_name"], name)


def _relation_changes(row: Draft) -> bool:
	return any("relation_to_head" in update.values for update in row.updates)


def rest(rows: Iterable[Draft], on: Draft) -> None:
	"""Let *rows* not be written without *on*."""
	for row in rows:
		if row is not on:
			row.rests_on.append(on)


def wait(group: Group) -> None:
	"""Keep back whatever rests on a row that is not written, until nothing more does."""
	waiting = True
	while waiting:
		waiting = False
		for row in group.every:
			held = next((on for on in row.rests_on if not on.is_open), None) if row.is_open else None
			if not held:
				continue
			waiting = True
			if held.question:
				row.ask(_("Row {0} is to be decided first: {1}.").format(held.line.number, held.wanted.name))
			else:
				row.refuse(
					_("Row {0} is not taken, and this one cannot stand without it: {1}.").format(
						held.line.number, held.wanted.name
					)
				)
