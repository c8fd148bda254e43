"""Checks of the source as it stands: each takes what it judges and returns the problems it sees, as sentences.

Pure functions, so that every check can be shown to fail on a bad sample.
"""
