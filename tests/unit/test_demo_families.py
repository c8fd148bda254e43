"""The families of a demo: so many in so many households, related as people are, of no real person."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import grid_governance.setup.demo.families as families
from grid_governance.grid_ledger.rules import ages, households, numbers

TODAY = date(2024, 2, 29)
NAMES = json.loads((Path(families.__file__).parent / "names.json").read_text("utf-8"))


def drawn(seed: int = 1, count: int = 400, people: int = 1200) -> list[list[families.Member]]:
	random = Random(seed)
	maker = families.Families(NAMES, random, TODAY)
	return [maker.family(size) for size in families.sizes(count, people, random)]


@given(st.integers(1, 60), st.data())
@settings(max_examples=50)
def test_as_many_people_as_are_asked_for(count, data):
	people = data.draw(st.integers(count, count * families.LARGEST))
	sizes = families.sizes(count, people, Random(people))
	assert len(sizes) == count
	assert sum(sizes) == people
	assert all(1 <= size <= families.LARGEST for size in sizes)


@pytest.mark.parametrize(("count", "people"), [(10, 9), (10, 71)])
def test_too_few_or_too_many_are_refused(count, people):
	with pytest.raises(ValueError, match="do not fit"):
		families.sizes(count, people, Random(1))


def test_each_family_has_one_head_and_known_relations():
	for family in drawn():
		assert family[0].relation == households.HEAD
		relations = {str(at): member.relation for at, member in enumerate(family)}
		assert households.head_problem(relations) is None
		assert set(relations.values()) <= set(households.RELATIONS)


def test_numbers_are_valid_in_form_only_and_fit_their_bearers():
	everybody = [member for family in drawn() for member in family]
	for member in everybody:
		assert member.number.startswith(families.NO_DIVISION)
		read = numbers.citizen(member.number, TODAY)
		assert (read.birth_date, read.sex) == (member.born, member.sex)
	for field in ("number", "phone"):
		counted = Counter(getattr(member, field) for member in everybody if getattr(member, field))
		assert max(counted.values()) == 1


def test_children_are_younger_than_their_parents_and_minors_have_guardians():
	for family in drawn():
		head = ages.age(family[0].born, TODAY)
		for member in family:
			years = ages.age(member.born, TODAY)
			if member.relation in ("Son", "Daughter"):
				assert head - years >= 18
			if member.relation == "Parent":
				assert years - head >= 18
			guarded = member.guardian is not None
			assert guarded == (years < families.ADULT)
			if guarded:
				assert ages.age(family[member.guardian].born, TODAY) >= families.ADULT


def test_care_follows_age_and_family():
	found = Counter()
	for family in drawn():
		years = [ages.age(member.born, TODAY) for member in family]
		for member, own in zip(family, years, strict=True):
			assert ("elder" in member.care) == (own >= families.ELDER_AGE)
			assert ("elder-alone" in member.care) == (own >= families.ELDER_AGE and len(family) == 1)
			found.update(member.care)
	assert {
		"elder",
		"elder-alone",
		"empty-nest",
		"left-behind-child",
		"left-behind-elder",
		"disabled",
	} <= set(found)


def test_the_same_seed_gives_the_same_families():
	assert drawn(7) == drawn(7) != drawn(8)
