(() => {
	const ARROW = " › ";
	let alone = false;

	frappe.treeview_settings["Grid"] = {
		get_tree_nodes: "grid_governance.grid_structure.queries.tree_nodes",
		get_tree_root: false,
		root_label: __("All Grids"),
		title: __("Grid Tree"),
		breadcrumb: "Grid Structure",
		onload(treeview) {
			treeview.make_tree();
		},
		get_label(node) {
			return frappe.utils.escape_html(node.title || node.label);
		},
		on_get_node(nodes, deep) {
			alone = !deep && nodes.length === 1;
			if (!deep && nodes.some((node) => node.above)) show_above(nodes);
		},
		onrender(node) {
			if (!node.data?.grid_level) return;
			const note = [node.data.grid_level, node.data.grid_code].filter(Boolean).join(" · ");
			$('<span class="text-muted small ml-2 grid-tree-note"></span>')
				.text(note)
				.appendTo(node.$tree_link);
			if (!alone && node.data.above?.length) {
				$('<span class="text-muted small ml-2 grid-tree-note"></span>')
					.text(__("in {0}", [node.data.above.join(ARROW)]))
					.appendTo(node.$tree_link);
			}
			open_if_alone(node);
		},
		fields: [
			{ fieldtype: "Data", fieldname: "grid_name", label: __("Grid Name"), reqd: 1 },
			{
				fieldtype: "Link",
				fieldname: "grid_level",
				label: __("Level"),
				options: "Grid Level",
				reqd: 1,
			},
			{
				fieldtype: "Data",
				fieldname: "division_code",
				label: __("Division Code"),
				description: __("For a county, a township or a village"),
			},
			{ fieldtype: "Int", fieldname: "planned_households", label: __("Planned Households") },
		],
		ignore_fields: ["parent_grid"],
	};

	// The tree begins at the reader's own node. What lies above it is named in one line, and nothing else of it; where
	// there are several such nodes each names its own. The line for all grids is for whoever may make a root.
	function show_above(nodes) {
		const body = cur_tree.parent;
		body.find(".grid-tree-above").remove();
		const own = nodes.some((node) => node.above?.length);
		body.toggleClass("grid-tree-own", own);
		if (!own || nodes.length > 1) return;
		$('<div class="grid-tree-above"></div>')
			.text([...nodes[0].above, nodes[0].title].join(ARROW))
			.prependTo(body);
	}

	// Whoever has one node at the top, a village secretary, sees at once what lies below it.
	function open_if_alone(node) {
		if (!alone || !node.expandable || node.loaded) return;
		alone = false;
		setTimeout(() => cur_tree.load_children(node));
	}
})();
