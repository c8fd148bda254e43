"""Puts our functions in the place of Frappe's, where a hook cannot reach.

`override_whitelisted_methods` is asked only by `/api/method` with the method's own name. REST, the link
search with a query of its own, tree views, mappers and upload call a function directly. So the function
itself is replaced, under its own name, in every module that imported it, and the stock one leaves the
whitelist. On a site of the same bench that has not installed this app the stock function is called.
"""

import functools
import importlib
import inspect
import sys
from collections.abc import Callable
from typing import Any

import frappe

APP = "grid_governance"
Ours = Callable[..., Any]


class MissingDoorError(Exception):
	"""A function that has to be replaced does not exist on the installed Frappe."""


def replace(path: str, ours: Ours) -> None:
	"""Replace the function or method at the dotted *path* by *ours*, which is called as ours(stock, …).

	Raises MissingDoorError when there is nothing at *path*.
	"""
	owner, name, stock = _find(path)
	if getattr(stock, "__stock__", None):
		return

	@functools.wraps(stock)
	def door(*args: Any, **kwargs: Any) -> Any:
		if not is_active():
			return stock(*args, **kwargs)
		return ours(stock, *args, **kwargs)

	door.__stock__ = stock
	door.__module__ = owner.__module__ if inspect.isclass(owner) else owner.__name__
	door.__qualname__ = f"{owner.__name__}.{name}" if inspect.isclass(owner) else name
	setattr(owner, name, door)
	_replace_imports(stock, door)
	_hand_over_whitelisting(stock, door)


def stock_name(function: Callable[..., Any]) -> str:
	"""Return the full dotted name of a whitelisted function, also of one inside a decorator that hides it."""
	while "<locals>" in function.__qualname__:
		inner = getattr(function, "__wrapped__", None) or next(
			cell.cell_contents
			for cell in reversed(function.__closure__ or ())
			if inspect.isfunction(cell.cell_contents)
		)
		function = inner
	return f"{function.__module__}.{function.__qualname__}"


def is_active() -> bool:
	"""Say whether the site at hand has this app and is not being installed or migrated."""
	flags = frappe.local.flags
	if flags.in_install or flags.in_migrate or flags.in_uninstall:
		return False
	known = getattr(frappe.local, "grid_doors_active", None)
	if known is None:
		known = frappe.local.grid_doors_active = APP in frappe.get_installed_apps()
	return known


def named(stock: Callable[..., Any], args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
	"""Return the arguments of a call of *stock* by name, with its defaults."""
	bound = inspect.signature(stock).bind(*args, **kwargs)
	bound.apply_defaults()
	return dict(bound.arguments)


def _find(path: str) -> tuple[Any, str, Callable[..., Any]]:
	parts = path.split(".")
	for depth in (1, 2):
		try:
			owner = importlib.import_module(".".join(parts[:-depth]))
		except ModuleNotFoundError:
			continue
		for part in parts[-depth:-1]:
			owner = getattr(owner, part, None)
		if owner is not None and hasattr(owner, parts[-1]):
			return owner, parts[-1], getattr(owner, parts[-1])
	raise MissingDoorError(path)


def _replace_imports(stock: Callable[..., Any], door: Callable[..., Any]) -> None:
	for name, module in list(sys.modules.items()):
		if name.split(".")[0] != "frappe" or module is None:
			continue
		for key, value in list(vars(module).items()):
			if value is stock:
				setattr(module, key, door)


def _hand_over_whitelisting(stock: Callable[..., Any], door: Callable[..., Any]) -> None:
	for registered in (frappe.whitelisted, frappe.guest_methods, frappe.xss_safe_methods):
		if stock in registered:
			registered.remove(stock)
			getattr(registered, "add", getattr(registered, "append", None))(door)
	methods = frappe.allowed_http_methods_for_whitelisted_func
	if stock in methods:
		methods[door] = methods.pop(stock)
