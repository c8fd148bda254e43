"""What is read of the ledger: each module one question."""
