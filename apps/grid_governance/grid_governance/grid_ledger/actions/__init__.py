"""What changes the ledger: each module one matter."""
