(() => {
	const METHOD = "grid_governance.grid_structure.calendar.known_until";

	/** Until when public holidays and the days on which they are made up for are known, as a sentence. */
	grid_governance.calendar_known = async () => {
		const day = frappe.datetime.str_to_user(await frappe.xcall(METHOD));
		return __(
			"The state's public holidays and the days on which they are made up for are known until {0}. Enter here only what differs from them, and later years once they are announced.",
			[day]
		);
	};

	frappe.listview_settings["Calendar Day"] = {
		hide_name_column: true,

		async onload(listview) {
			const words = await grid_governance.calendar_known();
			$('<div class="calendar-known text-muted p-3"></div>')
				.text(words)
				.prependTo(listview.$frappe_list);
		},
	};
})();
