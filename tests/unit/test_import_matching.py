"""Whom and which household the rows of a file mean, when that is certain and when it is asked."""

from datetime import date
from typing import Any

import pytest

from grid_governance.grid_ledger.importing import matching
from grid_governance.grid_ledger.importing.matching import Home, Person, Wanted

BORN, LATER = date(1980, 1, 1), date(1990, 2, 2)
CITIZEN = "Citizen Number"


def person(name: str, born: date | None = None, number: str = "", record: str = "", **row: Any) -> Person:
	"""Somebody who stands in the ledger; *number* is its hash."""
	identity = {"id_type": CITIZEN, "id_number_hash": number} if number else None
	row = {"resident_name": name, "birth_date": born, "status": "Living Here", **row}
	return Person(record or f"{name}-{born}-{number}", row, identity)


def home(*people: Person, head: int | None = 0, grid: str = "一", number: str = "", name: str = "H") -> Home:
	"""A household of *people*, whose head is the one at *head*."""
	row = {
		"head": None if head is None else people[head].name,
		"grid": grid,
		"household_no": number,
		"status": "Active",
	}
	return Home(name, row, list(people))


def wanted(name: str, born: date | None = None, number: str = "", kind: str = CITIZEN) -> Wanted:
	return Wanted(name, born, kind if number else "", number)


def one(row: Wanted, *members: Person, guess: bool = False) -> matching.Found:
	(found,) = matching.people([row], members, guess)
	return found


class TestPeople:
	def test_the_number_goes_before_the_name(self):
		mine, other = person("甲", BORN, "A"), person("乙", BORN, "B")
		assert one(wanted("乙", BORN, "A"), mine, other).it is mine

	def test_name_and_date_of_birth(self):
		young, old = person("甲", LATER), person("甲", BORN)
		assert one(wanted("甲", BORN), young, old).it is old

	@pytest.mark.parametrize(("here", "there"), [(None, BORN), (BORN, None), (None, None)])
	def test_the_name_alone_where_a_date_of_birth_is_missing(self, here, there):
		mine = person("甲", there)
		assert one(wanted("甲", here), mine, person("乙")).it is mine

	def test_two_of_a_name_are_asked_about(self):
		found = one(wanted("甲"), person("甲", BORN), person("甲", LATER))
		assert (found.it, found.doubt, len(found.among)) == (None, matching.SEVERAL, 2)

	def test_one_who_is_born_so_beside_one_of_whom_it_is_unknown_is_asked_about(self):
		assert one(wanted("甲", BORN), person("甲", BORN), person("甲")).doubt == matching.SEVERAL

	def test_another_number_is_asked_about(self):
		assert one(wanted("甲", BORN, "A"), person("甲", BORN, "B")).doubt == matching.NUMBER_DIFFERS

	def test_a_passport_beside_a_citizen_number_contradicts_nothing(self):
		mine = person("甲", BORN, "B")
		assert one(wanted("甲", BORN, "A", "Passport"), mine).it is mine

	def test_a_number_that_nobody_had_is_new_to_who_has_the_name(self):
		mine = person("甲", BORN)
		assert one(wanted("甲", BORN, "A"), mine).it is mine

	def test_another_date_of_birth_is_asked_about(self):
		assert one(wanted("甲", LATER), person("甲", BORN)).doubt == matching.BIRTH_DIFFERS

	def test_nobody_of_the_name_is_somebody_new(self):
		assert one(wanted("甲", BORN), person("乙", BORN)) == matching.NOBODY

	def test_nobody_is_meant_twice(self):
		mine = person("甲", BORN, "A")
		found = matching.people([wanted("甲"), wanted("甲", BORN, "A")], [mine])
		assert [each.it for each in found] == [None, mine]
		assert not found[0].doubt

	def test_whoever_chose_the_household_chose_the_only_one_of_the_name(self):
		mine = person("甲", BORN)
		assert one(wanted("甲", LATER), mine, guess=True).it is mine
		assert one(wanted("甲"), mine, person("甲", LATER), guess=True) == matching.NOBODY


class TestNumbered:
	def test_a_household_is_known_by_one_of_its_people(self):
		mine = home(person("甲"), person("乙"))
		assert matching.numbered(mine, [wanted("丙"), wanted("乙")]).it is mine

	def test_a_household_of_others_is_asked_about(self):
		found = matching.numbered(home(person("甲")), [wanted("丙"), wanted("乙")])
		assert (found.it, found.doubt) == (None, matching.STRANGERS)

	def test_an_empty_one_is_filled(self):
		mine = home(person("甲", status="Moved Out"))
		assert matching.numbered(mine, [wanted("丙")]).it is mine


class TestUnnumbered:
	def find(self, head: Wanted | None, rows: list[Wanted], *homes: Home, number: str = "") -> matching.Found:
		return matching.unnumbered(head, rows, number, "一", homes)

	def test_the_head_is_known_by_name_and_birth_and_asked_about_in_another_grid(self):
		mine = home(person("甲", BORN))
		assert self.find(wanted("甲", BORN), [wanted("甲", BORN)], mine).it is mine
		found = self.find(wanted("甲", BORN), [wanted("甲", BORN)], home(person("甲", BORN), grid="二"))
		assert found.doubt == matching.RESEMBLES

	def test_who_is_registered_elsewhere_has_two_households(self):
		row = Wanted("甲", BORN, CITIZEN, "A", is_apart=True)
		assert self.find(row, [row], home(person("甲", BORN, "A"), grid="二")) == matching.NOBODY

	def test_the_head_is_known_by_name_alone_in_her_grid_only(self):
		mine = home(person("甲"))
		assert self.find(wanted("甲"), [wanted("甲")], mine).it is mine
		assert self.find(wanted("甲"), [wanted("甲")], home(person("甲"), grid="二")) == matching.NOBODY

	def test_two_heads_of_the_name_are_asked_about(self):
		found = self.find(wanted("甲"), [wanted("甲")], home(person("甲")), home(person("甲"), name="I"))
		assert (found.doubt, len(found.among)) == (matching.RESEMBLES, 2)

	def test_a_household_with_another_number_is_asked_about(self):
		mine = home(person("甲", BORN), number="5")
		assert (
			self.find(wanted("甲", BORN), [wanted("甲", BORN)], mine, number="6").doubt
			== matching.OTHER_NUMBER
		)
		assert self.find(wanted("甲", BORN), [wanted("甲", BORN)], mine).it is mine

	def test_a_family_under_another_head_is_asked_about(self):
		rows = [wanted("乙", BORN), wanted("丙", LATER)]
		mine = home(person("甲"), person("乙", BORN), person("丙", LATER))
		assert self.find(rows[0], rows, mine).doubt == matching.UNDER_ANOTHER

	def test_one_who_founds_a_household_is_not_her_parents(self):
		rows = [wanted("丙", LATER), wanted("丁")]
		assert self.find(rows[0], rows, home(person("甲"), person("丙", LATER))) == matching.NOBODY

	def test_a_row_without_a_household_belongs_where_the_person_lives(self):
		mine = home(person("甲"), person("乙", BORN))
		assert self.find(None, [wanted("乙", BORN)], mine).it is mine
		assert self.find(None, [wanted("乙")], mine) == matching.NOBODY

	def test_a_dissolved_household_is_none(self):
		mine = home(person("甲", BORN))
		mine.row["status"] = "Dissolved"
		assert self.find(wanted("甲", BORN), [wanted("甲", BORN)], mine) == matching.NOBODY
