"""Issues that were open before there was a clock get one; what is late then climbs after the hours of its urgency."""

from grid_governance.grid_issues.escalation import changes


def execute() -> None:
	"""Leave the order that the next job of the clock follows."""
	changes.leave_order()
