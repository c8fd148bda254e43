// What the reports by grid do on the screen. Their scripts include this file; what they tell is the report's
// name, what its period is called (none for what there is today), and filters of their own.
frappe.provide("grid_governance.reports");

grid_governance.reports.define = (
	report_name,
	{ from, to, since, until, roll_up = true, filters = [], onload }
) => {
	const period = [
		{
			fieldname: "from_date",
			label: from,
			fieldtype: "Date",
			default: since || frappe.datetime.year_start(),
			reqd: 1,
		},
		{
			fieldname: "to_date",
			label: to,
			fieldtype: "Date",
			default: until || frappe.datetime.get_today(),
			reqd: 1,
		},
	];
	const levels = [
		{ fieldname: "roll_up", label: __("Rows by Level"), fieldtype: "Link", options: "Grid Level" },
	];
	frappe.query_reports[report_name] = {
		filters: [
			...(from ? period : []),
			{ fieldname: "grid", label: __("Grid"), fieldtype: "Link", options: "Grid" },
			...(roll_up ? levels : []),
			...filters,
			// A figure to look behind: its column, the row it stands in, and what that row is about.
			...["figure", "node", "exact", "of"].map((fieldname) => ({
				fieldname,
				fieldtype: "Data",
				hidden: 1,
			})),
		],

		onload(report) {
			grid_governance.reports.offer_print(report);
			report.page.main.on("click", "a[data-go-down]", (event) => {
				event.preventDefault();
				go_down(report, event.currentTarget.dataset);
			});
			report.page.main.on("click", "a[data-behind]", (event) => {
				event.preventDefault();
				const { behind = "", node = "", exact = "", of = "" } = event.currentTarget.dataset;
				report.set_filter_value({ figure: behind, node, exact, of });
			});
			report.page.main.on("click", "a[data-narrow]", (event) => {
				event.preventDefault();
				const { narrow, by } = event.currentTarget.dataset;
				report.set_filter_value(by, narrow);
			});
			onload && onload(report);
		},

		formatter(value, row, column, data, default_formatter) {
			if (data && column.is_rate && value == null) return "";
			const text = typeof value === "string" ? frappe.utils.escape_html(value) : value;
			const shown = default_formatter(text, row, column, data);
			if (!data) return shown;
			const cell = column.heat ? heated(shown, value) : linked(shown, value, column, data);
			return data.is_total ? `<strong>${cell}</strong>` : cell;
		},
	};

	// A share that is meant to reach all, as a bar that grows warmer with what is missing.
	function heated(shown, value) {
		const colour =
			value >= 100
				? "46,139,87"
				: value >= 80
					? "156,196,107"
					: value >= 50
						? "224,138,30"
						: "192,57,43";
		const tint = `rgba(${colour},0.35)`;
		const width = Math.max(0, Math.min(100, Number(value) || 0));
		const bar = `linear-gradient(to right, ${tint} ${width}%, transparent ${width}%)`;
		return `<div style="background: ${bar}; border-left: 3px solid rgb(${colour}); padding: 0 4px">${shown}</div>`;
	}

	function linked(shown, value, column, data) {
		const escape = frappe.utils.escape_html;
		const { opens_by, mark, narrows } = column;
		if (narrows && data.narrow) {
			return `<a href="#" class="text-primary" data-narrow="${escape(data.narrow)}" data-by="${narrows}">${shown}</a>`;
		}
		if (opens_by && data[opens_by]) {
			return `<a class="text-primary" href="${form_url(data.opens || column.opens, data[opens_by])}">${shown}</a>`;
		}
		const colour = mark && data[mark];
		if (colour) return `<span class="indicator-pill ${escape(colour)}">${shown}</span>`;
		if (!("path" in data)) return shown;
		if (column.fieldname === "node" && data.grid) {
			return `<a href="#" class="text-primary" data-go-down="${escape(data.grid)}" data-name="${escape(value)}">${shown}</a>`;
		}
		if (!column.is_figure || !value || data.plain) return shown;
		if (column.filters) {
			const filters = { ...column.filters, ...data.filters };
			const url = grid_governance.reports.list_url(column.doctype, filters, data.path, data.exact);
			return `<a class="text-primary" href="${url}">${shown}</a>`;
		}
		// Where a list has no words for it, the report itself shows what it has counted.
		return `<a href="#" class="text-primary" data-behind="${column.fieldname}" data-node="${data.path}" data-exact="${data.exact}" data-of="${escape(data.of || "")}">${shown}</a>`;
	}

	function form_url(doctype, name) {
		return `/app/${frappe.router.slug(doctype)}/${encodeURIComponent(name)}`;
	}

	// One level down: the row's node becomes the node asked for, and the level is found anew.
	// With the name at hand the Link filter has its value at once, and its change runs the report.
	async function go_down(report, { goDown, name }) {
		frappe.utils.add_link_title("Grid", goDown, name);
		await report.get_filter("roll_up").set_value("");
		await report.get_filter("grid").set_value(goDown);
	}
};

// The sheet with room for seals, as a PDF: upright, where its columns have room.
grid_governance.reports.offer_print = (report) => {
	if (!frappe.model.can_print(report.report_doc.ref_doctype)) return;
	report.page.add_inner_button(__("Print"), () => {
		const orientation = report.columns.length > 13 ? "Landscape" : "Portrait";
		report.pdf_report({ ...locals[":Print Settings"]["Print Settings"], orientation, letter_head: null });
	});
};

// The list of exactly what a figure counts: rows of `doctype` below `path`, or with `exact` at it.
grid_governance.reports.list_url = (doctype, filters, path, exact) => {
	const query = { ...filters };
	if (path) query.grid_path = exact ? ["=", path] : ["like", `${path}%`];
	const params = new URLSearchParams();
	Object.entries(query).forEach(([key, value]) => params.set(key, JSON.stringify(value)));
	return `/app/${frappe.router.slug(doctype)}/view/list?${params.toString().replaceAll("'", "%27")}`;
};

// Gives a Select among the filters its options ({ value, label }), the empty one first; what is chosen stays.
grid_governance.reports.offer = (report, fieldname, options) => {
	const filter = report.get_filter(fieldname);
	const chosen = filter.get_value();
	filter.df.options = [{ value: "", label: "" }, ...options];
	filter.refresh();
	filter.set_input(chosen);
};
