"""Who is a minor, and who consents for a child. Pure Python; the day is an argument."""

from datetime import date

from grid_governance.grid_ledger.rules.ages import age

FULL_AGE = 18
"""Years at which somebody is of full age (Civil Code Art. 17)."""

OWN_CONSENT = 14
"""Years from which on somebody consents herself; data of younger children are sensitive and the consent is the
guardian's (PIPL Art. 28 and 31)."""

IN_PERSON, GUARDIAN = "In Person", "Guardian"


def is_minor(born: date | None, on: date) -> bool:
	"""Say whether somebody *born* then is below full age *on* that day; not where the birth is unknown."""
	return born is not None and age(born, on) < FULL_AGE


def consent_is_the_guardians(born: date | None, on: date) -> bool:
	"""Say whether *on* that day only the guardian of somebody *born* then can consent."""
	return born is not None and age(born, on) < OWN_CONSENT
