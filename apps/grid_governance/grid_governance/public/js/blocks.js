// What the blocks of the grid members' workspace show. They are records (Custom HTML Block) that call these functions.
frappe.provide("grid_governance.desk");

const MY_GRIDS = "grid_governance.grid_structure.queries.desk.my_grids";
const LATEST = 6;
function add(parent, tag, class_name, text) {
	const element = document.createElement(tag);
	if (class_name) element.className = class_name;
	if (text) element.textContent = text;
	parent.append(element);
	return element;
}

// A link in a block stands in a shadow tree, where the desk's own handler for links does not see it.
function open_inside(link) {
	link.addEventListener("click", (event) => {
		if (event.ctrlKey || event.metaKey) return;
		event.preventDefault();
		frappe.set_route(new URL(link.href).pathname);
	});
}

function begin(box, title) {
	box.replaceChildren();
	add(box, "h3", "title", title);
}

grid_governance.desk.show_my_issues = async (box) => {
	begin(box, __("My Latest Issues"));
	if (!frappe.model.can_read("Grid Issue")) return;
	const issues = await frappe.db.get_list("Grid Issue", {
		filters: { owner: frappe.session.user },
		fields: ["name", "title", "workflow_state", "modified"],
		order_by: "modified desc",
		limit: LATEST,
	});
	if (!issues.length) add(box, "p", "empty", __("You have reported nothing yet."));
	await frappe.model.with_doctype("Grid Issue");
	frappe.workflow.setup("Grid Issue");
	issues.forEach((issue) => {
		const row = add(box, "a", "issue");
		row.href = `/app/grid-issue/${encodeURIComponent(issue.name)}`;
		add(row, "span", "what", issue.title);
		const [state, colour] = frappe.get_indicator(issue, "Grid Issue") || [];
		if (state) add(row, "span", `indicator-pill no-indicator-dot ${colour}`, __(state));
		open_inside(row);
	});
};

grid_governance.desk.show_my_grids = async (box) => {
	begin(box, __("My Grids"));
	const grids = await frappe.xcall(MY_GRIDS);
	if (!grids.length) add(box, "p", "empty", __("You hold no post at present."));
	grids.forEach((grid) => show_grid(box, grid));
};

function show_grid(box, grid) {
	const card = add(box, "section", "grid");
	const name = add(card, "a", "name", grid.grid_name);
	name.href = `/app/grid/${encodeURIComponent(grid.grid)}`;
	open_inside(name);
	add(card, "div", "muted", [...grid.place, grid.post].filter(Boolean).join(" · "));
	if (grid.planned_households) {
		add(card, "div", "muted", __("{0} households", [grid.planned_households]));
	}
	grid.people.forEach((person) => {
		const line = add(card, "div", "person");
		add(line, "span", "", person.worker_name);
		add(line, "span", "muted", person.post);
		if (!person.phone) return;
		const phone = add(line, "a", "phone", person.phone);
		phone.href = `tel:${person.phone}`;
	});
}
