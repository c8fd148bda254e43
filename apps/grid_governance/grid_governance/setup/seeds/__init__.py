"""Seeds: records that the app ships and the administrator owns. README.md beside this file has the shape."""

from grid_governance.setup.seeds.ledger import Outcome, bring, name_of, remove, report, sync

__all__ = ["Outcome", "bring", "name_of", "remove", "report", "sync"]
