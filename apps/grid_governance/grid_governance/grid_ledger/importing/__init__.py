"""The importer: a township arrives as an Excel file and nothing of it is lost or doubled.

The way of a file: `columns` (what its headings mean) → `lines` (what each row says, and what is wrong with it) →
`families` (which rows make one household) → `plan` (against what stands in the ledger: new, changed, unchanged,
refused, to be decided) → `writer` (new rows in bulk, changed ones as documents) → `returned` (what comes back to be
corrected). `run` drives it, part by part, and goes on where it was cut off. `shapes` is what flows between them.
"""
