"""The desk of our readers: nothing scrolls sideways on a phone, what is pressed is large, words stand where they are needed."""

import pytest

pytestmark = pytest.mark.commits

READERS = ("Grid Member", "Village Secretary", "Township Office")

#: Routes behind the parts of the workspaces that the reader sees: lists, trees, reports, pages.
ROUTES = """() => {
	const found = [...document.querySelectorAll(".layout-main-section .link-item[href]")].map((a) => a.getAttribute("href"));
	const shortcuts = (frappe.workspace.page_data.shortcuts.items || []).map((item) =>
		frappe.utils.generate_route({ name: item.link_to, type: item.type, doc_view: item.doc_view,
			is_query_report: item.is_query_report, doctype: item.ref_doctype }));
	return [...new Set([...found, ...shortcuts].map((route) => decodeURI(route).replace(/^\\/?app\\//, "")))];
}"""

#: What the page's width is and what sticks out, when it is wider than the window that is meant. A phone's browser
#: zooms out where a page is too wide, and its `innerWidth` grows with it.
TOO_WIDE = """(meant) => {
	const page = document.scrollingElement;
	if (page.scrollWidth <= Math.min(window.innerWidth, meant)) return null;
	const out = [...document.querySelectorAll("body *")].filter((element) =>
		element.checkVisibility() && element.getBoundingClientRect().right > meant + 1);
	return `${page.scrollWidth} px: ` + out.slice(0, 4).map((e) => `${e.localName}.${[...e.classList].join(".")}`).join(", ");
}"""

#: Controls of our own that are lower than a thumb needs, as [selector, text, height].
SMALL = """(selectors) => selectors.flatMap((selector) => [...document.querySelectorAll(selector)]
	.filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 43.5)
	.map((element) => [selector, element.textContent.trim().slice(0, 30), element.getBoundingClientRect().height]))"""

#: A loop drawn from a template while chance deals the letters of *lot* for the names in it.
DRAWN = """(lot) => {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	const stock = Math.random;
	let next = 0;
	Math.random = () => (letters.indexOf(lot[next++ % lot.length]) + 0.5) / letters.length;
	try {
		return frappe.template.compile("{% for item in list %}{{ item }}{% endfor %}", lot)({ list: [1, 2] });
	} finally {
		Math.random = stock;
	}
}"""

#: Bars of charts whose place changes its width while they draw, is hidden, or is gone, and the hidden one's width then.
CHARTS = """async () => {
	const place = $("<div style='width: 700px'></div>").appendTo(".layout-main:visible")[0];
	const left = $("<div style='width: 300px; display: none'></div>").appendTo(".layout-main:visible")[0];
	const data = { labels: ["一", "二"], datasets: [{ values: [3, 5] }] };
	const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
	const chart = frappe.utils.make_chart(place, { data, height: 200 });
	const hidden = frappe.utils.make_chart(left, { data, height: 200 });
	const gone = $("<div><div></div></div>").find("div")[0];
	frappe.utils.make_chart(gone, { data, height: 200 });
	const bars = (one) => one.querySelectorAll("rect.bar").length;
	for (const width of [600, 500, 400]) {
		await pause(60);
		chart.update(data);
		place.style.width = `${width}px`;
	}
	await pause(900);
	const before = bars(left);
	left.style.display = "block";
	await pause(300);
	return { bars: bars(place), hidden: before, gone: bars(gone), width: hidden.baseWidth };
}"""

#: What stands in a text that is entered just after a number was tapped, and the label of a field in a table.
TYPED = """async () => {
	const dialog = new frappe.ui.Dialog({ title: "数", fields: [
		{ fieldname: "number", fieldtype: "Int", label: "数" }, { fieldname: "text", fieldtype: "Data", label: "文" }] });
	dialog.show();
	await new Promise((resolve) => dialog.$wrapper.on("shown.bs.modal", resolve));
	const [number, text] = ["number", "text"].map((name) => dialog.fields_dict[name].$input);
	number.val("3 + 4").trigger("focus");
	await new Promise((resolve) => setTimeout(resolve, 200));
	const marked = number[0].value.slice(number[0].selectionStart, number[0].selectionEnd);
	number.trigger("focus");
	text.val("十二户").trigger("focus");
	await new Promise((resolve) => setTimeout(resolve, 200));
	const answer = [marked, text.val()];
	dialog.hide();
	await new Promise((resolve) => frappe.model.with_doctype("Grid Adjustment", resolve));
	return [...answer, frappe.meta.get_label("Grid Adjustment Part", "planned_households")];
}"""


