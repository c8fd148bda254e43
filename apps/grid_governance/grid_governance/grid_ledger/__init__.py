"""The ledger of a grid: households, people, places, facilities, organisations (要素台账)."""

HOUSEHOLD, RESIDENT = "Household", "Resident"
IDENTITY, CONTACT, CARE = "Resident Identity", "Resident Contact", "Resident Care"
OF_RESIDENT = (IDENTITY, CONTACT, CARE)
"""What hangs on a resident and lies where she does."""
