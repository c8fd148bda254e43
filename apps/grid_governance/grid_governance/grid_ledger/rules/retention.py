"""How long personal data is kept, by kind: the shortest time that serves, and no shorter than a law says."""

from typing import NamedTuple

MOVED_OUT, DECEASED, MERGED, DISSOLVED = "Moved Out", "Deceased", "Merged Record", "Dissolved Household"
IMPORTS = "Imported File"
VISITS, MUST_VISITS = "Visit", "Must-Visit Made"
CARE_ENDED, REQUESTS, ACCESSES, VIEWS = "Care That Ended", "Answered Request", "Access Line", "View Line"
ANONYMISE, DELETE = "Anonymise", "Delete"


class Kind(NamedTuple):
	"""What becomes of a kind of data, and the months that a law asks for at the least."""

	action: str
	least: int = 0


KINDS = {
	MOVED_OUT: Kind(ANONYMISE),
	DECEASED: Kind(ANONYMISE),
	MERGED: Kind(ANONYMISE),
	DISSOLVED: Kind(ANONYMISE),
	CARE_ENDED: Kind(DELETE),
	REQUESTS: Kind(ANONYMISE),
	IMPORTS: Kind(DELETE),
	VISITS: Kind(ANONYMISE),
	MUST_VISITS: Kind(DELETE),
	# Logs of a network: six months at the least (Cybersecurity Law, Art. 21 no. 3).
	ACCESSES: Kind(DELETE, 6),
	VIEWS: Kind(DELETE, 6),
}


def is_too_short(kind: str, months: int) -> bool:
	"""Say whether *months* are fewer than one, or than a law asks for *kind*."""
	return months < max(KINDS[kind].least, 1)
