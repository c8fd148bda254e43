"""Tables that come and go as files: Excel workbooks and CSV, read as they are and written as people like them.

`book` reads a file, `cells` says what a cell means, `headings` finds the row that names the columns, `writing` makes
workbooks with headings, drop-downs and marked cells. Knows no other room.
"""
