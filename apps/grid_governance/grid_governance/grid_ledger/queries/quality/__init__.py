"""The quality of the ledger: what is wrong or missing in it."""

from grid_governance.grid_ledger.queries.quality.findings import EACH_SHOWN, ONE_SHOWN, Check, Findings, run
from grid_governance.grid_ledger.queries.quality.households import of_households_themselves, of_others
from grid_governance.grid_ledger.queries.quality.people import of_care, of_numbers, of_people

__all__ = ["EACH_SHOWN", "ONE_SHOWN", "Check", "Findings", "checks", "run"]


def checks() -> list[Check]:
	"""Return all checks, in the order in which they are shown."""
	return [*of_people(), *of_numbers(), *of_care(), *of_households_themselves(), *of_others()]
