"""The site that benchmarks run on, and requests to it as a web process handles them."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import frappe

MARK = "grid_benchmark"
DEFAULT_SITE = "bench.localhost"
DEFAULT_URL = "http://127.0.0.1:8001"


class NotABenchmarkSiteError(Exception):
	"""The site is missing or holds something else than benchmark data."""


@dataclass(frozen=True)
class Bench:
	"""A benchmark site below the folder of sites."""

	site: str
	sites: Path
	url: str = DEFAULT_URL
	"""Where the bench's web server answers."""

	@classmethod
	def here(cls) -> "Bench":
		"""Return this bench's benchmark site: `BENCH_SITE` or bench.localhost, which `BENCH_URL` serves.

		Raises NotABenchmarkSiteError unless its site_config.json says ``"grid_benchmark": true``, so that
		hundreds of thousands of rows never end up in a site that people work on.
		"""
		bench = cls(
			os.environ.get("BENCH_SITE") or DEFAULT_SITE,
			Path(__file__).parent.parent / "sites",
			os.environ.get("BENCH_URL") or DEFAULT_URL,
		)
		os.chdir(bench.sites)  # Frappe looks for its logs beside the folder it runs in
		bench.open()
		if not frappe.conf.get(MARK):
			raise NotABenchmarkSiteError(
				f'{bench.site} is not marked "{MARK}": true in its site_config.json. Run `make benchmark`, '
				"which makes a site for this."
			)
		return bench

	def open(self) -> None:
		"""Start afresh as a web process does at the beginning of a request: no local cache, a live connection."""
		if not (self.sites / self.site / "site_config.json").exists():
			raise NotABenchmarkSiteError(
				f"There is no site {self.site}. Run `make benchmark`, which makes it."
			)
		frappe.destroy()
		frappe.init(site=self.site, sites_path=str(self.sites))
		frappe.connect()

	def request(self, user: str, form: Mapping[str, object]) -> Callable[[], None]:
		"""Return what happens before a method is called by *user* with the form *form*: to be kept out of times."""

		def prepare() -> None:
			self.open()
			frappe.set_user(user)
			frappe.local.form_dict = frappe._dict(form)
			frappe.db.sql("select 1")

		return prepare
