"""What may be wrong with a file and with a cell: a kind for programs, a sentence in English for people. Pure Python.

A reader sees ``_(problem.message).format(*problem.values)``.
"""

from typing import Any

EMPTY, PASSWORD, DAMAGED, NO_TABLE, PAGE = "Empty", "Password", "Damaged", "No Table", "Page"
TOO_LARGE, ENCODING, QUOTES = "Too Large", "Encoding", "Quotes"
"""What may be wrong with a file."""

ROUNDED, DAY, MONTH, WHOLE, NUMBER, YES = "Rounded", "Day", "Month", "Whole", "Number", "Yes"
"""What may be wrong with a cell."""

MESSAGES = {
	EMPTY: "There is nothing in this file. Attach the one with the table.",
	PASSWORD: "This file is protected by a password. Open it in Excel or WPS, take the password off, save it and attach it again.",
	DAMAGED: "This file is damaged and cannot be read to its end. Open it in Excel or WPS, save it as .xlsx and attach it again.",
	NO_TABLE: "This file is no table. Attach an Excel workbook (.xlsx or .xls) or a CSV file.",
	PAGE: "This file is a web page or XML that is named as if it were a table. Open it in Excel or WPS, save it as .xlsx and attach it again.",
	TOO_LARGE: "This table is too large, or a cell of it stands far away from the others. Delete the rows and columns that are not needed, or divide the file, and attach it again.",
	ENCODING: "The characters of this file cannot be made out. Open it in Excel or WPS, save it as .xlsx and attach it again.",
	QUOTES: "From line {0} on this file cannot be divided into cells: a quotation mark is missing or too many. Correct it there, or save the file as .xlsx and attach it again.",
	ROUNDED: "{0} has lost its last digits: Excel keeps 15 of a number. Format the column as text and type the number again.",
	DAY: "{0} is no date. Write it as 2026-01-31.",
	MONTH: "{0} does not say the day. Write the whole date as 2026-01-31.",
	WHOLE: "{0} is no whole number. Write digits alone.",
	NUMBER: "{0} is no number. Write digits alone.",
	YES: "{0} is neither yes nor no. Write Yes or No.",
}
"""What is wrong and what to do about it, by kind; ``{0}`` is the first of the problem's `values`."""


class SheetProblem(ValueError):
	"""Something cannot be read. *kind* names what is wrong, `values` what belongs into its `message`."""

	def __init__(self, kind: str, *values: Any) -> None:
		super().__init__(kind, *values)
		self.kind = kind
		self.values = values

	@property
	def message(self) -> str:
		"""What is wrong and what to do, in English with places for `values`."""
		return MESSAGES[self.kind]


class FileProblem(SheetProblem):
	"""A file cannot be read as a table."""


class CellProblem(SheetProblem):
	"""A cell does not say what its column needs; `shown` is what stands there."""

	def __init__(self, kind: str, shown: str) -> None:
		super().__init__(kind, shown)
		self.shown = shown
