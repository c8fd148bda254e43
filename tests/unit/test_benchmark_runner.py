"""Paired measuring, its rows, and the command that runs suites."""

import importlib
import json
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from benchmarks import pairing, table
from benchmarks.pairing import Row
from benchmarks.sampling import Sampler
from tests.conftest import ROOT


class TestTakingTurns:
	def test_each_round_runs_every_contender_once_and_drops_the_warm_up(self):
		ran: list[str] = []
		contenders = {
			name: (lambda name=name: float(ran.append(name) or len(ran))) for name in ("a", "b", "c")
		}
		results = pairing.take_turns(contenders, rounds=5, warm_up=2)
		assert [len(costs) for costs in results.values()] == [5, 5, 5]
		assert all(sorted(ran[start : start + 3]) == ["a", "b", "c"] for start in range(0, 21, 3))
		assert min(cost for costs in results.values() for cost in costs) == 7  # the first six were warm-up

	def test_the_order_differs_between_rounds_and_repeats_with_the_seed(self):
		def orders(seed: int) -> list[str]:
			ran: list[str] = []
			contenders = {name: (lambda name=name: float(bool(ran.append(name)))) for name in "abc"}
			pairing.take_turns(contenders, rounds=20, warm_up=0, seed=seed)
			return ["".join(ran[start : start + 3]) for start in range(0, 60, 3)]

		assert len(set(orders(1))) > 1
		assert orders(1) == orders(1)
		assert orders(1) != orders(2)

	@pytest.mark.parametrize(
		("contenders", "rounds", "warm_up"),
		[({}, 1, 0), ({"a": lambda: 1.0}, 0, 0), ({"a": lambda: 1.0}, 1, -1)],
	)
	def test_nothing_to_run_or_to_keep_is_refused(self, contenders, rounds, warm_up):
		with pytest.raises(ValueError):
			pairing.take_turns(contenders, rounds, warm_up)


def test_preparing_is_not_counted():
	now = [0.0]

	def passes(seconds: float):
		def wait() -> None:
			now[0] += seconds

		return wait

	assert pairing.timed(passes(0.25), before=passes(5), clock=lambda: now[0])() == 250


class TestRows:
	def test_ratio_says_how_many_times_better_ours_is(self):
		assert pairing.fewer_is_better("t", "ms", ours=2, stock=60, n=3) == Row("t", "ms", 2, 60, 30, 3)
		assert pairing.more_is_better("t", "rows/s", ours=60, stock=2, n=3) == Row(
			"t", "rows/s", 60, 2, 30, 3
		)

	def test_a_worse_result_is_below_one(self):
		assert pairing.fewer_is_better("t", "ms", ours=4, stock=2, n=1).ratio == 0.5
		assert pairing.more_is_better("t", "rows/s", ours=2, stock=4, n=1).ratio == 0.5

	def test_pairs_are_compared_by_their_medians(self):
		row = pairing.compare("t", "ms", ours=[1, 1, 100], stock=[10, 500, 10])
		assert (row.ours, row.stock, row.ratio, row.n) == (1, 10, 10, 3)

	def test_uneven_series_are_no_pairs(self):
		with pytest.raises(ValueError, match="no pairs"):
			pairing.compare("t", "ms", ours=[1], stock=[1, 2])

	@pytest.mark.parametrize(("ours", "stock"), [(0, 1), (-1, 1), (1, -1)])
	def test_what_has_no_ratio_is_refused(self, ours, stock):
		with pytest.raises(ValueError, match="no ratio"):
			pairing.fewer_is_better("t", "ms", ours, stock, 1)


class TestTable:
	ROWS = (Row("list, 20 %", "ms", 6.5, 612.34, 94.206, 15), Row("count", "ms", 0.1234, 30.25, 245.1, 15))

	def test_every_column_of_every_row_is_shown_in_line(self):
		heading, rule, *lines = table.render(self.ROWS).split("\n")
		assert heading.split() == list(table.COLUMNS)
		assert set(rule) == {"-", " "}
		assert [line.split()[-5:] for line in lines] == [
			["ms", "6.50", "612", "94.2", "15"],
			["ms", "0.12", "30.2", "245", "15"],
		]
		assert len({len(line) for line in (heading, rule, *lines)}) == 1

	def test_the_file_is_a_list_of_rows(self, tmp_path):
		file = table.write(self.ROWS, tmp_path / "out", "scope")
		assert file == tmp_path / "out" / "scope.json"
		rows = json.loads(file.read_text())
		assert [list(row) for row in rows] == [list(table.COLUMNS)] * 2
		assert rows[0] == {
			"name": "list, 20 %",
			"unit": "ms",
			"ours": 6.5,
			"stock": 612.34,
			"ratio": 94.206,
			"n": 15,
		}
		assert [entry.name for entry in file.parent.iterdir()] == ["scope.json"]


