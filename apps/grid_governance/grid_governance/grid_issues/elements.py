"""Matters (事), one of the five elements of a grid's ledger."""

from frappe import _

from grid_governance.grid_issues import ISSUE
from grid_governance.grid_issues.report.outcome import Outcome
from grid_governance.grid_ledger.queries.elements import Element


def element() -> list[Element]:
	"""Return the matters that are counted: handled, or still to be; for the hook `grid_elements`."""
	outcome = Outcome()
	return [Element(4, ISSUE, _("Matters of the Ledger"), outcome.counted, outcome.counted_filters)]
