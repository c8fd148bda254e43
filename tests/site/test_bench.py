"""What the bench does to a site."""

import frappe

from bootstrap import quiet


def test_a_new_site_does_not_ask_for_newer_versions(site):
	job = {"method": quiet.UPDATE_CHECK}
	frappe.db.set_value("Scheduled Job Type", job, "stopped", 0)
	assert quiet.stop_update_check() == 1
	assert frappe.db.get_value("Scheduled Job Type", job, "stopped") == 1
	assert quiet.stop_update_check() == 0


def test_server_scripts_are_off_and_nobody_is_in_developer_mode(site):
	assert not frappe.conf.server_script_enabled
	assert not frappe.conf.developer_mode
