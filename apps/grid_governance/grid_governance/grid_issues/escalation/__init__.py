"""The clock of issues: what it does when the time has come (`sweep`), and when that is (`arming`, `changes`)."""

from grid_governance.grid_issues.escalation.arming import arm
from grid_governance.grid_issues.escalation.changes import rearm
from grid_governance.grid_issues.escalation.sweep import run

__all__ = ["arm", "rearm", "run"]
