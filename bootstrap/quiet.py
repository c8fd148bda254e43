"""What keeps a site from asking public hosts; called on a site (see call.py)."""

import frappe

UPDATE_CHECK = "frappe.utils.change_log.check_for_update"


def stop_update_check() -> int:
	"""Stop the weekly job that asks a public host for newer versions; the number of jobs stopped.

	Done once for a new site: an administrator may let the job run again.
	"""
	jobs = frappe.get_all("Scheduled Job Type", {"method": UPDATE_CHECK, "stopped": 0}, pluck="name")
	for job in jobs:
		frappe.db.set_value("Scheduled Job Type", job, "stopped", 1)
	return len(jobs)
