"""Visit rounds, visits, notices and their delivery. Knows structure and ledger."""
