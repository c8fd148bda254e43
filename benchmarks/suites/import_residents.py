"""A township out of one Excel file: 25,000 people in 8,000 households, and 180,000 in one file.

Ours is the importer as a worker runs it: the file read, its columns recognised, every row checked, planned against what stands,
encrypted, hashed and written, with its progress. Stock is Frappe's Data Import of a sample of 2,000 into the same DocTypes, one
after another (households, people, numbers, contacts, care), each as its background job runs it and with files that need no
thought: words as they are stored, links by name. What its user does in between, and its own first pass over the file, is not
counted.

Then the obstacles are taken away one after another, and what is left is compared with the floor: the same rows through
MariaDB's own bulk load. At last the memory of a process that imports 180,000 in one file, against that of one that only
reads them for a Data Import.

Rows: people per second; seconds without this and that obstacle, against the floor; megabytes at the peak.
"""

import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

import frappe
from frappe.core.doctype.data_import.data_import import start_import
from frappe.core.doctype.data_import.importer import Importer
from frappe.model.document import Document

from benchmarks import bulk_load
from benchmarks import import_residents_data as data
from benchmarks.import_residents_obstacles import OBSTACLES
from benchmarks.pairing import MILLISECONDS, Row, fewer_is_better, more_is_better, timed
from benchmarks.site import Bench
from grid_governance.grid_ledger import RESIDENT
from grid_governance.grid_ledger.importing import command, desk, uploads
from grid_governance.grid_ledger.importing import run as jobs

TOWN = (8_000, 25_000, 10)
LARGE = (60_000, 180_000, 33)
SAMPLE = (640, 2_000, 1)
"""Households, people, villages."""

KILOBYTES = 1024


def run(bench: Bench) -> list[Row]:
	"""Measure all of it on the benchmark site and return the rows. Takes a quarter of an hour."""
	data.ensure()
	file = data.file(*TOWN)
	stock = SAMPLE[1] / _stock(bench)
	data.empty()
	checked, written = _ours(bench, file)
	floor = _floor()
	rows = [
		more_is_better("people a second", "1/s", TOWN[1] / written, stock, 1),
		more_is_better("people a second, with the dry run", "1/s", TOWN[1] / (checked + written), stock, 1),
		*_without_obstacles(bench, file, floor),
	]
	data.empty()
	data.plain_file(*LARGE)
	ours, plain = _peak(_import_large), _peak(_read_large_as_stock)
	rows.append(fewer_is_better(f"peak memory, {LARGE[1]:,} in one file", "MB", ours, plain, 1))
	bench.open()
	data.empty()
	return rows


def _stock(bench: Bench) -> float:
	"""Import the sample by Data Import and return the seconds that its jobs took."""
	homes, total = data.town(*SAMPLE, first=data.VILLAGES), 0.0
	for doctype, rows in data.sheets_for_stock(homes):
		bench.request(data.SECRETARY, {})()
		job = frappe.get_doc(
			doctype="Data Import",
			reference_doctype=doctype,
			import_type="Insert New Records",
			import_file=data.excel(rows(), "stock"),
		).insert(
			ignore_permissions=True
		)  # stock lets only administrators import: who does it is not what is compared
		frappe.db.commit()
		begin = time.perf_counter()
		start_import(job.name)
		seconds = time.perf_counter() - begin
		if (state := frappe.db.get_value("Data Import", job.name, "status")) != "Success":
			raise AssertionError(f"Data Import of {doctype}: {state}")
		print(f"stock: {job.payload_count:,} {doctype} in {seconds:,.1f} s", flush=True)
		total += seconds
	return total


def _ours(bench: Bench, file: Path) -> tuple[float, float]:
	"""Bring *file* as the secretary does and return the seconds that its check took, and its writing."""
	doc = _brought(bench, file)
	checked = _job(bench, desk.ready_to_check(doc, "{}"), jobs.check)
	return checked, _job(bench, desk.ready_to_write(doc), jobs.write)


def _without(bench: Bench, file: Path, obstacles: Sequence[str]) -> float:
	"""Write *file* without *obstacles* into the empty town and return the seconds."""
	with ExitStack() as stack:
		for obstacle in obstacles:
			stack.enter_context(OBSTACLES[obstacle]())
		for _time in ("to remember", "to measure") if obstacles else ("to measure",):
			data.empty()
			seconds = _written_at_once(bench, file)
	return seconds


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


def _floor() -> float:
	"""Load the rows that an import has just written once more, by the database alone, and return the seconds."""
	path = frappe.db.get_value("Grid", data.TOWN, "grid_path")
	tables = {f"tab{doctype}": f"grid_path like '{path}%'" for doctype in reversed(data.WRITTEN)}
	tables["__Auth"] = f"""doctype = 'Resident Identity'
		and name in (select name from `tabResident Identity` where grid_path like '{path}%')"""  # noqa: S608
	with tempfile.TemporaryDirectory() as folder:
		dumps = bulk_load.dump(tables, Path(folder))
		data.empty()
		return bulk_load.load(dumps)


def _without_obstacles(bench: Bench, file: Path, floor: float) -> Iterator[Row]:
	"""Yield what is left when one obstacle more is taken away, against the *floor*."""
	names = list(OBSTACLES)
	for count in range(len(names) + 1):
		seconds = _without(bench, file, names[:count])
		what = f"and without {names[count - 1]}" if count else "written, with everything"
		yield fewer_is_better(what, "s", seconds, floor, 1)


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
	rows = Importer(
		RESIDENT, file_path=str(data.plain_file(*LARGE)), import_type="Insert New Records", console=True
	)
	if len(rows.import_file.get_payloads_for_import()) != LARGE[1]:
		raise AssertionError("Data Import has not read all rows")
