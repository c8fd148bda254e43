"""Seeds: records that the app ships and the administrator owns. README.md beside this file has the shape."""

from grid_governance.setup.seeds.sync import Outcome, remove, report, sync

__all__ = ["Outcome", "remove", "report", "sync"]
