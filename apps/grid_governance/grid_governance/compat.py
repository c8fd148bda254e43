"""What differs between the Frappe versions that this app runs on: the only file that names one."""

import frappe

FRAPPE_MAJOR = int(frappe.__version__.split(".", 1)[0])
