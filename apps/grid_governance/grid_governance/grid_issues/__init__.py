"""Matters of the grids: issues, what departments are asked about them, and the record of both."""

ISSUE = "Grid Issue"
REFERRAL = "Issue Referral"
