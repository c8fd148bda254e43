"""Sites from before 2026-11: a workflow has a drawing in which the Workflow Builder shows each action by itself."""

from grid_governance.grid_issues import workflow_changes


def execute() -> None:
	"""Draw what has no drawing; one that an administrator made stays."""
	workflow_changes.draw_missing()
