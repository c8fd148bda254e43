"""Pictures of the guides: what a guide names is there, what is there is named, and none is heavy."""

import re

from tests.contract.checkers import files

PICTURES = files.ROOT / "docs" / "images"
IN_TEXT = re.compile(r"!\[[^\]]+\]\(([^)\s]+)\)")
HEAVIEST = 80_000
"""Bytes. A township office may sit behind a slow line."""


def named() -> dict[str, str]:
	"""Every picture that a document shows, by its path from the root, with the document."""
	found = {}
	for document in [*files.ROOT.glob("*.md"), *files.ROOT.glob("docs/*.md")]:
		for target in IN_TEXT.findall(document.read_text("utf-8")):
			if "://" not in target:
				path = (document.parent / target).resolve().relative_to(files.ROOT)
				found[path.as_posix()] = document.name
	return found


def test_every_picture_that_a_guide_shows_is_there():
	assert {path: guide for path, guide in named().items() if not (files.ROOT / path).is_file()} == {}


def test_every_picture_is_shown_in_a_guide():
	there = {path.relative_to(files.ROOT).as_posix() for path in PICTURES.iterdir()}
	assert there - set(named()) == set()


def test_no_picture_is_heavy():
	assert [path.name for path in PICTURES.iterdir() if path.stat().st_size > HEAVIEST] == []


def test_the_guide_for_administrators_has_pictures():
	assert len([path for path, guide in named().items() if guide == "administrators.md"]) >= 10
