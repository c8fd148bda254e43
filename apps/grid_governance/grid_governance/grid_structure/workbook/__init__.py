"""The structure of a township as one Excel sheet: a row for each grid, or for each person with a post.

`rules` reads rows (pure), `plan` says what each would do, `actions` does it, `sheets` reads and writes the files.
"""
