"""Our way and the plain Frappe way, side by side on the same data in the same run.

`python -m benchmarks` runs every suite in `suites/`, `python -m benchmarks scope` one of them. Times
show how the two compare on one machine at one moment; nothing fails on them.
"""
