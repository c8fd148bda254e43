"""Call one function on a site: ``python -m bootstrap.call <site> <dotted path>``, run in sites/.

Unlike `bench execute` it shows the error that happened, and it leaves no half of a failed call behind.
"""

import importlib
import json
import sys
from collections.abc import Sequence

import frappe


def main(argv: Sequence[str]) -> int:
	"""Print what the function returns as one line of JSON; its changes are committed when it succeeds."""
	site, path = argv
	module, _, function = path.rpartition(".")
	frappe.init(site=site)
	frappe.connect()
	try:
		result = getattr(importlib.import_module(module), function)()
		frappe.db.commit()
	except BaseException:
		frappe.db.rollback()
		raise
	finally:
		frappe.destroy()
	print(json.dumps(result, default=str, ensure_ascii=False))
	return 0


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
