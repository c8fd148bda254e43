"""The ways of reading that Frappe offers over HTTP, for whatever DocType: each (world, user) -> Answer."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import frappe

from tests.web import Answer, call, request

Way = Callable[[frappe._dict, str], Answer]
Named = Callable[[frappe._dict], str]


def fields_of(doctype: str, *fields: str) -> str:
	"""The names of columns as the desk sends them."""
	return json.dumps([f"`tab{doctype}`.`{field}`" for field in ("name", *fields)])


def lists(doctype: str, word: str, named: Named) -> dict[str, Way]:
	"""Ways that answer with rows of *doctype*, of which *word* is a field: neither a secret nor a name may be among them."""
	dt = doctype
	return {
		f"resource {dt}": lambda w, user: request(
			user, "GET", f"/api/resource/{dt}", fields=["*"], limit_page_length=0
		),
		f"get_list {dt}": lambda w, user: call(
			user, "frappe.client.get_list", doctype=dt, fields=["*"], limit_page_length=0
		),
		f"list view {dt}": lambda w, user: call(
			user, "frappe.desk.reportview.get_list", doctype=dt, fields=fields_of(dt, word)
		),
		f"report view {dt}": lambda w, user: call(
			user, "frappe.desk.reportview.get", doctype=dt, fields=fields_of(dt, word), view="Report"
		),
		f"export {dt}": lambda w, user: call(
			user,
			"frappe.desk.reportview.export_query",
			doctype=dt,
			fields=fields_of(dt, word),
			file_format_type="CSV",
			title=dt,
			view="Report",
		),
		f"link search {dt}": lambda w, user: call(
			user,
			"frappe.desk.search.search_link",
			doctype=dt,
			txt="",
			page_length=10000,
			ignore_user_permissions=1,
		),
		f"search widget {dt}": lambda w, user: call(
			user, "frappe.desk.search.search_widget", doctype=dt, txt=named(w), page_length=1000
		),
		f"added column {dt}": lambda w, user: call(
			user, "frappe.desk.query_report.get_data_for_custom_field", doctype=dt, field=word
		),
		f"group by {dt}": lambda w, user: call(
			user,
			"frappe.desk.reportview.get",
			doctype=dt,
			fields=json.dumps([f"`tab{dt}`.`{word}`", "count(`tab" + dt + "`.name) as n"]),
			group_by=f"`tab{dt}`.`{word}`",
		),
		f"chart {dt}": lambda w, user: call(
			user,
			"frappe.desk.doctype.dashboard_chart.dashboard_chart.get",
			chart=json.dumps(
				{
					"chart_type": "Group By",
					"document_type": dt,
					"group_by_based_on": word,
					"group_by_type": "Count",
					"number_of_groups": 0,
					"filters_json": "[]",
					"name": "x",
					"chart_name": "x",
				}
			),
			filters="[]",
			refresh=1,
		),
	}


def by_name(doctype: str, word: str, named: Named, printed: bool = False) -> dict[str, Way]:
	"""Ways that are given a name, which the answer may say again; a secret it may not. *printed*: those of paper, too."""
	dt = doctype
	found: dict[str, Way] = {
		f"resource {dt}": lambda w, user: request(user, "GET", f"/api/resource/{dt}/{named(w)}"),
		f"get {dt}": lambda w, user: call(user, "frappe.client.get", doctype=dt, name=named(w)),
		f"form {dt}": lambda w, user: call(user, "frappe.desk.form.load.getdoc", doctype=dt, name=named(w)),
		f"value {dt}": lambda w, user: call(
			user, "frappe.client.get_value", doctype=dt, fieldname=word, filters=named(w)
		),
		f"value by a filter {dt}": lambda w, user: call(
			user, "frappe.client.get_value", doctype=dt, fieldname=word, filters={"name": named(w)}
		),
		f"print {dt}": lambda w, user: call(
			user, "frappe.www.printview.get_html_and_style", doc=dt, name=named(w)
		),
		f"PDF {dt}": lambda w, user: call(
			user, "frappe.utils.print_format.download_pdf", http="GET", doctype=dt, name=named(w)
		),
		f"validated link {dt}": lambda w, user: call(
			user, "frappe.client.validate_link", doctype=dt, docname=named(w), fields=json.dumps([word])
		),
	}
	if printed:
		found |= {
			f"print page {dt}": lambda w, user: request(user, "GET", "/printview", doctype=dt, name=named(w)),
			f"several PDFs {dt}": lambda w, user: call(
				user,
				"frappe.utils.print_format.download_multi_pdf",
				http="GET",
				doctype=dt,
				name=json.dumps([named(w)]),
			),
		}
	return found


@contextmanager
def papers_as_text() -> Iterator[None]:
	"""Let a PDF be its page meanwhile; nothing is to be read in a finished one."""

	def page(html: str, *args: object, output: object = None, **of: object) -> object:
		if output is None:
			return html.encode()
		output.add_metadata({"/Title": html.encode().hex()})
		return output

	with patch("frappe.utils.pdf.get_pdf", page):
		yield


def told(answer: Answer, *secrets: str) -> list[str]:
	"""The secrets in an answer, as they are or as `papers_as_text` writes them into a PDF."""
	return [each for each in secrets if each in answer.text or each.encode().hex() in answer.text]


def found(way: Way, world: frappe._dict, users: dict[str, str], *secrets: str) -> dict[str, object]:
	"""Walk a way as each of *users* (who -> name) and as a guest; return who was told what.

	First the Administrator walks it, who must find a secret there: a way that leads nowhere proves nothing.
	"""
	assert told(way(world, "Administrator"), *secrets), "even the Administrator finds nothing this way"
	answers = {who: way(world, user) for who, user in [*users.items(), ("nobody", "Guest")]}
	broken = {who: answer.text for who, answer in answers.items() if answer.status >= 500}
	assert broken == {}
	return {who: told(answer, *secrets) for who, answer in answers.items() if told(answer, *secrets)}
