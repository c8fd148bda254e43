"""Who is told of what, and when: at once, or gathered into one digest a day.

Which events are told to whom stands in Notification records. A record says besides when it is told
(`custom_fields`); what waits is kept as a Digest Entry and goes out with the Daily Digest of the next morning.
What the matters of a room mean for this, the room says through the hook `grid_matters`: see `Matters`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from frappe.model.document import Document

HOOK = "grid_matters"
"""Hook key: modules that have the functions of `Matters`."""


@dataclass(frozen=True)
class Source:
	"""A DocType whose rows wait for somebody until they are due.

	*due*: its Datetime or Date field; *state*: the field with its state; *acting*: by state, the roles that act on a row in it, whose holders are told.
	*department*: the Link field with the department that acts, for DocTypes on which only its officers do.
	"""

	doctype: str
	due: str
	acting: Mapping[str, frozenset[str]]
	department: str | None = None
	state: str = "workflow_state"


class Matters(Protocol):
	"""What a room knows of its own DocTypes. A function answers None for a document that is none of the room's."""

	@staticmethod
	def acting_roles(doc: Document) -> set[str] | None:
		"""Return the roles whose holders act next on *doc*."""

	@staticmethod
	def standing_in(doc: Document) -> list[set[str]] | None:
		"""Return the roles that stand in where nobody holds one of `acting_roles`: of the first of these sets that is
		held above, the nearest holders. A room may leave it out.
		"""

	@staticmethod
	def is_urgent(doc: Document) -> bool | None:
		"""Say whether *doc* is told at once by an administrator's mark."""

	@staticmethod
	def opens(doc: Document) -> tuple[str, str] | None:
		"""Return DocType and name of the record that a message about *doc* opens."""

	@staticmethod
	def sources() -> list[Source]:
		"""Return what is looked through for rows that are due or late."""
