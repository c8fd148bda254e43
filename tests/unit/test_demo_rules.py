"""Demo townships: the same every time, invented people only once, steps in order and by day."""

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grid_governance.grid_issues.rules import deadlines
from grid_governance.setup.demo import rules

FOLDER = Path(rules.__file__).parent
TOWNSHIPS = {
	path.stem: json.loads(path.read_text("utf-8")) for path in sorted((FOLDER / "townships").glob("*.json"))
}
DATA = TOWNSHIPS["tulingdi"]
TEXTS = json.loads((FOLDER / "matters.json").read_text("utf-8"))
NAMES = json.loads((FOLDER / "names.json").read_text("utf-8"))
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1))
EDGES = [
	datetime(2024, 2, 29, 0, 5),
	datetime(2025, 1, 31, 23, 59),
	datetime(2025, 3, 1),
	datetime(2026, 1, 1, 7),
]


EACH_TOWN = pytest.mark.parametrize("data", [town["issues"] for town in TOWNSHIPS.values()], ids=TOWNSHIPS)
ACTION, PARTIES = "workflow_action_master/", 2
BESIDE = ("issue_extension/", "supervision/", "informing/")
"""Steps of people that are none of the workflow's."""


def at_edges(test: Callable) -> Callable:
	"""Have *test* meet midnights, month ends and the leap day beside what is drawn."""
	for moment in EDGES:
		test = example(moment, 1)(test)
	return test


def test_people_are_the_same_for_a_seed_and_never_twice():
	first, again, other = (list(islice(rules.people(NAMES, Random(seed)), 1000)) for seed in (7, 7, 8))
	assert first == again != other
	assert len({person.full_name for person in first}) == len({person.login for person in first}) == 1000
	assert all(re.fullmatch(r"[a-z]+\d*", person.login) for person in first)


def test_a_town_may_have_more_people_than_names():
	names = {"surnames": [["王", "wang"], ["汪", "wang"]], "given": [["秀英", "xiuying", "Female"]]}
	people = list(islice(rules.people(names, Random(1), taken=["wangxiuying2"]), 5))
	assert [person.login for person in people] == ["wangxiuying", *(f"wangxiuying{n}" for n in (3, 4, 5, 6))]
	assert {person.full_name for person in people[:2]} == {"王秀英", "汪秀英"}


@st.composite
def villages(draw):
	"""Villages of up to nine units each, and a number of people that suffices for every village."""
	sizes = draw(st.lists(st.integers(1, 9), min_size=1, max_size=40))
	units = [f"{village:012d}" for village, size in enumerate(sizes) for _unit in range(size)]
	return units, draw(st.integers(len(sizes), 2000))


@given(villages())
def test_every_unit_is_held_and_everyone_holds_something(given_villages):
	units, count = given_villages
	held = rules.holdings(units, count)
	assert len(held) == count
	assert all(held)
	times = Counter(unit for of_one in held for unit in of_one)
	assert set(times) == set(range(len(units)))
	if count <= len(units):
		assert set(times.values()) == {1}
		assert all(len({units[unit] for unit in of_one}) == 1 for of_one in held)
	else:
		assert max(times.values()) - min(times.values()) <= 1
		assert all(len(of_one) == 1 for of_one in held)


def test_too_few_people_for_the_villages_are_refused():
	with pytest.raises(ValueError, match="too few"):
		rules.holdings(["a", "a", "b"], 1)


@given(st.integers(0, 5000), st.integers(1, 400))
def test_an_even_split_adds_up(total, parts):
	split = rules.even(total, parts)
	assert sum(split) == total
	assert len(split) == parts
	assert max(split) - min(split) <= 1


@given(MOMENTS)
def test_matters_are_the_same_for_a_seed_and_a_moment(now):
	assert rules.matters(DATA["issues"], TEXTS, now, Random(3)) == rules.matters(
		DATA["issues"], TEXTS, now, Random(3)
	)


@given(MOMENTS, st.integers(0, 2**32))
@at_edges
def test_each_course_is_taken_as_often_as_said_and_to_its_end(now, seed):
	made = rules.matters(DATA["issues"], TEXTS, now, Random(seed))
	said = Counter()
	for course in DATA["issues"]["courses"]:
		said[tuple(action for action, *_hours in course["steps"])] += course["count"]
	assert Counter(tuple(step.action for step in matter.steps) for matter in made) == said


