"""The stock doors: every way of Frappe's own to a document, and what was done about it.

`table` classes every whitelisted method of Frappe as safe, wrapped or closed; `wrappers` holds what stands
in the place of a method, `core` what stands in the place of the functions beneath; `patches` puts them there.
A test goes through the methods of the installed Frappe and fails on one that is in no class.
"""

from contextlib import suppress
from typing import Any

from grid_governance.scope.doors.patches import MissingDoorError, replace, stock_name
from grid_governance.scope.doors.table import CLOSED, CORE, WRAPPED
from grid_governance.scope.doors.wrappers import ClosedDoorError

__all__ = ["ClosedDoorError", "MissingDoorError", "install", "stock_name"]

_installed: list[bool] = []


def install(*args: Any, **kwargs: Any) -> None:
	"""Put every wrapper in place, once per process; called before each request and each job.

	A method that this Frappe does not have is no door, and a test names it; a function of `CORE` that is
	missing leaves doors open and stops the site with MissingDoorError.
	"""
	if _installed:
		return
	for path, ours in CORE.items():
		replace(path, ours)
	for path, ours in {**WRAPPED, **CLOSED}.items():
		with suppress(MissingDoorError):
			replace(path, ours)
	_installed.append(True)
