"""Rules of a household: who its head is, what becomes of it, how many belong together."""

from collections.abc import Collection, Mapping

HEAD = "Head"
RELATIONS = (
	HEAD, "Spouse", "Son", "Daughter", "Child-in-law", "Grandchild", "Parent", "Parent-in-law", "Grandparent",
	"Sibling", "Other Relative", "Not Related",
)  # fmt: skip
"""Relation to the head of the household, after GB/T 4761, whose first digit it is."""

LIVING_HERE, AWAY, MOVED_OUT, DECEASED = "Living Here", "Away", "Moved Out", "Deceased"
STATUSES = (LIVING_HERE, AWAY, MOVED_OUT, DECEASED)
GONE = (MOVED_OUT, DECEASED)
"""Who is gone is a member of no household any more; her row stays, as its history."""

NOT_RESIDENT = ("Registered Only", "Away")
"""Households that are registered here and live elsewhere: none of the resident ones (常住户) a grid is drawn by."""

NO_HEAD, TWO_HEADS, HEAD_GONE = "No Head", "Two Heads", "Head Gone"


def head_problem(relations: Mapping[str, str], gone: Collection[str] = ()) -> str | None:
	"""Return what is wrong with the head of a household whose members stand in *relations* to it, None for nothing.

	*relations* by resident; those in *gone* moved out or died. A household has exactly one head (domain, D-checks),
	unless nobody lives in it any more.
	"""
	heads = [resident for resident, relation in relations.items() if relation == HEAD]
	members = [resident for resident in relations if resident not in gone]
	if not members:
		return None
	if any(head in gone for head in heads):
		return HEAD_GONE
	if not heads:
		return NO_HEAD
	return TWO_HEADS if len(heads) > 1 else None


def next_head(members: Mapping[str, tuple[str, int]]) -> str | None:
	"""Return who becomes head when there is none: of the *members*, (relation, age) by resident, None for nobody.

	The nearest in the order of `RELATIONS`, of these the eldest. Proposed only; a person decides.
	"""
	order = {relation: at for at, relation in enumerate(RELATIONS)}
	return min(
		members,
		key=lambda resident: (order[members[resident][0]], -members[resident][1], resident),
		default=None,
	)
