"""What opens for whom at the desk, and what is hidden: Role Home says it for each role."""

from collections.abc import Iterable

import frappe
from frappe.desk.desktop import get_desktop_page, get_workspace_sidebar_items
from frappe.utils import getdate

from grid_governance.grid_structure import rules
from grid_governance.grid_structure.queries.cards import people_in
from grid_governance.grid_structure.queries.tree import names_above
from grid_governance.scope.custom_fields import BY_POST

STOCK_WELCOME = "Welcome Workspace"
"""What Frappe shows to whoever has no workspace: an invitation to make one."""

MOST_GRIDS = 10
"""So many of a reader's grids are shown on her workspace."""

PAGE_FIELDS = ("name", "title", "for_user", "parent_page", "content", "public", "module", "icon", "is_hidden")


def role_homes(user: str) -> list[frappe._dict]:
	"""Return the Role Homes that hold for *user* today, the one that counts first at the top.

	Roles that no post gives come first, in the order of their `position`; then the roles of the posts held today, the
	highest post first. Rows: `role`, `workspace`, `module_profile`.
	"""
	homes = _homes(frappe.get_roles(user))
	given_by_posts = _given_by_posts(homes)
	return [
		*(home for home in homes.values() if home.role not in given_by_posts),
		*(homes[role] for role in _roles_of_posts(_current_posts(user)) if role in given_by_posts),
	]


def module_profile_of(user: str) -> str | None:
	"""Return the Module Profile that the highest post of *user* calls for.

	None when nothing is to be hidden, as for every account that has some role which no post gives.
	"""
	roles = frappe.get_all(
		"Has Role", filters={"parent": user, "parenttype": "User"}, pluck="role", order_by="role asc"
	)
	if not roles or _given_by_posts(roles) != set(roles):
		return None
	return next((home.module_profile for home in role_homes(user)), None)


class ProfilesOfPosts:
	"""The Module Profiles that posts call for, read once for many accounts."""

	def __init__(self) -> None:
		roles = frappe.get_all("Role Home", pluck="role", order_by="role asc", limit_page_length=0)
		self._homes = _homes(roles)
		self._leading = _leading_posts()
		self._blocked: dict[str, list[str]] = {}

	def of(self, posts: Iterable[frappe._dict]) -> str | None:
		"""Return the profile for whoever holds *posts* (`post`, `role`, `grid_path`, `is_primary`)."""
		roles = _roles_of_posts(posts, self._leading)
		return next((self._homes[role].module_profile for role in roles if role in self._homes), None)

	def blocked(self, profile: str | None) -> list[str]:
		"""Return the modules that *profile* hides."""
		if profile not in self._blocked:
			self._blocked[profile] = blocked_modules(profile)
		return self._blocked[profile]


def blocked_modules(profile: str | None) -> list[str]:
	"""Return the modules that the Module Profile *profile* hides, none for none."""
	return frappe.get_all(
		"Block Module",
		filters={"parent": profile or "", "parenttype": "Module Profile"},
		pluck="module",
		order_by="idx asc",
		limit_page_length=0,
	)


def named_profiles() -> set[str]:
	"""Return the Module Profiles that some Role Home names."""
	return set(
		frappe.get_all(
			"Role Home",
			filters={"module_profile": ["is", "set"]},
			pluck="module_profile",
			order_by="role asc",
		)
	)


def extend_boot(bootinfo: frappe._dict) -> None:
	"""Boot hook: put the reader's own workspace first, and lead breadcrumbs to workspaces that she may open.

	`user.default_workspace` (name, title, public) is what opens where no page is named; a choice of the user's own,
	which Frappe has from 15.x on, stays.
	"""
	pages = bootinfo.get("allowed_workspaces") or []
	home = home_page(pages)
	bootinfo.allowed_workspaces = _with(home, pages)
	if home:
		bootinfo.user["default_workspace"] = {
			"name": home.name,
			"title": home.title,
			"public": bool(home.public),
		}
	shown = [page.name for page in bootinfo.allowed_workspaces if page.public]
	first = [home.name] if home else []
	bootinfo.module_wise_workspaces = {
		module: sorted((name for name in names if name in shown), key=lambda name: name not in first)
		for module, names in (bootinfo.get("module_wise_workspaces") or {}).items()
		if set(names) & set(shown)
	}


@frappe.whitelist()
def sidebar_items() -> dict[str, object]:
	"""Return the workspaces of the reader, as Frappe's own endpoint does, with a page for whoever has none."""
	answer = get_workspace_sidebar_items()
	answer["pages"] = _with(home_page(answer["pages"]), answer["pages"])
	return answer


