"""Rules of the ledger: numbers of people and organisations, names, ages, households, likeness."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from grid_governance.grid_ledger.rules import ages, households, likeness, minors, names, numbers

TODAY = date(2024, 5, 6)

citizens = st.builds(
	lambda division, born, serial: (
		(body := f"{division}{born:%Y%m%d}{serial:03d}") + mod_11_2.calc_check_digit(body)
	),
	st.integers(110000, 659999),
	st.dates(date(1900, 1, 1), TODAY),
	st.integers(0, 999),
)


def problem_of(number: str, read: object = numbers.citizen) -> str:
	with pytest.raises(numbers.NumberProblem) as raised:
		read(number, TODAY) if read is numbers.citizen else read(number)
	return raised.value.kind


class TestCitizen:
	@pytest.mark.parametrize(
		("number", "born", "sex"),
		[
			("11010519491231002X", date(1949, 12, 31), numbers.FEMALE),
			("440524188001010014", date(1880, 1, 1), numbers.MALE),
			("34052419800101001X", date(1980, 1, 1), numbers.MALE),
		],
	)
	def test_the_examples_of_the_standard(self, number, born, sex):
		assert numbers.citizen(number, TODAY) == numbers.Citizen(number, born, sex)

	@pytest.mark.parametrize(
		"typed", ["11010519491231002x", " 110105 19491231 002X", "１１０１０５１９４９１２３１００２Ｘ"]
	)
	def test_it_is_read_as_people_type_it(self, typed):
		assert numbers.citizen(typed, TODAY).number == "11010519491231002X"

	def test_an_old_number_gets_its_century_and_its_check(self):
		assert numbers.citizen("110105491231002", TODAY).number == "11010519491231002X"

	@pytest.mark.parametrize(
		("number", "kind"),
		[
			("110105194912310021", numbers.CHECK),
			("11010519491231002", numbers.LENGTH),
			("", numbers.LENGTH),
			("1101051949123100XX", numbers.CHARACTERS),
			("11010519490231002X", numbers.BIRTH),
			("110105490231002", numbers.BIRTH),
			("110105202405070019", numbers.FUTURE),
		],
	)
	def test_what_is_wrong_with_others(self, number, kind):
		assert problem_of(number) == kind

	@given(citizens, st.integers(0, 17), st.sampled_from("0123456789X"))
	def test_no_slip_of_one_character_passes(self, number, at, slip):
		wrong = number[:at] + slip + number[at + 1 :]
		if wrong != number:
			with pytest.raises(numbers.NumberProblem):
				numbers.citizen(wrong, TODAY)

	@given(citizens)
	def test_a_mask_does_not_tell_the_number(self, number):
		"""Not to a neighbour either, who knows the division, the day of birth and the sex."""
		mask = numbers.masked(number)
		assert len(mask) == 18 and mask.count("*") == 15
		fitting = [
			serial
			for serial in range(int(number[16]) % 2, 1000, 2)
			if mod_11_2.calc_check_digit(f"{number[:14]}{serial:03d}") == mask[-1]
		]
		assert len(fitting) > 40

	@given(citizens, st.integers(0, 16), st.sampled_from("0123456789"))
	def test_a_slip_before_the_check_was_made_is_one_apart(self, number, at, slip):
		body = number[:at] + slip + number[at + 1 : 17]
		other = body + mod_11_2.calc_check_digit(body)
		assert numbers.one_apart(number, other) == (number != other)

	def test_two_apart_are_not_one_apart(self):
		assert not numbers.one_apart("34052419800101001X", "34052419800101111X")
		assert not numbers.one_apart("E12345678", "34052419800101111X")


class TestOrganisation:
	@pytest.mark.parametrize("code", ["91350100M000100Y43", "52420000MJH23339XT", "91350100m000100y43"])
	def test_good_ones(self, code):
		assert numbers.organisation(code) == code.upper()

	def test_a_village_collective_is_registered_with_an_agricultural_department(self):
		"""Its code begins with N2; the rest of this one is invented."""
		assert numbers.organisation("N2997466689798525F") == "N2997466689798525F"
		assert problem_of("N2997466689798525E", numbers.organisation) == numbers.CHECK

	@pytest.mark.parametrize(
		("code", "kind"),
		[
			("91350100M000100Y44", numbers.CHECK),
			("91350100M000100Y4Z", numbers.CHARACTERS),
			("91350100M000100Y4", numbers.LENGTH),
			("91350100I000100Y43", numbers.CHARACTERS),
		],
	)
	def test_what_is_wrong_with_others(self, code, kind):
		assert problem_of(code, numbers.organisation) == kind


class TestNames:
	@pytest.mark.parametrize(
		("name", "pinyin", "initials"),
		[
			("王国军", "wangguojun", "wgj"),
			("单永红", "shanyonghong", "syh"),
			("曾庆红", "zengqinghong", "zqh"),
			("欧阳锋", "ouyangfeng", "oyf"),
			("尉迟恭", "yuchigong", "ycg"),
			("吕布", "lvbu", "lb"),
			("买买提·艾力", "maimaitiaili", "mmtal"),
			("José Silva", "josesilva", "js"),
			(" 王 国军 ", "wangguojun", "wgj"),
			("…", "", ""),
			("", "", ""),
		],
	)
	def test_pinyin_and_initials(self, name, pinyin, initials):
		assert names.keys(name) == (pinyin, initials)

	@given(st.text(max_size=20))
	def test_keys_are_plain_letters_whatever_the_name(self, name):
		pinyin, initials = names.keys(name)
		assert all(not names.NO_LETTER.search(key) for key in (pinyin, initials))
		assert bool(pinyin) == bool(initials)
		assert len(initials) <= len(pinyin)

	@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=4))
	def test_characters_read_one_by_one_are_read_as_the_whole_name(self, name):
		whole = [names.SURNAMES.get(name[0]), *names.lazy_pinyin(name[1:])]
		read = whole if whole[0] else names.lazy_pinyin(name)
		assert names.keys(name)[0] == "".join(names._syllables(read))


class TestAges:
	@pytest.mark.parametrize(
		("born", "today", "age"),
		[
			(date(1959, 5, 6), date(2024, 5, 5), 64),
			(date(1959, 5, 6), date(2024, 5, 6), 65),
			(date(1960, 2, 29), date(2025, 2, 28), 64),
			(date(1960, 2, 29), date(2025, 3, 1), 65),
			(date(1960, 2, 29), date(2024, 2, 29), 64),
		],
	)
	def test_a_year_is_full_on_the_birthday(self, born, today, age):
		assert ages.age(born, today) == age

	@given(st.integers(0, 110), st.dates(date(1900, 1, 1), date(2200, 1, 1)))
	def test_the_last_day_of_birth_is_the_last_one(self, years, today):
		last = ages.born_until(years, today)
		assert ages.age(last, today) >= years > ages.age(last + timedelta(days=1), today)


class TestMinors:
	@pytest.mark.parametrize(
		("on", "minor", "guardian_consents"),
		[
			(date(2020, 5, 5), True, True),
			(date(2020, 5, 6), True, False),
			(date(2024, 5, 5), True, False),
			(date(2024, 5, 6), False, False),
		],
	)
	def test_14_and_18_are_reached_on_the_birthday(self, on, minor, guardian_consents):
		born = date(2006, 5, 6)
		assert minors.is_minor(born, on) is minor
		assert minors.consent_is_the_guardians(born, on) is guardian_consents

	def test_of_whom_the_birth_is_unknown_nothing_is_said(self):
		assert not minors.is_minor(None, date(2020, 1, 1))
		assert not minors.consent_is_the_guardians(None, date(2020, 1, 1))


class TestHouseholds:
	@pytest.mark.parametrize(
		("relations", "gone", "problem"),
		[
			({"a": "Head", "b": "Spouse"}, (), None),
			({"a": "Spouse", "b": "Son"}, (), households.NO_HEAD),
			({"a": "Head", "b": "Head"}, (), households.TWO_HEADS),
			({"a": "Head", "b": "Spouse"}, ("a",), households.HEAD_GONE),
			({"a": "Head"}, ("a",), None),
			({}, (), None),
		],
	)
	def test_a_household_has_one_head(self, relations, gone, problem):
		assert households.head_problem(relations, gone) == problem

	def test_the_next_head_is_the_nearest_then_the_eldest(self):
		assert households.next_head({"a": ("Son", 40), "b": ("Spouse", 38), "c": ("Parent", 80)}) == "b"
		assert households.next_head({"a": ("Son", 40), "b": ("Son", 44), "c": ("Daughter", 50)}) == "b"
		assert households.next_head({}) is None


class TestLikeness:
	def person(self, name, resident_name="王国军", **known):
		return likeness.Person(name, resident_name, **known)

	def test_the_strongest_reason_is_told(self):
		born = date(1980, 1, 1)
		found = likeness.pairs(
			[
				self.person("a", birth_date=born, number="34052419800101001X", phones=("1", "2")),
				self.person("b", birth_date=born, number="34052419800101001X", phones=("2",)),
				self.person("c", birth_date=born, phones=("3",)),
				self.person("d", "李梅", birth_date=born, phones=("3",)),
				self.person("e", "李梅", birth_date=date(1980, 1, 2)),
			]
		)
		assert found == {
			("a", "b"): likeness.SAME_NUMBER,
			("a", "c"): likeness.SAME_NAME_AND_BIRTH,
			("b", "c"): likeness.SAME_NAME_AND_BIRTH,
			("c", "d"): likeness.SAME_PHONE,
		}

	@given(citizens, st.integers(0, 16), st.sampled_from("0123456789"))
	def test_numbers_one_apart_are_found(self, number, at, slip):
		body = number[:at] + slip + number[at + 1 : 17]
		other = body + mod_11_2.calc_check_digit(body)
		reason = likeness.SAME_NUMBER if number == other else likeness.NUMBER_ONE_APART
		people = [self.person("a", "甲", number=number), self.person("b", "乙", number=other)]
		assert likeness.pairs(people) == {("a", "b"): reason}

	def test_what_a_crowd_shares_says_nothing(self):
		crowd = [self.person(str(at), f"人{at}", phones=("0550",)) for at in range(likeness.CROWD + 1)]
		assert likeness.pairs(crowd) == {}
		assert len(likeness.pairs(crowd[1:])) == likeness.CROWD * (likeness.CROWD - 1) // 2

	@pytest.mark.parametrize(
		("one", "other", "two_places"),
		[
			(("a", "Living Here"), ("b", "Away"), True),
			(("a", "Living Here", True), ("b", "Living Here"), True),
			(("a", "Living Here"), ("b", "Living Here"), False),
			(("a", "Living Here"), ("a", "Away"), False),
			(("a", "Living Here"), ("b", "Moved Out"), False),
		],
	)
	def test_who_is_registered_here_and_lives_there_stands_twice_rightly(self, one, other, two_places):
		places = likeness.Place(*one), likeness.Place(*other)
		assert likeness.registered_and_living(*places) is two_places
		assert likeness.registered_and_living(*reversed(places)) is two_places

	def test_the_phone_of_a_family_says_nothing(self):
		people = [
			self.person(name, told, phones=("1",), household=home)
			for name, told, home in (("a", "甲", "x"), ("b", "乙", "x"), ("c", "丙", "y"))
		]
		phone = likeness.SAME_PHONE
		assert likeness.pairs(people) == {("a", "c"): phone, ("b", "c"): phone}
		twice = [self.person(name, "甲", phones=("1",), household="x") for name in "ab"]
		assert likeness.pairs(twice) == {("a", "b"): phone}

	def test_people_without_anything_known_are_nobodys_likeness(self):
		assert likeness.pairs([self.person("a"), self.person("b")]) == {}
