"""Notices: whom they are for, how they go out, who has been reached."""

from grid_governance.grid_visits import DELIVERY, NOTICE

FILTER = "Audience Filter"

WAITING, SENT, CONFIRMED, TOLD = "Waiting", "Sent", "Confirmed", "Told"
"""States of a delivery. The last two have reached somebody."""

LEFT = (WAITING, SENT)
"""States of a delivery that has not reached anybody."""

UNREACHABLE = "Unreachable"
"""State of a delivery to a household or person that is gone: it counts among the recipients no more."""

HOUSEHOLDS, PERSONS = "Household", "Person"
"""For whom there is one delivery each."""

__all__ = [
	"CONFIRMED",
	"DELIVERY",
	"FILTER",
	"HOUSEHOLDS",
	"LEFT",
	"NOTICE",
	"PERSONS",
	"SENT",
	"TOLD",
	"UNREACHABLE",
	"WAITING",
]
