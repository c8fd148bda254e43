"""Paired measuring: contenders take turns, so what else the machine does hits all of them alike."""

import random
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

MILLISECONDS = 1000
Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Row:
	"""One line of a benchmark's result.

	`ours` and `stock` are medians in `unit`, `ratio` says how many times better ours is (above 1: better),
	`n` from how many runs of each.
	"""

	name: str
	unit: str
	ours: float
	stock: float
	ratio: float
	n: int


def take_turns(
	contenders: Mapping[Name, Callable[[], float]], rounds: int, warm_up: int = 2, seed: int = 1
) -> dict[Name, list[float]]:
	"""Run every contender once a round, in an order drawn anew for each, and return what they report.

	A contender runs its work once and returns its cost (`timed` makes one from a function). Results of
	the first `warm_up` rounds are dropped. Raises ValueError when there is nothing to run or to keep.
	"""
	if not contenders or rounds < 1 or warm_up < 0:
		raise ValueError("take_turns needs a contender, a round to keep and no negative warm-up")
	order = list(contenders)
	draw = random.Random(seed)  # the same order in every run of a suite
	results: dict[Name, list[float]] = {name: [] for name in contenders}
	for turn in range(warm_up + rounds):
		draw.shuffle(order)
		for name in order:
			cost = contenders[name]()
			if turn >= warm_up:
				results[name].append(cost)
	return results


def timed(
	work: Callable[[], object],
	before: Callable[[], object] | None = None,
	clock: Callable[[], float] = time.perf_counter,
) -> Callable[[], float]:
	"""Return a contender that reports the milliseconds `work` takes; `before` prepares and is not counted."""

	def run() -> float:
		if before:
			before()
		start = clock()
		work()
		return (clock() - start) * MILLISECONDS

	return run


def fewer_is_better(name: str, unit: str, ours: float, stock: float, n: int) -> Row:
	"""Return the row of a cost (time, growth, queries): its ratio is stock to ours."""
	return Row(name, unit, ours, stock, _ratio(stock, ours), n)


def more_is_better(name: str, unit: str, ours: float, stock: float, n: int) -> Row:
	"""Return the row of a yield (rows a second): its ratio is ours to stock."""
	return Row(name, unit, ours, stock, _ratio(ours, stock), n)


def compare(name: str, unit: str, ours: list[float], stock: list[float]) -> Row:
	"""Return the row of two series of costs that were taken in turn, by their medians."""
	if len(ours) != len(stock):
		raise ValueError(f"{name}: {len(ours)} runs of ours against {len(stock)} of stock are no pairs")
	return fewer_is_better(name, unit, median(ours), median(stock), len(ours))


def _ratio(better_when_large: float, better_when_small: float) -> float:
	if better_when_small <= 0 or better_when_large < 0:
		raise ValueError(f"no ratio of {better_when_large} to {better_when_small}")
	return better_when_large / better_when_small