@pytest.mark.parametrize("role", READERS)
def test_nothing_scrolls_sideways_on_a_phone(role, township, phone, records):
	screen = phone(township.holder(role))
	wide = _walk(screen, records, role)
	assert not wide, "\n".join(wide)


def test_nothing_scrolls_sideways_for_an_administrator(township, phone, records, admin_password):
	screen = phone()
	screen.login("Administrator", admin_password)
	wide = _walk(screen, records, "Administrator")
	assert not wide, "\n".join(wide)


@pytest.mark.parametrize("role", READERS)
def test_what_is_pressed_on_a_phone_is_large_enough(role, township, phone, records):
	screen = phone(township.holder(role))
	own = [
		".layout-main-section .shortcut-widget-box",
		".layout-main-section .link-item",
		".tree-children .tree-link",
		".township-setup .btn",
		".frappe-control[data-fieldname='steps_html'] .btn",
	]
	issue = records.rows("Grid Issue", {"grid_path": ["like", f"{township.holder(role).grid_path}%"]})[0]
	for route in (None, "grid/view/tree", f"grid-issue/{issue['name']}"):
		if route:
			screen.go(route)
		screen.settle()
		assert screen.page.evaluate(SMALL, own) == []


def test_the_blocks_of_a_member_are_in_sight_and_open(township, phone, records):
	member = township.holder("Grid Member")
	screen = phone(member)
	grid = screen.page.locator(".custom-block-widget-box .grid .name")
	grid.wait_for()
	assert grid.inner_text() == member.grid_name
	reported = records.rows("Grid Issue", {"owner": member.user}, "name", "title", order_by="modified desc")
	rows = screen.page.locator(".custom-block-widget-box .issue")
	if reported:
		rows.first.wait_for()
	assert rows.count() == min(len(reported), 6)
	assert all(
		height >= 43.5
		for height in rows.evaluate_all("all => all.map((e) => e.getBoundingClientRect().height)")
	)
	screen.look("member-blocks")
	if reported:
		screen.tap(rows.first)
		screen.page.wait_for_url(f"**/app/grid-issue/{reported[0]['name']}")


def test_a_list_on_a_phone_says_the_state_in_a_word(township, phone, records):
	screen = phone(township.holder("Village Secretary"))
	screen.go("grid-issue")
	names = screen.rows()
	shown = [text.strip() for text in screen.page.locator(".list-row .list-state:visible").all_inner_texts()]
	stored = {
		row["name"]: row["workflow_state"] for row in records.rows("Grid Issue", {}, "name", "workflow_state")
	}
	assert shown == [stored[name] for name in names]
	screen.look("issue-list")


def test_the_button_of_the_steps_says_what_it_is(township, phone, records):
	secretary = township.holder("Village Secretary")
	screen = phone(secretary)
	screen.go(f"grid-issue/{_open_issue(records, secretary)}")
	label = screen.page.locator(".actions-btn-group:visible .actions-btn-group-label")
	assert label.inner_text().strip() == "操作"
	assert label.is_visible()
	steps = screen.page.locator(".frappe-control[data-fieldname='steps_html']")
	steps.locator(".btn").first.wait_for()
	below = screen.control("title").locator("label").first
	gap = below.bounding_box()["y"] - (steps.bounding_box()["y"] + steps.bounding_box()["height"])
	assert gap >= 8, gap
	screen.look("issue-steps")


def test_a_form_that_is_read_only_says_so_once(township, desk, records):
	secretary = township.holder("Village Secretary")
	screen = desk(secretary)
	state = records.seeded("workflow_state/closed")
	issues = records.rows(
		"Grid Issue", {"workflow_state": state, "grid_path": ["like", f"{secretary.grid_path}%"]}
	)
	screen.go(f"grid-issue/{issues[0]['name']}")
	screen.page.evaluate("cur_frm.refresh(); cur_frm.refresh()")
	screen.settle()
	said = screen.page.locator(".desk-alert:visible", has_text="工作流").count()
	assert said <= 1


