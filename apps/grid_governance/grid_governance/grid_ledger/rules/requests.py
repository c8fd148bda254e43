"""Requests of people about their data (PIPL Art. 44 to 50)."""

SEE, CORRECT, DELETE = "See", "Correct", "Delete"
OPEN, ANSWERED, REFUSED = "To Be Answered", "Answered", "Refused"
HERSELF, GUARDIAN, KIN, AGENT = "Herself", "Guardian", "Next of Kin", "Agent"

ALIVE_ONLY, DEAD_ONLY = "alive only", "dead only"


def relation_problem(relation: str, is_dead: bool) -> str | None:
	"""Return why somebody in *relation* cannot ask: next of kin ask for the dead alone, and nobody else does (Art. 49)."""
	if relation == KIN and not is_dead:
		return DEAD_ONLY
	if relation != KIN and is_dead:
		return ALIVE_ONLY
	return None
