// Under a township's own times for issues: those of the site, which hold for whatever the township leaves out.
(() => {
	const METHOD = "grid_governance.grid_issues.clocks.site_times";
	let times;

	frappe.ui.form.on("Township Profile", {
		async refresh(frm) {
			const field = frm.fields_dict.clock_rules;
			if (!field) return;
			times = times || (await frappe.xcall(METHOD));
			field.$wrapper.find(".site-times").remove();
			const box = $('<div class="site-times text-muted mb-3">').appendTo(field.$wrapper);
			$("<div>").text(__("Times of the site:")).appendTo(box);
			const list = $('<ul class="mb-0">').appendTo(box);
			times.forEach((time) => $("<li>").text(words(time)).appendTo(list));
		},
	});

	function words({ purpose, source, urgency, span, unit, counted }) {
		const about = [__(source), urgency].filter(Boolean).join("，");
		return [about, `${__(purpose)} ${time(span, unit, counted)}`].filter(Boolean).join("：");
	}

	function time(span, unit, counted) {
		if (unit === "Hours") return __("{0} hours", [span]);
		if (unit === "Months") return __("{0} months", [span]);
		return counted === "Working Days" ? __("{0} working days", [span]) : __("{0} days", [span]);
	}
})();