def test_the_list_at_a_desk_shows_grid_and_urgency(township, desk):
	screen = desk(township.holder("Village Secretary"))
	screen.go("grid-issue")
	head = screen.page.locator(".list-row-head .list-row-col:visible")
	words = [text.strip() for text in head.all_inner_texts()]
	assert {"网格", "紧急程度", "类别", "状态"} <= set(words), words
	screen.look("issue-list-desk")


def test_a_reader_is_offered_no_editor_that_cannot_save(township, desk, admin_password):
	staff = desk(township.holder("Township Office"))
	assert not staff.page.locator(".page-actions button:visible", has_text="编辑").count()
	administrator = desk()
	administrator.login("Administrator", admin_password)
	assert administrator.page.locator(".page-actions button:visible", has_text="编辑").count()


def test_no_word_of_the_language_names_a_loop_of_a_template(desk, admin_password):
	screen = desk()
	screen.login("Administrator", admin_password)
	for lot in ("forvar", "itemvar", "abcabcxyz"):
		assert screen.page.evaluate(DRAWN, lot) == "12", lot


def test_a_chart_that_is_left_while_it_draws_says_nothing(desk, admin_password):
	screen = desk()
	screen.login("Administrator", admin_password)
	assert screen.page.evaluate(CHARTS) == {"bars": 2, "hidden": 2, "gone": 2, "width": 300}


def test_a_number_lets_the_next_field_alone_and_tables_have_labels(desk, admin_password):
	screen = desk()
	screen.login("Administrator", admin_password)
	assert screen.page.evaluate(TYPED) == ["7", "十二户", "规划户数"]


def _walk(screen, records, who: str) -> list[str]:
	"""Open everything that the workspaces of the reader lead to; the pages that are wider than the window."""
	wide: list[str] = []
	screen.allow("browser's own dialog")  # asks whether to leave a form that is not saved
	screen.settle()
	spaces = screen.page.evaluate(
		"frappe.boot.allowed_workspaces.filter((p) => p.public).map((p) => frappe.router.slug(p.name))"
	)
	ours = [
		space
		for space in spaces
		if space in ("my-grid", "village-work", "township-work", "grid-administration")
	]
	routes: list[str] = []
	for space in ours:
		_measure(screen, space, wide)
		routes += screen.page.evaluate(ROUTES)
	for route in dict.fromkeys(routes):
		_measure(screen, route, wide)
		doctype = screen.page.evaluate("cur_list?.doctype || null") if _is_list(screen) else None
		if not doctype:
			continue
		slug = route.split("/")[0].split("?")[0]
		if screen.page.evaluate("(doctype) => frappe.model.can_create(doctype)", doctype):
			_measure(screen, f"{slug}/new", wide)
		names = screen.page.evaluate(
			"(doctype) => frappe.db.get_list(doctype, { limit: 1 }).then((rows) => rows.map((row) => row.name))",
			doctype,
		)
		for name in names:
			_measure(screen, f"{slug}/{name}", wide)
	_measure(screen, "grid/view/tree", wide)
	issue = records.rows("Grid Issue", {}, "name", "owner")
	own = screen.page.evaluate(
		"() => frappe.db.get_list('Grid Issue', { limit: 1 }).then((rows) => rows[0]?.name)"
	)
	if own and issue and screen.page.evaluate("frappe.model.can_print('Grid Issue')"):
		_measure(screen, f"print/Grid Issue/{own}", wide)
	return [f"{who}: {line}" for line in wide]


def _measure(screen, route: str, wide: list[str]) -> None:
	screen.go(route)
	found = screen.page.evaluate(TOO_WIDE, screen.device.options["viewport"]["width"])
	if found:
		screen.shot(f"wide-{route.replace('/', '-')}")
		wide.append(f"{route} is {found}")


def _is_list(screen) -> bool:
	return screen.page.evaluate("frappe.get_route()[0] === 'List'")


def _open_issue(records, person) -> str:
	state = records.seeded("workflow_state/with-village")
	filters = {"workflow_state": state, "grid_path": ["like", f"{person.grid_path}%"]}
	return records.rows("Grid Issue", filters)[0]["name"]
