"""What stands in the place of a stock method: ours(stock, …), each with the check the stock one lacks."""

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import frappe
from frappe import _

from grid_governance import compat
from grid_governance.scope import queries
from grid_governance.scope.doors import takings
from grid_governance.scope.doors.patches import named
from grid_governance.scope.registry import attachment, limiting_field

ADMINISTRATOR = "System Manager"
"""Frappe's own role for those who may do everything with a site."""


class ClosedDoorError(frappe.PermissionError):
	"""A stock method that reads or writes past the grids is closed."""


def require_administrator() -> None:
	"""Refuse everyone but system managers. Frappe's own `only_for` lets everyone in while tests run."""
	if ADMINISTRATOR not in frappe.get_roles():
		frappe.throw(_("Only a system manager may do this."), frappe.PermissionError)


def require_in_grid(ptype: str, doctype: str, name: str | None, user: str | None = None) -> None:
	"""Refuse unless the user has the right *ptype* on a document, if its DocType lies in a grid."""
	if doctype and name and limiting_field(doctype):
		require(ptype, doctype, name, user)


def require(ptype: str, doctype: str, name: str, user: str | None = None) -> None:
	"""Refuse unless the user has the right *ptype* on a document."""
	if not frappe.has_permission(doctype, ptype, doc=name, user=user):
		frappe.throw(_("No permission for {0} {1}").format(_(doctype), name), frappe.PermissionError)


def readable(doctype: str, names: Iterable[str]) -> set[str]:
	"""Return those of *names* that the user may read, by the list's own rules."""
	if not frappe.has_permission(doctype, "read"):
		return set()
	found = frappe.get_list(
		doctype, filters={"name": ["in", list(names)]}, pluck="name", order_by="name asc", limit_page_length=0
	)
	return set(found)


def sees_all(doctype: str) -> bool:
	"""Say whether a DocType is unlimited, or the user reads every row of it in every grid."""
	return not limiting_field(doctype) or queries.conditions(doctype) is None


