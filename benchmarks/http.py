"""Requests to the benchmark site through the bench's web server, as a browser sends them."""

from collections.abc import Mapping

import frappe
import requests
from frappe.utils.password import set_encrypted_password

from benchmarks.site import Bench

TIMEOUT = 120
"""Seconds after which a request is given up."""


class Visitor:
	"""One user of the benchmark site, signed in by an API key of her own, who keeps her connection."""

	def __init__(self, bench: Bench, user: str) -> None:
		self._url = bench.url
		key, secret = frappe.generate_hash(length=15), frappe.generate_hash(length=15)
		frappe.db.set_value("User", user, "api_key", key)
		set_encrypted_password("User", user, secret, "api_secret")
		frappe.clear_document_cache("User", user)
		frappe.db.commit()  # the web server reads it on a connection of its own
		self._session = requests.Session()
		self._session.headers.update(
			{
				"Authorization": f"token {key}:{secret}",
				"X-Frappe-Site-Name": bench.site,
				"Accept": "application/json",
			}
		)

	def call(self, method: str, form: Mapping[str, object]) -> dict[str, object]:
		"""POST *form* to the whitelisted *method* and return the answer. Raises HTTPError for a refusal."""
		answer = self._session.post(f"{self._url}/api/method/{method}", data=dict(form), timeout=TIMEOUT)
		answer.raise_for_status()
		return answer.json()
