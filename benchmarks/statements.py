"""Which statements a piece of work sends to the database."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import frappe


@contextmanager
def counted() -> Iterator[list[str]]:
	"""Collect the statements that the connection sends."""
	sent: list[str] = []
	send = frappe.db.sql

	def counting(query: object, *args: object, **kwargs: object) -> object:
		if kwargs.get("run", True):
			sent.append(str(query))
		return send(query, *args, **kwargs)

	with patch.object(frappe.db, "sql", counting):
		yield sent


def shape(statement: str) -> str:
	"""Return what a statement asks, without whom it asks about."""
	text = " ".join(statement.split()).replace("`", "")
	text = re.sub(r"'[^']*'|%\(\w+\)s|%s", "?", text)
	return re.sub(r"\?(, ?\?)+", "?, …", text)[:110]
