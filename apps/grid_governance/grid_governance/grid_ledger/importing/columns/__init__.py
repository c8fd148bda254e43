"""What the columns of a file mean: the fields that one may fill (`targets`), the headings and words that name them
(`synonyms`), and what a sheet's own headings come to (`recognising`)."""

from grid_governance.grid_ledger.importing.columns.recognising import (
	Found,
	heading_of,
	is_example,
	is_reason,
	recognise,
)
from grid_governance.grid_ledger.importing.columns.synonyms import learn_heading, learn_word, targets
from grid_governance.grid_ledger.importing.columns.targets import (
	CARE_CATEGORIES,
	FLAT,
	GRID_AREA,
	GRID_CODE,
	GRID_NAME,
	GRID_VILLAGE,
	HEAD_NAME,
	HEAD_NUMBER,
	KINDS,
	PEOPLE,
	SEVERAL,
	SINCE,
	Target,
	word,
)

__all__ = [
	"CARE_CATEGORIES",
	"FLAT",
	"GRID_AREA",
	"GRID_CODE",
	"GRID_NAME",
	"GRID_VILLAGE",
	"HEAD_NAME",
	"HEAD_NUMBER",
	"KINDS",
	"PEOPLE",
	"SEVERAL",
	"SINCE",
	"Found",
	"Target",
	"heading_of",
	"is_example",
	"is_reason",
	"learn_heading",
	"learn_word",
	"recognise",
	"targets",
	"word",
]
