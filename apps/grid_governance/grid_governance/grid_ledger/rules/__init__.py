"""Rules of the ledger: numbers, names, ages, households, likeness. Pure Python; the day is an argument."""