@frappe.whitelist()
def desktop_page(page: str | dict) -> dict[str, object]:
	"""Return what stands on a workspace, as Frappe's own endpoint does, without ways to forms that the reader may not
	fill in: Frappe judges a shortcut to a new record by the right to read."""
	answer = get_desktop_page(frappe.as_json(page) if isinstance(page, dict) else page)
	shortcuts = answer.get("shortcuts")
	if shortcuts:
		shortcuts["items"] = [item for item in shortcuts["items"] if _may_open(item)]
	return answer


@frappe.whitelist()
def my_grids() -> list[dict[str, object]]:
	"""Return the grids in which the session's user holds a post today, the highest first.

	Each with `grid`, `grid_name`, `post`, `place` (names of the grids above it), `planned_households` and `people`
	(`worker_name`, `post`, `phone`), which its notice board shows to everyone.
	"""
	posts = sorted(_current_posts(frappe.session.user), key=lambda post: post.grid_path)
	posts_by_path = {post.grid_path: post.post for post in reversed(posts)}
	grids = frappe.get_all(
		"Grid",
		filters={"grid_path": ["in", sorted(posts_by_path) or [""]]},
		fields=["name", "grid_name", "grid_path", "planned_households"],
		order_by="grid_path asc",
		limit_page_length=0,
	)
	grids = sorted(grids, key=lambda grid: len(grid.grid_path))[:MOST_GRIDS]
	above = names_above([grid.grid_path for grid in grids])
	at_work = people_in([grid.name for grid in grids])
	return [
		{
			"grid": grid.name,
			"grid_name": grid.grid_name,
			"post": posts_by_path[grid.grid_path],
			"place": above[grid.grid_path],
			"planned_households": grid.planned_households,
			"people": at_work[grid.name],
		}
		for grid in grids
	]


def home_page(pages: list[frappe._dict]) -> frappe._dict | None:
	"""Return which of *pages* opens for the session's user where no page is named.

	The user's own choice; the workspace of the first Role Home that is among *pages*; the first of *pages* that is
	left. For whoever has no page, or rights that only posts give and no post today, the page for people without a post.
	"""
	user = frappe.session.user
	homes = role_homes(user)
	shown = {page.name: page for page in pages if page.public and page.name != STOCK_WELCOME}
	for name in (_own_choice(user), *(home.workspace for home in homes)):
		if name in shown and not shown[name].is_hidden:
			return shown[name]
	if shown and (homes or not _given_by_posts(frappe.get_roles(user))):
		return next(iter(shown.values()))
	return _page_without_post() or next(iter(shown.values()), None)


def _with(home: frappe._dict | None, pages: list[frappe._dict]) -> list[frappe._dict]:
	if home is None:
		return pages
	others = [page for page in pages if page.name != STOCK_WELCOME]
	return others if any(page.name == home.name for page in others) else [home, *others]


def _homes(roles: Iterable[str]) -> dict[str, frappe._dict]:
	rows = frappe.get_all(
		"Role Home",
		filters={"role": ["in", sorted(roles) or [""]], "without_post": 0},
		fields=["role", "workspace", "module_profile"],
		order_by="position asc, role asc",
		limit_page_length=0,
	)
	return {row.role: row for row in rows}


def _given_by_posts(roles: Iterable[str]) -> set[str]:
	return set(
		frappe.get_all(
			"Role",
			filters={"name": ["in", sorted(roles) or [""]], BY_POST: 1},
			pluck="name",
			order_by="name asc",
		)
	)


def _current_posts(user: str) -> list[frappe._dict]:
	held = frappe.get_all(
		"Grid Post Assignment",
		filters={"user": user},
		fields=["post", "role", "grid_path", "is_primary", "from_date", "to_date"],
		order_by="grid_path asc",
		limit_page_length=0,
	)
	return [post for post in held if rules.is_current(post.from_date, post.to_date, getdate())]


def _roles_of_posts(posts: Iterable[frappe._dict], leading: set[str] | None = None) -> list[str]:
	leading = _leading_posts() if leading is None else leading
	ordered = sorted(
		posts,
		key=lambda post: rules.standing(post.grid_path or "", post.post in leading, bool(post.is_primary)),
	)
	return list(dict.fromkeys(post.role for post in ordered))


def _leading_posts() -> set[str]:
	return set(frappe.get_all("Grid Post", filters={"is_lead": 1}, pluck="name", order_by="name asc"))


def _own_choice(user: str) -> str | None:
	if not frappe.get_meta("User").has_field("default_workspace"):
		return None
	return frappe.db.get_value("User", user, "default_workspace")


def _page_without_post() -> frappe._dict | None:
	name = frappe.db.get_value("Role Home", {"without_post": 1}, "workspace")
	page = name and frappe.db.get_value("Workspace", name, PAGE_FIELDS, as_dict=True)
	if page:
		page.label = frappe._(page.name)
	return page or None


def _may_open(shortcut: dict[str, object]) -> bool:
	if shortcut.get("type") != "DocType" or shortcut.get("doc_view") != "New":
		return True
	return bool(frappe.has_permission(shortcut["link_to"], "create"))
