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
			frm.add_custom_button(__("Download the Template"), () => download(frm, "template"));
			frm.add_custom_button(__("Export What Is There"), () => download(frm, "export"));
			watch(frm);
			tell_what_is_next(frm);
			if (!frm.doc.file || frm.is_dirty() || frm.doc.status === "Running") return;
			frm.add_custom_button(__("Check Again"), () => call(frm, "check_file"));
			const good = frm.doc.rows_read - frm.doc.rows_refused - frm.doc.rows_unchanged;
			if (frm.doc.status === "Checked" && good > 0) {
				frm.page.set_primary_action(__("Import {0} Good Rows", [good]), () => call(frm, "start"));
			}
		},
		async file(frm) {
			if (!frm.doc.file) return;
			await frm.save();
			if (!frm.is_dirty()) await call(frm, "check_file");
		},
	});

	function tell_what_is_next(frm) {
		const { file, status, rows_read, rows_refused, rows_unchanged } = frm.doc;
		if (!file) {
			frm.set_intro(
				__(
					"Download the template, fill it in and attach it here. It is checked first; nothing is written yet."
				),
				"blue"
			);
		} else if (status === "Checked" && rows_refused) {
			frm.set_intro(
				__(
					"Checked, nothing is written yet. {0} rows are refused: import the good ones, then correct the others.",
					[rows_refused]
				),
				"orange"
			);
		} else if (status === "Checked") {
			const told =
				rows_read === rows_unchanged
					? __("Everything in the file is there already.")
					: __("Checked, nothing is written yet. All rows are good.");
			frm.set_intro(told, "green");
		} else if (status === "Running") {
			frm.set_intro(__("The rows are being written. You can leave this page."), "blue");
		} else if (status === "Failed") {
			frm.set_intro(
				__("The import broke off. What was written stays; check the file again and go on."),
				"red"
			);
		}
	}

	// Also where no realtime connection is to be had.
	function watch(frm) {
		clearTimeout(frm.structure_import_timer);
		if (frm.doc.status !== "Running") return;
		frm.structure_import_timer = setTimeout(() => {
			if (cur_frm === frm) frm.reload_doc();
		}, 3000);
	}

	async function call(frm, method) {
		try {
			await frappe.call({ method: `${IMPORT}.${method}`, args: { name: frm.doc.name }, freeze: true });
		} catch {
			return; // the server has said why
		}
		await frm.reload_doc();
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
