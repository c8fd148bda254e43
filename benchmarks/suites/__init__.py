"""The suites: each module has a function `run(bench)` that returns its rows."""