class TestSampling:
	HERE = "unit/test_benchmark_runner.py"

	def looked(self, below: str, stacks: list[list[str]]) -> Sampler:
		"""A sampler that has looked at *stacks*, each from the outermost function to the innermost."""
		sampler = Sampler(below=below)
		for names in stacks:
			frame = None
			for name in names:
				code = SimpleNamespace(co_filename=f"/bench/apps/{name}.py", co_name=name)
				frame = SimpleNamespace(f_code=code, f_back=frame)
			sampler._look(0, frame)
		return sampler

	def test_shares_are_of_all_looks_and_only_of_what_runs_below(self):
		stacks = (
			[["main", "entry", "ask", "query"]] * 6
			+ [["main", "entry", "mail"]] * 2
			+ [["main", "other"]] * 2
		)
		found = self.looked("apps/entry.py:entry", stacks).top(9)
		assert dict(found) == {
			"apps/entry.py:entry": 0.8,
			"apps/ask.py:ask": 0.6,
			"apps/mail.py:mail": 0.2,
		}, "of a function and the one it does nothing but call, one is shown"

	def test_code_from_elsewhere_is_not_named(self):
		sampler = Sampler(below=f"{self.HERE}:_work", within="/no such folder/")
		frame = SimpleNamespace(f_code=_work.__code__, f_back=None)
		sampler._look(0, frame)
		assert sampler.top(1) == []

	def test_a_function_that_calls_itself_counts_once(self):
		assert self.looked("apps/f.py:f", [["f", "f", "f"]]).top(1) == [("apps/f.py:f", 1.0)]

	def test_without_a_look_nothing_is_shown(self):
		assert Sampler(below="apps/f.py:f").top(5) == []

	def test_it_sees_what_runs_and_leaves_the_timer_as_it_was(self):
		handler = signal.getsignal(signal.SIGALRM)
		sampler = Sampler(below=f"{self.HERE}:_work")
		with sampler:
			while not sampler.top(1):
				_work()
		assert sampler.top(1)[0][0] == f"{self.HERE}:_work"
		assert sampler.seconds > 0
		assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
		assert signal.getsignal(signal.SIGALRM) is handler


def _work() -> int:
	return sum(number * number for number in range(20_000))


class TestCommand:
	@pytest.fixture(autouse=True)
	def _with_runner(self):
		self.runner = importlib.import_module("benchmarks.__main__")

	def test_without_a_name_all_suites_run(self):
		assert self.runner.chosen([]) == self.runner.suite_names()
		assert self.runner.chosen([""]) == self.runner.suite_names()

	def test_every_suite_can_be_run(self):
		"""In a process of its own, as the command runs them: `tests` is another kind of package here."""
		load = "import importlib, sys; [importlib.import_module(name).run for name in sys.argv[1:]]"
		names = [f"{self.runner.suites.__name__}.{name}" for name in self.runner.suite_names()]
		command = [sys.executable, "-c", load, *names]
		loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
		assert loaded.returncode == 0, loaded.stderr

	def test_one_suite_by_name(self):
		assert self.runner.chosen(["scope"]) == ["scope"]

	def test_an_unknown_name_ends_with_the_names_there_are(self, capsys):
		with pytest.raises(SystemExit):
			self.runner.chosen(["scoop"])
		told = capsys.readouterr().err
		assert "no benchmark scoop" in told
		assert "scope" in told.split("there are:")[1]

	def test_rows_of_a_suite_are_printed_and_written(self, monkeypatch, tmp_path, capsys):
		given: list[object] = []

		class Suite:
			@staticmethod
			def run(bench: object) -> list[Row]:
				given.append(bench)
				return [Row("t", "ms", 1.0, 2.0, 2.0, 5)]

		monkeypatch.setattr(self.runner.importlib, "import_module", lambda name: Suite)
		monkeypatch.setattr(self.runner, "OUT", tmp_path)
		(file,) = self.runner.run(["scope"], "the bench")
		assert given == ["the bench"]
		assert json.loads(file.read_text())[0]["ratio"] == 2.0
		assert "2.00" in capsys.readouterr().out

	def test_a_site_that_is_none_to_benchmark_on_ends_with_a_message(self, monkeypatch, capsys):
		def refuse() -> None:
			raise self.runner.NotABenchmarkSiteError("grid.localhost is not marked")

		monkeypatch.setattr(self.runner.Bench, "here", refuse)
		assert self.runner.main(["scope"]) == 1
		assert "is not marked" in capsys.readouterr().err
