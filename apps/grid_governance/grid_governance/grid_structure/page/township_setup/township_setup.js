frappe.pages["township-setup"].on_page_load = (wrapper) => {
	const page = frappe.ui.make_app_page({
		parent: wrapper,
		title: __("Set Up a Township"),
		single_column: true,
	});
	wrapper.township_setup = new TownshipSetup(page);
};

frappe.pages["township-setup"].on_page_show = (wrapper) => wrapper.township_setup?.refresh();

const PROGRESS = "grid_governance.grid_structure.queries.progress";

// The steps from an empty site to a township at work. Each shows how far it is and opens where it is done.
class TownshipSetup {
	constructor(page) {
		this.page = page;
		this.township = page.add_field({
			fieldname: "township",
			label: __("Township"),
			fieldtype: "Select",
			change: () => this.show(),
		});
		this.body = $('<div class="township-setup frappe-card p-4"></div>').appendTo(page.main);
	}

	async refresh(chosen = this.township.get_value()) {
		const found = await frappe.xcall(`${PROGRESS}.townships`);
		this.township.df.options = found.map(({ name, grid_name }) => ({ value: name, label: grid_name }));
		this.township.refresh();
		await this.township.set_value(chosen || found[0]?.name || "");
		await this.show();
	}

	async show() {
		const township = this.township.get_value();
		const figures = township ? await frappe.xcall(`${PROGRESS}.setup_progress`, { township }) : null;
		this.body.empty();
		const steps = this.steps(township, figures || {});
		const next = steps.find(({ done }) => done === false);
		steps.forEach((step, at) => this.add(step, at + 1, step === next));
	}

	// `done` is true, false, or null for what can be left as it is.
	add({ title, state, done, actions }, number, is_next) {
		const colour = done ? "green" : done === false ? "orange" : "gray";
		const row = $(`<div class="d-flex flex-wrap align-items-center py-3 border-bottom">
			<span class="indicator-pill no-indicator-dot ${colour} mr-3" style="width: 2.2em">
				${done ? "✓" : number}
			</span>
			<div class="flex-grow-1" style="min-width: 14rem">
				<div class="font-weight-bold"></div><div class="text-muted"></div>
			</div>
			<div class="d-flex flex-wrap" style="gap: 0.5rem"></div>
		</div>`);
		row.find(".font-weight-bold").text(title);
		row.find(".text-muted").text(state);
		actions
			.filter(({ when }) => when !== false)
			.forEach(({ label, run }, at) =>
				$('<button class="btn"></button>')
					.addClass(is_next && !at ? "btn-primary" : "btn-default")
					.text(label)
					.on("click", run)
					.appendTo(row.children().last())
			);
		row.appendTo(this.body);
	}

	steps(township, n) {
		const divisions = grid_governance.divisions;
		const again = () => this.show();
		return [
			{
				title: __("Bring in the township and its villages"),
				state: township ? __("{0} villages. Check their names.", [n.villages]) : __("Nothing yet."),
				done: n.villages > 0,
				actions: [
					{
						label: __("Import a Township"),
						run: () => divisions.import_township(({ township }) => this.refresh(township)),
					},
					{
						label: __("Villages"),
						when: Boolean(township),
						run: () => frappe.set_route("Tree", "Grid"),
					},
				],
			},
			{
				title: __("Set the rules in which the township differs"),
				state: n.profile
					? __("Set.")
					: __(
							"The rules of the site hold. Set only what is different here, such as the size of a grid."
						),
				done: n.profile || null,
				actions: [
					{
						label: __("Township Profile"),
						when: Boolean(township),
						run: () =>
							n.profile
								? frappe.set_route("Form", "Township Profile", township)
								: frappe.new_doc("Township Profile", { grid: township }),
					},
				],
			},
			{
				title: __("Draw the grids"),
				state: township
					? __("{0} grids; {1} villages without; {2} outside their size.", [
							n.grids,
							n.villages_without_grids,
							n.outside_size,
						])
					: __("After the villages."),
				done: n.grids > 0 && !n.villages_without_grids,
				actions: [
					{
						label: __("Draw Grids by Rule"),
						when: n.villages_without_grids > 0,
						run: () => divisions.draw_grids(township, again),
					},
					{
						label: __("From an Excel File"),
						when: Boolean(township),
						run: () => frappe.new_doc("Structure Import", { grid: township }),
					},
					{
						label: __("Structure and Size"),
						when: Boolean(township),
						run: () =>
							frappe.set_route("query-report", "Grid Structure and Size", { grid: township }),
					},
				],
			},
			{
				title: __("Name the posts"),
				state: __("The posts of grid work are there; change them to your own."),
				done: null,
				actions: [{ label: __("Posts"), run: () => frappe.set_route("List", "Grid Post", "List") }],
			},
			{
				title: __("Bring in the workers"),
				state: township
					? __("{0} people hold posts; {1} villages and grids have nobody to lead them.", [
							n.holders,
							n.grids_without_lead,
						])
					: __("After the grids."),
				done: n.holders > 0 && !n.grids_without_lead,
				actions: [
					{
						label: __("From an Excel File"),
						when: Boolean(township),
						run: () => frappe.new_doc("Structure Import", { grid: township }),
					},
					{
						label: __("Assign a Post"),
						when: Boolean(township),
						run: () => frappe.new_doc("Grid Post Assignment"),
					},
					{
						label: __("Staffing"),
						when: n.holders > 0,
						run: () => frappe.set_route("query-report", "Grid Staffing", { grid: township }),
					},
				],
			},
			{
				title: __("Give them accounts"),
				state: n.holders
					? __("{0} people with a post have no account.", [n.without_account])
					: __("After the workers."),
				done: n.holders > 0 && !n.without_account,
				actions: [
					{
						label: __("Make Accounts"),
						when: Boolean(township) && frappe.model.can_create("Account Batch"),
						run: () => frappe.new_doc("Account Batch", { grid: township }),
					},
				],
			},
		];
	}
}
