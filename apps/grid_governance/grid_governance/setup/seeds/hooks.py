"""Document events that keep the ledger of seeds up to date when a seeded record is changed on the screen."""

from grid_governance.setup.seeds.rules import kinds

_NOTE = "grid_governance.setup.seeds.ledger.note_change"

DOC_EVENTS: dict[str, dict[str, str]] = {
	kind.doctype: {"on_update": _NOTE, "after_rename": _NOTE, "after_delete": _NOTE} for kind in kinds()
}
