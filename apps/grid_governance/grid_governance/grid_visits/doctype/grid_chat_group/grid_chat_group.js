(() => {
	const COVERAGE = "grid_governance.grid_visits.chat_groups.coverage";

	frappe.ui.form.on("Grid Chat Group", {
		setup(frm) {
			frm.set_query("grid", () => ({ filters: { status: "Active" } }));
		},

		async refresh(frm) {
			const box = $(frm.fields_dict.coverage_html.wrapper).empty();
			if (frm.is_new()) return;
			const name = frm.doc.name;
			const { households, covered, missing } = await frappe.xcall(COVERAGE, { group: name });
			if (frm.doc.name !== name) return;
			box.empty();
			$('<p class="notice-count"></p>')
				.text(__("{0} of {1} households have somebody in the group.", [covered, households]))
				.appendTo(box);
			const share = households ? Math.floor((100 * covered) / households) : 0;
			$('<div class="notice-bar"><div></div></div>')
				.children()
				.css("width", `${share}%`)
				.end()
				.appendTo(box);
			if (!missing.length) return;
			$('<h4 class="notice-heading"></h4>').text(__("Nobody in the group yet")).appendTo(box);
			const list = $('<ul class="notice-left"></ul>').appendTo(box);
			missing.forEach((home) => {
				const item = $("<li></li>").appendTo(list);
				$("<a></a>")
					.attr("href", `/app/household/${encodeURIComponent(home.name)}`)
					.text(home.title || home.household_no || home.name)
					.appendTo(item);
				if (home.address)
					$('<span class="notice-left-more"></span>').text(home.address).appendTo(item);
			});
			const more = households - covered - missing.length;
			if (more)
				$("<p></p>")
					.text(__("and {0} more", [more]))
					.appendTo(box);
		},
	});
})();