@given(MOMENTS, st.integers(0, 2**32))
@at_edges
def test_nothing_lies_in_the_future_and_steps_follow_each_other(now, seed):
	data = DATA["issues"]
	made = rules.matters(data, TEXTS, now, Random(seed))
	assert [matter.found_at for matter in made] == sorted(matter.found_at for matter in made)
	longest = max(sum(step[2] / 24 + 1 for step in course["steps"]) for course in data["courses"])
	for matter in made:
		moments = [matter.found_at, *(step.at for step in matter.steps)]
		assert all(earlier < later for earlier, later in pairwise(moments))
		assert now - timedelta(days=data["days"] + longest + 1) < moments[0] <= moments[-1] <= now
		assert all(rules.DAY_BEGINS <= moment.hour < rules.DAY_ENDS for moment in moments)


@given(MOMENTS, st.integers(0, 2**32))
@at_edges
def test_unfinished_matters_are_fresh(now, seed):
	data = DATA["issues"]
	limits = {
		tuple(action for action, *_hours in course["steps"]): course["days"]
		for course in data["courses"]
		if "days" in course
	}
	for matter in rules.matters(data, TEXTS, now, Random(seed)):
		days = limits.get(tuple(step.action for step in matter.steps))
		if days:
			last = matter.steps[-1].at if matter.steps else matter.found_at
			assert last > now - timedelta(days=days + 1)


@given(st.integers(0, 5000), st.lists(st.integers(0, 90), min_size=1).filter(any))
def test_what_is_apportioned_adds_up_and_is_never_off_by_one(total, weights):
	counts = rules.apportioned(total, weights)
	assert sum(counts) == total
	for count, weight in zip(counts, weights, strict=True):
		assert abs(count - total * weight / sum(weights)) < 1 + 1e-9


def test_shares_come_out_exactly():
	assert rules.apportioned(2100, [35, 63, 2]) == [735, 1323, 42]
	assert rules.apportioned(7, [1, 1, 1]) == [3, 2, 2]


@given(MOMENTS)
def test_kinds_places_and_sources_are_shared_out_by_weight(now):
	data = DATA["issues"]
	made = rules.matters(data, TEXTS, now, Random(5))
	for found, weights in (
		(Counter(matter.source for matter in made), data["sources"]),
		(Counter(matter.place for matter in made), data["places"]),
		(
			Counter(matter.kind["category"] for matter in made),
			{TEXTS["kinds"][kind]["category"]: weight for kind, weight in data["kinds"].items()},
		),
	):
		shares = rules.apportioned(len(made), list(weights.values()))
		assert found == Counter(dict(zip(weights, shares, strict=True)))


@EACH_TOWN
def test_a_source_that_a_course_names_is_that_of_its_matters_alone(data):
	said = Counter()
	for course in data["courses"]:
		said[course.get("source", "")] += course["count"]
	made = Counter(matter.source for matter in rules.matters(data, TEXTS, EDGES[0], Random(5)))
	for source in set(said) - {""}:
		assert made[source] == said[source]
		assert source not in data["sources"]


@EACH_TOWN
def test_texts_are_whole_and_many(data):
	made = rules.matters(data, TEXTS, EDGES[0], Random(5))
	for matter in made:
		assert not set("{}") & set(matter.title + matter.description + matter.spot)
		assert matter.title.startswith(matter.spot)
		assert re.fullmatch(r"[\u4e00-\u9fff0-9、，。：]+", matter.description), matter.description
	assert len({matter.title for matter in made}) > len(made) * 0.35


def test_a_matter_with_more_time_takes_longer_and_an_urgent_one_less():
	data = {**DATA["issues"], "courses": [{"count": 200, "steps": [[f"{ACTION}resolve", 100, 160]]}]}
	took = {}
	for pace in (1 / 7, 1, 4):
		made = rules.matters(data, TEXTS, EDGES[0], Random(1), lambda _category, pace=pace: pace)
		took[pace] = max(matter.steps[-1].at - matter.found_at for matter in made)
	assert took[1 / 7] < timedelta(days=2) < took[1] < timedelta(days=8) < took[4] < timedelta(days=28)


@EACH_TOWN
def test_courses_name_seeds_of_actions_and_hours(data):
	for course in data["courses"]:
		asked = 0
		for action, least, most, *party in course["steps"]:
			assert action == rules.CLOCK or action.startswith((ACTION, *BESIDE))
			assert 0 < least < most
			if action == f"{ACTION}refer":
				asked = party[0]
				assert 1 <= asked <= PARTIES
			elif action.startswith(f"{ACTION}referral-"):
				assert party[0] < asked
			else:
				assert not party


