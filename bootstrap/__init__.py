"""From a bare machine to a running bench.

Run as ``python3 -m bootstrap <command>`` from the bench's own folder; the Makefile holds the short
names. Only the standard library is used, because nothing else exists before the first step has run.
"""
