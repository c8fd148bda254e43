"""What several modules share."""

from importlib import import_module

import pytest


@pytest.fixture
def demos_without_households(monkeypatch):
	"""Only the smallest demo loads its ledger; a hundred and eighty thousand people are not what such a test is about."""
	load = import_module("grid_governance.setup.demo.load")  # the package has a function of this name
	whole = load.description

	def without_households(name):
		data = whole(name)
		if name.lower() != "tulingdi":
			data.pop("ledger", None)
		return data

	monkeypatch.setattr(load, "description", without_households)