@EACH_TOWN
def test_kinds_words_and_spots_are_in_the_texts(data):
	assert set(data["kinds"]) <= set(TEXTS["kinds"])
	sources = {*data["sources"], *(course["source"] for course in data["courses"] if "source" in course)}
	assert sources <= set(TEXTS["found"])
	for kind in data["kinds"]:
		assert TEXTS["spots"][data["setting"]][TEXTS["kinds"][kind]["at"]]


def test_an_action_that_needs_a_reason_has_words_for_it():
	folder = FOLDER.parent / "seeds" / "workflow_action_master"
	for file in sorted(folder.glob("*.json")):
		for row in json.loads(file.read_text("utf-8")):
			if row["values"].get("grid_needs") == "Reason":
				assert TEXTS["words"][row["key"]]
				assert all(TEXTS["words"][row["key"]])


@pytest.mark.parametrize("data", TOWNSHIPS.values(), ids=TOWNSHIPS)
def test_only_reserved_domains_are_used_each_by_one(data):
	assert data["mail_domain"].endswith(".example")
	assert [other["mail_domain"] for other in TOWNSHIPS.values()].count(data["mail_domain"]) == 1


@pytest.mark.parametrize("data", TOWNSHIPS.values(), ids=TOWNSHIPS)
def test_what_is_named_is_there(data):
	keys = {node["key"] for node in data.get("nodes", [])}
	assert len(keys) == len(data.get("nodes", []))
	codes = {data["township"], *data.get("villages", []), *data.get("households", {})}
	places = [node["below"] for node in data.get("nodes", [])]
	places += [post[where] for post in data["posts"] for where in ("at", "below") if where in post]
	for place in places:
		assert place in keys | codes or place.startswith(data["township"])


def days_later(moment: datetime) -> datetime:
	return moment + timedelta(days=7)


@given(MOMENTS, st.integers(0, 2**32))
@at_edges
def test_where_the_clock_acts_the_time_is_over(now, seed):
	for data in (town["issues"] for town in TOWNSHIPS.values()):
		courses = [
			course for course in data["courses"] if rules.CLOCK in {step[0] for step in course["steps"]}
		]
		if not courses:
			continue
		for matter in rules.matters({**data, "courses": courses}, TEXTS, now, Random(seed)):
			timed = rules.timed_by_clock(matter, days_later)
			moments = [timed.found_at, *(step.at for step in timed.steps)]
			assert all(earlier < later for earlier, later in pairwise(moments))
			assert moments[-1] <= now
			climbs = next(step.at for step in timed.steps if step.action == rules.CLOCK)
			assert timedelta(0) <= climbs - days_later(timed.found_at) < rules.RUNS


@pytest.mark.parametrize(
	("drawn", "found", "climbs"),
	[
		("2024-03-31 09:13", "2024-02-29 09:13", "2024-03-29 09:20"),
		("2024-02-29 09:13", "2024-01-31 09:13", "2024-02-29 09:13"),
		("2024-05-14 10:00", "2024-04-13 10:00", "2024-05-13 10:00"),
	],
)
def test_a_month_before_the_clock(drawn, found, climbs):
	step = rules.Step(rules.CLOCK, datetime.fromisoformat(drawn))
	matter = rules.Matter({}, "", "", "", "", "", "", step.at - timedelta(days=40), (step,))
	timed = rules.timed_by_clock(matter, lambda moment: deadlines.months_later(moment, 1))
	assert (timed.found_at, timed.steps[0].at) == tuple(map(datetime.fromisoformat, (found, climbs)))


def test_what_the_clock_leaves_alone_is_as_it_was_drawn():
	matter = rules.matters(DATA["issues"], TEXTS, EDGES[0], Random(5))[0]
	assert rules.timed_by_clock(matter, days_later) is matter


def test_steps_that_took_longer_than_the_time_are_spread_over_it():
	drawn = datetime(2024, 5, 14, 10)
	steps = [rules.Step(f"{ACTION}start", drawn - timedelta(hours=1)), rules.Step(rules.CLOCK, drawn)]
	matter = rules.Matter({}, "", "", "", "", "", "", drawn - timedelta(days=9), tuple(steps))
	timed = rules.timed_by_clock(matter, lambda moment: moment + timedelta(days=1))
	assert timed.found_at == datetime(2024, 5, 13, 10)
	assert [step.at for step in timed.steps] == [datetime(2024, 5, 13, 22), drawn]
