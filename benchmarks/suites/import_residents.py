"""A township out of one Excel file: 25,000 people in 8,000 households, and 180,000 in one file.

Ours is the importer as a worker runs it: the file read, its columns recognised, every row checked, planned against what stands,
encrypted, hashed and written, with its progress. Stock is Frappe's Data Import of a sample of 2,000 into the same DocTypes, one
after another (households, people, numbers, contacts, care), each as its background job runs it and with files that need no
thought: words as they are stored, links by name. What its user does in between, and its own first pass over the file, is not
counted.

The obstacles are taken away one after another, and what is left is compared with the floor: the same rows through
MariaDB's own bulk load. All of these take turns, each with an empty town. At last the memory of a process that imports 180,000 in one file, against that of one that only
reads them for a Data Import.

Rows: people per second; seconds without this and that obstacle, against the floor; megabytes at the peak.
"""

import os
import resource
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import frappe
from frappe.core.doctype.data_import.data_import import start_import
from frappe.core.doctype.data_import.importer import Importer
from frappe.model.document import Document

from benchmarks import bulk_load
from benchmarks import import_residents_data as data
from benchmarks.import_residents_obstacles import OBSTACLES
from benchmarks.pairing import MILLISECONDS, Row, fewer_is_better, more_is_better, take_turns, timed
from benchmarks.sampling import Sampler
from benchmarks.site import Bench
from grid_governance.grid_ledger import RESIDENT
from grid_governance.grid_ledger.importing import command, desk, uploads
from grid_governance.grid_ledger.importing import run as jobs

TOWN = (8_000, 25_000, 10)
LARGE = (60_000, 180_000, 33)
SAMPLE = (215, 667, 1)
"""Households, people, villages; the sample of stock in each round, 2,000 in the three that count."""

ROUNDS, WARM_UP = 3, 1
STOCK_ENTRY, SHOWN = "data_import/importer.py:import_data", 16
STOCK, CHECK, EVERYTHING, FLOOR = "stock", "check", "written with everything", "floor"

KILOBYTES = 1024


def run(bench: Bench) -> list[Row]:
	"""Measure all of it on the benchmark site and return the rows. Takes half an hour and more where others work."""
	data.ensure()
	sampler = Sampler(below=STOCK_ENTRY, within="/apps/")
	with tempfile.TemporaryDirectory() as folder:
		busy: Mapping[str, list[float]] = defaultdict(list)
		contenders = _contenders(bench, data.file(*TOWN), Path(folder), sampler, busy)
		series = take_turns(contenders, ROUNDS, WARM_UP)
	_show(sampler, busy)
	seconds = {name: median(costs) for name, costs in series.items()}
	stock, ours = SAMPLE[1] / seconds[STOCK], seconds[EVERYTHING]
	twice = ours + seconds[CHECK]
	rows = [
		more_is_better("people a second", "1/s", TOWN[1] / ours, stock, ROUNDS),
		more_is_better("people a second, with the dry run before", "1/s", TOWN[1] / twice, stock, ROUNDS),
	]
	for name in (EVERYTHING, *OBSTACLES):
		what = name if name == EVERYTHING else f"and without {name}"
		rows.append(fewer_is_better(f"{what}, against the floor", "s", seconds[name], seconds[FLOOR], ROUNDS))
	data.empty()
	data.plain_file(*LARGE)
	ours, stock = _peak(_import_large), _peak(_read_large_as_stock)
	rows.append(fewer_is_better(f"peak memory, {LARGE[1]:,} in one file", "MB", ours, stock, 1))
	bench.open()
	data.empty()
	return rows


def _show(stock: Sampler, busy: Mapping[str, list[float]]) -> None:
	"""Print where the time of stock went, and what our processes compute, which the load of the machine leaves alone."""
	print(f"\nstock, {stock.seconds:,.0f} s in all; share of time in a function and what it calls:")
	for name, share in stock.top(SHOWN):
		print(f"  {share:6.1%}  {name}")
	print("\nseconds of processor time, uploading included, the database's not:")
	for name, spent in busy.items():
		print(f"  {median(spent):6.2f}  {name}")


def _contenders(
	bench: Bench, file: Path, folder: Path, stock: Sampler, busy: Mapping[str, list[float]]
) -> dict[str, Callable[[], float]]:
	"""What takes turns: each begins with an empty town, returns the seconds that it took and adds its processor time to *busy*."""
	_written_at_once(bench, file)
	dumps = _dumped(folder)
	names = list(OBSTACLES)
	without = {name: partial(_without, bench, file, names[: at + 1]) for at, name in enumerate(names)}
	found = {
		STOCK: partial(_stock, bench, count(), stock),
		CHECK: partial(_checked, bench, file),
		EVERYTHING: partial(_without, bench, file, ()),
		**without,
		FLOOR: partial(bulk_load.load, dumps),
	}
	return {name: partial(_in_empty_town, bench, work, busy[name]) for name, work in found.items()}


