"""A small world that the tests of a module share: built once, each test inside its own savepoint.

A module uses it by naming its own fixtures::

        world = pytest.fixture(scope="module")(build_world)
        _on_site = pytest.fixture(autouse=True)(inside_savepoint)
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import frappe
from frappe.core.doctype.file.file import File
from frappe.custom.doctype.property_setter.property_setter import make_property_setter

from grid_governance import scope
from grid_governance.scope import doors
from tests.conftest import LANGUAGE, _commits_refused, _forget_everything, _jobs_dropped
from tests.factories import (
	make_assignment,
	make_holder,
	make_post,
	make_role,
	make_township,
	make_user,
	make_worker,
)

HIDDEN = "phone"
"""A field of Grid Worker that stands on a permission level nobody has."""

SECRET = "张秘密"
"""The name of the worker in the other village."""

REPORTS = (
	"Issue Resolution Levels",
	"Issue Closing and Timeliness",
	"Superior Tasks",
	"Livelihood Problems Solved",
	"Online Referrals",
)
"""The reports on issues."""


def give(role: str, doctype: str, *rights: str) -> None:
	"""Give *role* *rights* on *doctype* beside what is shipped, as the Role Permission Manager does."""
	frappe.permissions.add_permission(doctype, role)
	for right in ("read", "write", "create", "delete", "report", "export", "print", "email", "share"):
		frappe.permissions.update_permission_property(doctype, role, 0, right, int(right in rights))


def as_text(answer: object) -> str:
	"""All that *answer* says, as one text in which Chinese stands as it is read: JSON as Frappe sends it escapes it."""
	return json.dumps(json.loads(frappe.as_json(answer)), ensure_ascii=False)


def offered(doctype: str, text: str = "", **options: object) -> set[str]:
	"""The names that the link search offers; some versions of Frappe return them, some put them into the response."""
	frappe.local.response = frappe._dict(docs=[])
	answer = frappe.get_attr("frappe.desk.search.search_link")(doctype, text, **options)
	return {row["value"] for row in answer or frappe.local.response.get("results") or ()}


@contextmanager
def taken_back() -> Iterator[None]:
	"""Let a world that several tests share be built and used as the Administrator, then take all of it back.

	Nothing may be committed meanwhile. Somebody is System Manager, or Frappe would make the next user one.
	"""
	doors.install()
	frappe.db.rollback()
	frappe.set_user("Administrator")
	frappe.local.lang = LANGUAGE
	frappe.flags.mute_emails = True
	with _commits_refused(allowed=False), _jobs_dropped(allowed=False):
		frappe.get_doc("User", make_user()).add_roles("System Manager")
		yield
		frappe.set_user("Administrator")
		frappe.db.rollback()
	_forget_everything()


def build_world(site: str) -> Iterator[frappe._dict]:
	"""Two villages with a grid each; a reader in the first; a worker with secrets in the second.

	Gives `town`, `role`, `reader` (user), `own` and `secret` (Grid Worker documents), and `stray`: an
	assignment in the reader's village whose worker is the secret one.
	"""
	with taken_back():
		town = make_township(2, 1)
		role = make_role()
		for doctype in ("Grid", "Grid Worker", "Grid Post Assignment"):
			give(role, doctype, "read", "write", "create", "delete", "report", "export", "email", "share")
		make_property_setter("Grid Worker", HIDDEN, "permlevel", 1, "Int")
		reader = make_holder(role, town.villages[0].name)
		other = make_holder(role, town.villages[1].name)
		own = make_worker(town.grids[0][0].name, user=None, phone="13900000001")
		secret = make_worker(town.grids[1][0].name, user=None, worker_name=SECRET, phone="13900000002")
		stray = make_assignment(secret.name, make_post(make_role()).name, town.villages[0].name)
		yield frappe._dict(
			town=town, role=role, reader=reader, other=other, own=own, secret=secret, stray=stray
		)
	frappe.clear_cache(doctype="Grid Worker")


def inside_savepoint(world: frappe._dict) -> Iterator[None]:
	"""Run a test on the module's world and take back what it did."""
	frappe.set_user("Administrator")
	frappe.db.savepoint("test")
	with _files_put_back():
		yield
		frappe.set_user("Administrator")
		frappe.local.lang = LANGUAGE
		frappe.db.rollback(save_point="test")
	if doctype := world.pop("changed_rights", None):
		frappe.clear_cache(doctype=doctype)
	frappe.db.value_cache.clear()
	for kept in ("roles", "user_permissions"):
		frappe.cache.delete_value(kept)
	frappe.local.role_permissions = {}
	frappe.local.message_log = []
	frappe.local.form_dict = frappe._dict()
	frappe.local.response = frappe._dict(docs=[])
	frappe.local.grid_doors_active = None
	scope.forget()


@contextmanager
def _files_put_back() -> Iterator[None]:
	"""Put back on the disk what is deleted from it meanwhile: a savepoint brings back rows, not files."""
	deleted: dict[Path, bytes] = {}
	delete = File.delete_file_from_filesystem

	def noted(self: File, only_thumbnail: bool = False) -> None:
		if not only_thumbnail and self.exists_on_disk():
			path = Path(self.get_full_path())
			deleted[path] = path.read_bytes()
		delete(self, only_thumbnail)

	with patch.object(File, "delete_file_from_filesystem", noted):
		yield
	for path, content in deleted.items():
		path.write_bytes(content)
