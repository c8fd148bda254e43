"""WeChat Coverage: how many households somebody represents in their grid's chat group (domain a13, d12).

The state of today. A household is in when it is marked so, or when a member of it is named for the group; one in each
household is enough. Counted are households that are not dissolved; beside them, the groups that are in use. Filters: `grid`
and `roll_up`.
"""

from typing import Any

from frappe import _
from frappe.query_builder import DocType
from pypika.queries import Table
from pypika.terms import Criterion, EmptyCriterion

from grid_governance import reporting
from grid_governance.grid_ledger import HOUSEHOLD
from grid_governance.grid_ledger.queries import sizes
from grid_governance.grid_visits import CHAT_GROUP
from grid_governance.reporting import Figure, Question, Tally, reached

SHOWS_PERSONS = HOUSEHOLD
"""Behind the figures stand households."""

HOUSEHOLDS, COVERED, OUTSIDE, GROUPS = "households", "covered", "outside", "groups"


def execute(filters: dict[str, Any] | None = None) -> tuple[Any, ...]:
	"""Return columns, rows, how it is counted, chart and summary, as Frappe's script reports do."""
	question = reporting.ask(filters, HOUSEHOLD)
	figures = figures_of()
	if question.figure:
		return reporting.behind(question, sizes.active(DocType(HOUSEHOLD)), figures)
	tallies = tallies_of(question)
	columns = columns_of(question, figures)
	note = _(
		"A household is in the group when one of it represents the household there. Counted are all not dissolved."
	)
	if not tallies:
		return columns, [], f"{note} {_('There are no households here.')}", None, None, True
	return (
		columns,
		reporting.data(question, tallies, cells),
		note,
		reporting.heat(question, tallies, rate_of),
		summary(reporting.total(tallies, question)),
		True,
	)


def covered(household: Table) -> Criterion:
	"""Return the condition of the households that are in their grid's chat group."""
	return (household.in_wechat_group == 1) | ((household.group_rep != "") & household.group_rep.isnotnull())


def tallies_of(question: Question) -> list[Tally]:
	"""Return the numbers by node: households, those in a group, and groups where the reader may report them."""
	household = DocType(HOUSEHOLD)
	homes = reporting.count(question, sizes.active(household), None, sums={COVERED: covered(household)})
	counts = {HOUSEHOLD: homes}
	if question.shows(CHAT_GROUP):
		group = DocType(CHAT_GROUP)
		counts[CHAT_GROUP] = reporting.count(question.about(CHAT_GROUP), group.active == 1, None)
	return reporting.together(counts)


def figures_of() -> list[Figure]:
	"""Return the figures of a node."""
	household, group = DocType(HOUSEHOLD), DocType(CHAT_GROUP)
	outside = {**sizes.ACTIVE_FILTERS, "in_wechat_group": ["=", 0], "group_rep": ["is", "not set"]}
	return [
		Figure(HOUSEHOLDS, _("Households"), households, EmptyCriterion(), sizes.ACTIVE_FILTERS),
		Figure(COVERED, _("Households in the Group"), in_group, covered(household)),
		Figure(
			OUTSIDE,
			_("Households Not in the Group"),
			lambda tally: households(tally) - in_group(tally),
			covered(household).negate(),
			outside,
		),
		Figure(GROUPS, _("Chat Groups"), groups, group.active == 1, {"active": ["=", 1]}, doctype=CHAT_GROUP),
	]


def households(tally: Tally) -> int:
	"""Return how many households a node has."""
	return tally.number(groups=[HOUSEHOLD])


def in_group(tally: Tally) -> int:
	"""Return how many of them are in a group."""
	return tally.number(COVERED, [HOUSEHOLD])


def groups(tally: Tally) -> int:
	"""Return how many groups are in use in a node."""
	return tally.number(groups=[CHAT_GROUP])


def columns_of(question: Question, figures: list[Figure]) -> list[dict[str, Any]]:
	"""Return the columns; the groups for those who may report them."""
	rate = {"fieldname": "rate", "label": _("Share in the Group"), "fieldtype": "Percent", "width": 110}
	homes, covering, outside, of_groups = figures
	shown = [of_groups] if question.shows(CHAT_GROUP) else []
	return reporting.columns(question, homes, covering, rate | {"is_rate": 1, "heat": 1}, outside, *shown)


def rate_of(tally: Tally) -> float | None:
	"""Return the share of the households of a node that are in a group, None of none."""
	return reached(in_group(tally), households(tally))


def cells(tally: Tally) -> dict[str, Any]:
	"""Return the numbers of one node and the share in the group."""
	made = {HOUSEHOLDS: households(tally), COVERED: in_group(tally), GROUPS: groups(tally)}
	return made | {OUTSIDE: made[HOUSEHOLDS] - made[COVERED], "rate": rate_of(tally)}


def summary(whole: Tally) -> list[dict[str, Any]]:
	"""Return how many there are, how many are in and not, and the share with the number it is of."""
	made = cells(whole)
	said = [
		{"label": _("Households"), "value": made[HOUSEHOLDS], "datatype": "Int"},
		{"label": _("Households Not in the Group"), "value": made[OUTSIDE], "datatype": "Int"},
	]
	if made["rate"] is None:
		return said
	label = _("Share in the group, of {0}").format(made[HOUSEHOLDS])
	return [*said, {"label": label, "value": made["rate"], "datatype": "Percent"}]
