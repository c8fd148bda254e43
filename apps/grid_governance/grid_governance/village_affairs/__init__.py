"""Disclosure, resolutions, conventions, commitments and the fund. Knows structure and ledger."""
