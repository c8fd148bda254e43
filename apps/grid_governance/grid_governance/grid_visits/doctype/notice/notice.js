(() => {
	const DESK = "grid_governance.grid_visits.notices.desk";
	/** How often a notice that goes out is looked at, in milliseconds: where no message comes from the server. */
	const EVERY = 4000;

	frappe.ui.form.on("Notice", {
		setup(frm) {
			frm.set_query("grid", () => ({ filters: { status: "Active" } }));
			frm.set_query("notice_type", () => ({ filters: { active: 1 } }));
			frappe.realtime.on("notice_progress", ({ notice, done, total }) => {
				if (notice === frm.doc.name) progress(frm, done, total);
			});
		},

		async refresh(frm) {
			clearTimeout(frm.notice_timer);
			frm.notice_panel?.remove();
			// The figures of one that has not gone out are none.
			frm.toggle_display("section_break_7", Boolean(frm.doc.sent_at));
			if (frm.is_new()) return;
			const name = frm.doc.name;
			const standing = await frappe.xcall(`${DESK}.standing`, { notice: name });
			if (frm.doc.name !== name) return;
			draw(frm, standing);
		},
	});

	function draw(frm, standing) {
		frm.notice_panel?.remove();
		const panel = $('<div class="notice-panel"></div>');
		standing.trouble.forEach((words) => $('<p class="notice-trouble"></p>').text(words).appendTo(panel));
		if (standing.is_out) out(frm, panel, standing);
		else ahead(panel, standing.would_reach);
		frm.notice_panel = panel.prependTo(frm.layout.wrapper.find(".form-page").first());
	}

	// Before it goes out: whom it would reach.
	function ahead(panel, { households, persons }) {
		const words =
			households === null
				? __("Whom it goes to is not told here: it names a care category that you may not see.")
				: __("As it stands it is for {0} households with {1} people.", [households, persons]);
		$('<p class="notice-count"></p>').text(words).appendTo(panel);
	}

	// Afterwards: how far it got, grid by grid, who is left, and what is still to be done by hand.
	function out(frm, panel, standing) {
		const { total, confirmed, told, left, is_going } = standing;
		$('<p class="notice-count"></p>')
			.text(
				__("{0} of {1} reached: {2} confirmed, {3} told at the door, {4} left", [
					total - left,
					total,
					confirmed,
					told,
					left,
				])
			)
			.appendTo(panel);
		bar(total - left, total).appendTo(panel);
		if (is_going) {
			$('<p class="notice-going"></p>').appendTo(panel);
			frm.notice_timer = setTimeout(() => look_again(frm), EVERY);
		}
		buttons(frm, standing).appendTo(panel);
		const list = $('<div class="notice-grids"></div>').appendTo(panel);
		standing.grids.forEach((grid) => grid_line(frm, grid).appendTo(list));
	}

	async function look_again(frm) {
		if (cur_frm !== frm || frappe.get_route()[2] !== frm.doc.name) return;
		await frm.reload_doc();
	}

	function progress(frm, done, total) {
		frm.notice_panel?.find(".notice-going").text(__("Going out: {0} of {1}", [done, total]));
		if (done >= total) frm.reload_doc();
	}

	function bar(done, total) {
		const share = total ? Math.floor((100 * done) / total) : 0;
		return $('<div class="notice-bar"><div></div></div>')
			.attr({ role: "progressbar", "aria-valuenow": share, "aria-valuemin": 0, "aria-valuemax": 100 })
			.children()
			.css("width", `${share}%`)
			.end();
	}

	function buttons(frm, { by_hand, left }) {
		const row = $('<div class="notice-buttons"></div>');
		const add = (label, act, look = "btn-default") =>
			$(`<button type="button" class="btn ${look}"></button>`)
				.text(label)
				.on("click", act)
				.appendTo(row);
		add(__("Copy for WeChat"), () => share(frm), "btn-primary");
		if (left && frappe.model.can_print("Notice Delivery")) {
			add(__("Print the Unreached List"), () => print(frm, __("Unreached List")));
			add(__("Print Slips"), () => print(frm, __("Notice Slips")));
		}
		if (frm.doc.on_board && frappe.model.can_print("Notice")) {
			add(__("Print for the Board"), () => print(frm, __("Notice for the Board")));
		}
		const words = { loudspeaker: __("It Was Read Out Now"), board: __("It Hangs on the Board Now") };
		by_hand.filter(() => frm.perm[0]?.write).forEach((way) => add(words[way], () => note_done(frm, way)));
		return row;
	}

	function print(frm, format) {
		const query = new URLSearchParams({
			doctype: "Notice",
			name: frm.doc.name,
			format,
			no_letterhead: 1,
		});
		window.open(`/printview?${query}&trigger_print=1`, "_blank", "noopener");
	}

	async function note_done(frm, way) {
		await frappe.xcall(`${DESK}.note_done`, { notice: frm.doc.name, way });
		frm.reload_doc();
	}

	// A grid: its name, its bar, and behind them who is left there.
	function grid_line(frm, grid) {
		const line = $('<div class="notice-grid"></div>');
		const head = $('<button type="button" class="notice-grid-head"></button>').appendTo(line);
		$('<span class="notice-grid-name"></span>').text(grid.grid_name).appendTo(head);
		bar(grid.total - grid.left, grid.total).appendTo(head);
		$('<span class="notice-grid-count"></span>')
			.text(
				grid.left
					? __("{0} of {1}, {2} left", [grid.total - grid.left, grid.total, grid.left])
					: __("all {0}", [grid.total])
			)
			.appendTo(head);
		if (!grid.left) return line.find("button").prop("disabled", true).end();
		head.attr("aria-expanded", "false").on("click", async () => {
			const open = line.children(".notice-left");
			if (open.length) {
				open.remove();
				head.attr("aria-expanded", "false");
				return;
			}
			const rows = await frappe.xcall(`${DESK}.unreached`, { notice: frm.doc.name, grid: grid.grid });
			line.children(".notice-left").remove();
			left_list(rows).appendTo(line);
			head.attr("aria-expanded", "true");
		});
		return line;
	}

	function left_list(rows) {
		const list = $('<ul class="notice-left"></ul>');
		rows.forEach((row) => {
			const item = $("<li></li>").appendTo(list);
			const who = [row.household_no, row.whom].filter(Boolean).join(" ");
			if (row.household) {
				$("<a></a>")
					.attr("href", `/app/household/${encodeURIComponent(row.household)}`)
					.text(who)
					.appendTo(item);
			} else $("<span></span>").text(__("has moved out of your grids")).appendTo(item);
			const reserved = row.is_sensitive && __("Yours to tell: in no grid member's list");
			const more = [row.address, row.failed, reserved].filter(Boolean).join(" · ");
			if (more) $('<span class="notice-left-more"></span>').text(more).appendTo(item);
		});
		return list;
	}

	// What goes into a chat group: the text to copy, the picture to keep.
	async function share(frm) {
		const { text, link, picture } = await frappe.xcall(`${DESK}.share`, { notice: frm.doc.name });
		const dialog = new frappe.ui.Dialog({
			title: __("Copy for WeChat"),
			fields: [
				{ fieldname: "text", fieldtype: "Text", label: __("Text"), default: text },
				{ fieldname: "picture", fieldtype: "HTML" },
			],
			primary_action_label: __("Copy the Text"),
			primary_action: ({ text: typed }) => frappe.utils.copy_to_clipboard(typed),
		});
		dialog.$wrapper.addClass("notice-share");
		const box = $('<div class="notice-picture"></div>').appendTo(dialog.get_field("picture").$wrapper);
		$('<img alt="">').attr({ src: picture, alt: link }).appendTo(box);
		$('<a class="btn btn-default"></a>')
			.attr({ href: picture, download: `${frm.doc.name}.png` })
			.text(__("Keep the Picture"))
			.appendTo(box);
		$('<p class="text-muted"></p>')
			.text(
				__(
					"Paste the text into the group, or hold the picture on the phone and send it. Nothing is sent from here."
				)
			)
			.appendTo(box);
		dialog.show();
	}
})();