def _in_empty_town(bench: Bench, work: Callable[[], float], busy: list[float]) -> float:
	bench.open()
	data.empty()
	bulk_load.settle()
	before = _processor_seconds()
	seconds = work()
	busy.append(_processor_seconds() - before)
	return seconds


def _processor_seconds() -> float:
	"""What this process and those that it started have computed, whatever else the machine did."""
	return sum(os.times()[:4])


def _stock(bench: Bench, rounds: Iterator[int], sampler: Sampler) -> float:
	"""Import a part of the sample by Data Import and return the seconds that its jobs took."""
	homes, total = data.town(*SAMPLE, first=data.VILLAGES, seed=next(rounds)), 0.0
	for doctype, rows in data.sheets_for_stock(homes):
		bench.request(data.SECRETARY, {})()
		job = frappe.get_doc(
			doctype="Data Import",
			reference_doctype=doctype,
			import_type="Insert New Records",
			import_file=data.excel(rows(), "stock"),
		)
		job.insert(ignore_permissions=True)  # Data Import is for administrators; the rows are the secretary's
		frappe.db.commit()
		with sampler:
			total += timed(partial(start_import, job.name))() / MILLISECONDS
		if (state := frappe.db.get_value("Data Import", job.name, "status")) != "Success":
			raise AssertionError(f"Data Import of {doctype}: {state}")
	return total


def _checked(bench: Bench, file: Path) -> float:
	"""Check *file* and return the seconds."""
	return _job(bench, desk.ready_to_check(_brought(bench, file), "{}"), jobs.check)


def _without(bench: Bench, file: Path, obstacles: Sequence[str]) -> float:
	"""Write *file* without *obstacles* and return the seconds."""
	with ExitStack() as stack:
		for obstacle in obstacles:
			stack.enter_context(OBSTACLES[obstacle]())
		return _written_at_once(bench, file)


def _written_at_once(bench: Bench, file: Path) -> float:
	"""Write *file*, which nobody has checked before, and return the seconds."""
	doc = desk.ready_to_check(_brought(bench, file), "{}")
	doc.db_set("state", uploads.CHECKED)
	return _job(bench, desk.ready_to_write(doc), jobs.write)


def _brought(bench: Bench, file: Path) -> Document:
	bench.request(data.SECRETARY, {})()
	doc = command.bring(file, data.TOWN, uploads.PEOPLE, data.SECRETARY)
	doc.reload()
	return doc


def _job(bench: Bench, doc: Document, work: Callable[[str], None]) -> float:
	"""Do *work* on the import *doc* as a worker does, and return the seconds. Nothing may be refused or asked."""
	frappe.db.commit()
	bench.request(data.SECRETARY, {})()
	seconds = timed(lambda: work(doc.name))() / MILLISECONDS
	doc.reload()
	if doc.state not in (uploads.CHECKED, uploads.DONE) or doc.rows_new != doc.rows_read:
		raise AssertionError(
			f"{doc.name}: {doc.state}, {doc.rows_new} new of {doc.rows_read} rows. {doc.error or ''}"
		)
	return seconds


def _dumped(folder: Path) -> list[bulk_load.Dump]:
	"""Write what an import has just written into files of *folder*, for the database alone to load."""
	path = frappe.db.get_value("Grid", data.TOWN, "grid_path")
	tables = {f"tab{doctype}": f"grid_path like '{path}%'" for doctype in reversed(data.WRITTEN)}
	tables["__Auth"] = f"""doctype = 'Resident Identity'
		and name in (select name from `tabResident Identity` where grid_path like '{path}%')"""  # noqa: S608
	return bulk_load.dump(tables, folder)


def _peak(work: Callable[[], None]) -> float:
	"""Do *work* in a process of its own and return the megabytes that it and the readers it starts held at most."""
	with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
		return process.submit(_measured, work).result()


def _measured(work: Callable[[], None]) -> float:
	work()
	kilobytes = sum(
		resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
	)
	return kilobytes / KILOBYTES


def _import_large() -> None:
	seconds = _written_at_once(Bench.here(), data.file(*LARGE))
	print(f"{LARGE[1]:,} in one file: {seconds:,.0f} s, {LARGE[1] / seconds:,.0f} a second", flush=True)


def _read_large_as_stock() -> None:
	bench = Bench.here()
	bench.request(data.SECRETARY, {})()
	file = data.uploaded(data.plain_file(*LARGE))
	rows = Importer(RESIDENT, file_path=file, import_type="Insert New Records", console=True)
	if len(rows.import_file.get_payloads_for_import()) != LARGE[1]:
		raise AssertionError("Data Import has not read all rows")
