"""Visits and notices: rounds, what is due, what was done at a door, and who was reached (走访通知)."""

VISIT, ROUND, ROUND_HOUSEHOLD, MUST_VISIT = "Household Visit", "Visit Round", "Round Household", "Must Visit"
NOTICE, DELIVERY, CHAT_GROUP = "Notice", "Notice Delivery", "Grid Chat Group"
