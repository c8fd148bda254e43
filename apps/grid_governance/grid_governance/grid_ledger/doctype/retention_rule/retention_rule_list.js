(() => {
	frappe.listview_settings["Retention Rule"] = {
		hide_name_filter: true,
		onload(listview) {
			if (frappe.model.can_write("Retention Rule"))
				listview.page.add_inner_button(__("What the Next Run Does"), preview);
		},
	};

	async function preview() {
		const rows = await frappe.xcall("grid_governance.grid_ledger.actions.retention.preview");
		const escape = frappe.utils.escape_html;
		const cells = ({ rule, action, before, number, oldest }) =>
			[
				rule,
				action,
				frappe.datetime.str_to_user(before),
				number,
				oldest && frappe.datetime.str_to_user(oldest),
			]
				.map((cell) => `<td>${escape(String(cell))}</td>`)
				.join("");
		const heads = [__("Rule"), __("What Happens Then"), __("Older Than"), __("How Many"), __("Oldest")];
		frappe.msgprint({
			title: __("What the Next Run Does"),
			wide: true,
			message: `<div style="overflow-x: auto"><table class="table table-bordered">
				<tr>${heads.map((head) => `<th>${head}</th>`).join("")}</tr>
				${rows.map((row) => `<tr>${cells(row)}</tr>`).join("")}</table></div>`,
		});
	}
})();