def value(stock: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
	"""Read values of a record. A name that reads as a number, such as the hash 4269035e83, is a name.

	Stock takes it for the number and finds nothing, so that a form fetches nothing from what it links to.
	"""
	given = named(stock, args, kwargs)
	name = given["filters"]
	if isinstance(name, str) and _is_number(name):
		given = {**given, "filters": {"name": name}}
	return stock(**given)


def _is_number(text: str) -> bool:
	try:
		float(text)
	except ValueError:
		return False
	return True


def checked(doctype: str, name: str, ptype: str = "read") -> Callable[..., Any]:
	"""Make a wrapper that asks for *ptype* on the document named by two parameters of the stock method.

	*doctype* is a parameter, or a DocType after an equals sign. The parameter *name* may hold several names
	as a list or as JSON.
	"""

	def ours(stock: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
		given = named(stock, args, kwargs)
		of_type = doctype[1:] if doctype.startswith("=") else given[doctype]
		for each in _names(given[name]):
			(require if doctype.startswith("=") else require_in_grid)(ptype, of_type, each)
		return stock(*args, **kwargs)

	return ours


def closed(stock: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
	"""Refuse everyone."""
	frappe.throw(_("This function is closed on this site."), ClosedDoorError)


def administrators_only(stock: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
	"""Let system managers in, as the stock method should have done."""
	require_administrator()
	return stock(*args, **kwargs)


def own_user_only(stock: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
	"""Answer for the session's user, whoever the parameter `user` names."""
	given = named(stock, args, kwargs)
	if ADMINISTRATOR not in frappe.get_roles():
		given["user"] = frappe.session.user
	return stock(**given)


def count(
	stock: Callable[..., Any],
	doctype: str,
	filters: Any = None,
	debug: bool = False,
	cache: bool = False,
) -> int:
	"""Count what the list would show; the stock method counts every row for everyone."""
	if frappe.is_table(doctype):
		require_administrator()
		return stock(doctype, filters, debug, cache)
	from frappe.client import get_safe_filters
	from frappe.desk.reportview import execute

	fields = [f"count(`tab{doctype}`.name) as total_count"]
	return execute(doctype, fields=fields, filters=get_safe_filters(filters))[0].total_count


def validate_link(stock: Callable[..., Any], doctype: str, docname: str, fields: Any = None) -> Any:
	"""Answer with an empty name for a document outside scope, as for one that does not exist."""
	if limiting_field(doctype) and docname not in readable(doctype, [docname]):
		return frappe._dict(name=None)
	return stock(doctype, docname, fields)


def link_title(stock: Callable[..., Any], doctype: str, docname: str) -> Any:
	"""Give the bare name of a document outside scope."""
	if limiting_field(doctype) and docname not in readable(doctype, [docname]):
		return docname
	return stock(doctype, docname)


def linked_documents(stock: Callable[..., Any], doctype: str, docname: str) -> dict[str, list]:
	"""Show the documents linked with one the user may read, and of them those she may read."""
	require("read", doctype, docname)
	kept = {}
	for linked, rows in stock(doctype, docname).items():
		allowed = readable(linked, [row["name"] for row in rows if row.get("name")])
		if rows := [row for row in rows if row.get("name") in allowed]:
			kept[linked] = rows
	return kept


def submitted_linked_documents(
	stock: Callable[..., Any], doctype: str, name: str, *args: Any, **kwargs: Any
) -> dict[str, Any]:
	"""Show the submitted documents linked with one the user may read, and of them those she may read."""
	require("read", doctype, name)
	found = stock(doctype, name, *args, **kwargs)["docs"]
	docs = [row for row in found if readable(row["doctype"], [row["name"]])]
	return {"docs": docs, "count": len(docs)}


def coordinates(stock: Callable[..., Any], doctype: str, filters: Any, type: str) -> Any:
	"""Show on the map what the list would show; the stock method drops its own match condition."""
	names = frappe.get_list(
		doctype, filters=frappe.parse_json(filters), pluck="name", order_by="name asc", limit_page_length=0
	)
	if not names:
		return {"type": "FeatureCollection", "features": []}
	return stock(doctype, frappe.as_json([[doctype, "name", "in", names]]), type)


def global_search(
	stock: Callable[..., Any], text: str, start: int = 0, limit: int = 20, doctype: str = ""
) -> list:
	"""Keep the hits that the user may read."""
	hits = stock(text, start, limit, doctype)
	allowed = {
		found: readable(found, [hit.name for hit in hits if hit.doctype == found])
		for found in {hit.doctype for hit in hits}
	}
	return [hit for hit in hits if hit.name in allowed[hit.doctype]]


def search(stock: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
	"""Search links by the list's own rules: the parameter `ignore_user_permissions` would lift every condition."""
	given = named(stock, args, kwargs)
	doctype = given["doctype"]
	if limiting_field(doctype) or attachment(doctype) or _has_condition(doctype):
		given["ignore_user_permissions"] = False
	standard = not given["query"] and doctype in frappe.get_hooks("standard_queries", {})
	if standard and not frappe.has_permission(doctype, "select"):
		# Refused here: stock takes a query of ours that refuses for a method that does not exist.
		frappe.has_permission(doctype, "read", throw=True)
	return stock(**given)


def _has_condition(doctype: str) -> bool:
	return doctype in frappe.get_hooks("permission_query_conditions", {})


def workflow_state_count(
	stock: Callable[..., Any], doctype: str, workflow_state_field: str, states: Any
) -> list[dict[str, Any]]:
	"""Count the documents in scope by state, but for *states*."""
	from frappe.desk.reportview import execute

	found = execute(
		doctype,
		fields=[workflow_state_field, f"count(`tab{doctype}`.name) as count"],
		filters=[[doctype, workflow_state_field, "not in", frappe.parse_json(states)]],
		group_by=f"`tab{doctype}`.`{workflow_state_field}`",
		order_by=f"`tab{doctype}`.`{workflow_state_field}` asc",
	)
	return [row for row in found if row[workflow_state_field]]


def tagged_documents(stock: Callable[..., Any], doctype: str, tag: str) -> tuple:
	"""Name the documents in scope that carry a tag."""
	return tuple(
		frappe.get_list(
			doctype,
			filters=[[doctype, "_user_tags", "like", tag]],
			fields=["name"],
			order_by="name asc",
			as_list=True,
			limit_page_length=0,
		)
	)


def values_by_name(stock: Callable[..., Any], doctype: str, field: str, names: Any = None) -> dict[str, Any]:
	"""Give a report's added column for the rows in scope, or for *names* among them.

	The stock method reads the whole table, or no more rows than a page has.
	"""
	rows = frappe.get_list(
		doctype,
		filters={"name": ["in", frappe.parse_json(names)]} if names else None,
		fields=["name", field],
		order_by="name asc",
		as_list=True,
		limit_page_length=0,
	)
	return frappe._dict({row[0]: row[1] for row in rows if len(row) > 1})


def group_by_count(
	stock: Callable[..., Any], doctype: str, current_filters: str, field: str
) -> list[dict[str, Any]]:
	"""Count by assignee among the documents in scope; other fields go through the list anyway."""
	if field != "assigned_to":
		return stock(doctype, current_filters, field)
	names = frappe.get_list(
		doctype,
		filters=frappe.parse_json(current_filters),
		pluck="name",
		order_by="name asc",
		limit_page_length=0,
	)
	return stock(doctype, frappe.as_json([[doctype, "name", "in", names]]), field) if names else []


def open_count(stock: Callable[..., Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
	"""Count a form's connections inside scope."""
	given = {**dict(zip(("doctype", "name", "items"), args, strict=False)), **kwargs}
	found = stock(*args, **kwargs)
	links = frappe.get_meta(given["doctype"]).get_dashboard_data()
	for linked, row in compat.counted_connections(found):
		if sees_all(linked):
			continue
		field = (links.get("non_standard_fieldnames") or {}).get(linked, links.get("fieldname"))
		inside = (
			frappe.get_list(
				linked,
				filters={field: given["name"]},
				pluck="name",
				order_by="name asc",
				limit_page_length=100,
			)
			if frappe.has_permission(linked, "read")
			else []
		)
		row["count"] = len(inside)
		row.pop("open_count", None)
	return found


def chart(stock: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
	"""Compute a chart over rows in grids for each user anew; the stock method keeps one answer for all.

	A heat map is refused to whoever does not see every grid: it asks no hook.
	"""
	given = frappe.parse_json(kwargs.get("chart")) or {}
	if kwargs.get("chart_name"):
		given = frappe.get_doc("Dashboard Chart", kwargs["chart_name"])
		given.check_permission("read")
	doctype = given.get("document_type")
	if not doctype or not limiting_field(doctype):
		return stock(*args, **kwargs)
	if given.get("type") == "Heatmap" and not sees_all(doctype):
		frappe.throw(
			_("A heat map counts the whole site and is closed for {0}.").format(_(doctype)), ClosedDoorError
		)
	return inspect.unwrap(stock)(*args, **kwargs)


def assign(stock: Callable[..., Any], args: Any = None, **kwargs: Any) -> Any:
	"""Assign a document that one may read to someone who may read it; an assignment shares nothing."""
	given = frappe.parse_json(args) or frappe.local.form_dict
	users = frappe.parse_json(given.get("assign_to")) or []
	for name in _names(given.get("name")):
		require_in_grid("read", given.get("doctype"), name)
		for user in users:
			require_in_grid("read", given.get("doctype"), name, user=user)
	return stock(args, **kwargs)


def follow(stock: Callable[..., Any], doctype: str, doc_name: str, user: str) -> Any:
	"""Let a user follow what she may read."""
	require_in_grid("read", doctype, doc_name, user=user)
	return stock(doctype, doc_name, user)


def followed(stock: Callable[..., Any], user: str) -> list:
	"""Report on followed documents only while the follower may read them."""
	return [
		row
		for row in stock(user)
		if not limiting_field(row.ref_doctype)
		or (
			frappe.db.exists(row.ref_doctype, row.ref_docname)
			and frappe.has_permission(row.ref_doctype, "read", doc=row.ref_docname, user=user)
		)
	]


def prepare_report(stock: Callable[..., Any], report_name: str, filters: Any = None) -> Any:
	"""Refuse prepared results of rows in grids: they are served by name, whoever asks."""
	if takings.shown_by(report_name) or not sees_all(
		frappe.db.get_value("Report", report_name, "ref_doctype")
	):
		frappe.throw(_("This report is answered at once and is not prepared."), ClosedDoorError)
	return stock(report_name, filters)


def delete_prepared(stock: Callable[..., Any], reports: Any) -> Any:
	"""Delete one's own prepared results; the stock method deletes anyone's."""
	for report in frappe.parse_json(reports):
		own = frappe.db.get_value("Prepared Report", report["name"], "owner") == frappe.session.user
		if not own:
			require_administrator()
	return stock(reports)


def own_prepared(stock: Callable[..., Any], dn: str) -> Any:
	"""Give a prepared result to whoever had it made; the stock method gives it to whoever may run the report."""
	if frappe.db.get_value("Prepared Report", dn, "owner") != frappe.session.user:
		require_administrator()
	return stock(dn)


def goal_graph(stock: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
	"""Refuse sums over rows in grids to whoever does not see every grid."""
	if not sees_all(named(stock, args, kwargs)["goal_doctype"]):
		frappe.throw(_("This function is closed on this site."), ClosedDoorError)
	return stock(*args, **kwargs)


def web_form_link_options(
	stock: Callable[..., Any],
	web_form_name: str,
	doctype: str,
	allow_read_on_all_link_options: bool = False,
) -> str:
	"""Offer links to rows in grids on a web form only to whoever sees every grid."""
	return stock(web_form_name, doctype, allow_read_on_all_link_options) if sees_all(doctype) else ""


def subscribe_doctype(stock: Callable[..., Any], doctype: str) -> bool:
	"""Open the room of a DocType, which names every changed row, only to whoever sees every grid."""
	if not sees_all(doctype):
		raise frappe.PermissionError
	return stock(doctype)


def rebuild_tree(stock: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
	"""Let a client rebuild a tree only for system managers; stock compares the command with a short name."""
	if frappe.request and str(frappe.local.form_dict.cmd or "").endswith("rebuild_tree"):
		require_administrator()
	return stock(*args, **kwargs)


def next_document(stock: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
	"""Go on from a document that the user may read."""
	given = named(stock, args, kwargs)
	require_in_grid("read", given["doctype"], given["value"])
	return stock(*args, **kwargs)


def _names(given: Any) -> list[str]:
	if isinstance(given, str) and given.startswith("["):
		given = frappe.parse_json(given)
	return given if isinstance(given, list) else [given]
