"""What the reports by period and grid share: one place for the period, the node, the roll-up, the total and
the rows behind a figure.

A report turns its filters into a question (`ask`), counts in one statement (`count`), names its figures
(`Figure`) and has its table made of them (`columns`, `data`), its chart (`chart`) and, when the reader has
followed a figure, the rows that it counts (`behind`). On the screen `report.js` does the same for all of
them; `report.html` is what is printed. `grid_issues/report/issue_resolution_levels` is the shortest example.

The reader's scope is in `Question.where`, so nothing of this can be read past it.
A report that shows residents says so to those who log exports and prints: see `scope.doors.takings`, ``SHOWS_PERSONS``.
"""

from grid_governance.reporting.answer import (
	Figure,
	Tally,
	behind,
	behind_note,
	chart,
	columns,
	count,
	data,
	heat,
	none,
	opening,
	place_of,
	together,
	total,
)
from grid_governance.reporting.question import FigureError, PeriodError, Question, ask
from grid_governance.reporting.rules import median, reached, share

__all__ = [
	"Figure",
	"FigureError",
	"PeriodError",
	"Question",
	"Tally",
	"ask",
	"behind",
	"behind_note",
	"chart",
	"columns",
	"count",
	"data",
	"heat",
	"median",
	"none",
	"opening",
	"place_of",
	"reached",
	"share",
	"together",
	"total",
]
