(() => {
	const ROOM = "grid_governance.grid_structure";
	const IMPORT = `${ROOM}.doctype.structure_import.structure_import`;

	frappe.ui.form.on("Structure Import", {
		refresh(frm) {
			show_lines(frm);
			if (frm.is_new()) {
				frm.set_intro(
					__("Choose the township or village and save; then attach the Excel file."),
					"blue"
				);
				return;
			}
			frm.add_custom_button(__("Template"), () => download(frm, "template"), __("Excel File"));
			frm.add_custom_button(__("What Is There Now"), () => download(frm, "export"), __("Excel File"));
			if (!frm.doc.file || frm.is_dirty() || frm.doc.status === "Running") return;
			frm.add_custom_button(__("Check"), () => call(frm, "check_file"));
			if (frm.doc.status !== "Draft") {
				frm.page.set_primary_action(__("Import the Good Rows"), () => call(frm, "start"));
			}
		},
		file(frm) {
			if (frm.doc.file) frm.save();
		},
	});

	async function call(frm, method) {
		await frappe.call({ method: `${IMPORT}.${method}`, args: { name: frm.doc.name }, freeze: true });
		frm.reload_doc();
	}

	function download(frm, kind) {
		open_url_post(`/api/method/${ROOM}.workbook.queries.download`, { grid: frm.doc.grid, kind });
	}

	function show_lines(frm) {
		const lines = JSON.parse(frm.doc.lines || "[]");
		const escape = frappe.utils.escape_html;
		const rows = lines
			.map(
				([number, reasons]) =>
					`<tr><td>${number}</td><td>${reasons.map(escape).join("<br>")}</td></tr>`
			)
			.join("");
		frm.fields_dict.lines_view.$wrapper.html(
			rows &&
				`<table class="table table-bordered"><thead><tr><th style="width: 6em">${__(
					"Row"
				)}</th><th>${__("Why It Is Refused")}</th></tr></thead><tbody>${rows}</tbody></table>`
		);
	}
})();
