"""What has become of an issue, for the reports on issues: conditions, and the same as filters of the list.

Merged, refused and withdrawn issues ended without being handled and are counted nowhere. All of it comes
from the markers of the workflow's states.
"""

from typing import Any

from frappe.query_builder import DocType
from pypika.terms import Criterion

from grid_governance.grid_issues import ISSUE, markers

Filters = dict[str, Any]


class Outcome:
	"""*closed*: handled and over. *counted*: closed or still to be. *waiting*: still to be closed."""

	def __init__(self) -> None:
		state = DocType(ISSUE).workflow_state
		handled, ended = markers.final_states(), markers.ended_states()
		unhandled = [name for name in ended if name not in handled]
		self.closed: Criterion = state.isin(handled or [""])
		self.counted: Criterion = state.isnull() | state.notin(unhandled or [""])
		self.waiting: Criterion = state.isnull() | state.notin(ended or [""])
		self.closed_filters: Filters = {"workflow_state": ["in", handled]}
		self.counted_filters: Filters = {"workflow_state": ["not in", unhandled]} if unhandled else {}
		self.waiting_filters: Filters = {"workflow_state": ["not in", ended]}
