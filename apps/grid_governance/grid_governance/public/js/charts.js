// Charts stand at once, whatever has become of their page. Frappe's draw themselves over a quarter of a second, and
// where their page is turned or left meanwhile they take away what is no longer there, or measure what has no width.
const Chart = frappe.Chart;

/** Pixels that a chart is drawn with while its page is hidden; it takes its place's width when it is seen. */
const HIDDEN_WIDTH = 600;

frappe.Chart = function (wrapper, options) {
	const parent = typeof wrapper === "string" ? document.querySelector(wrapper) : wrapper;
	const holder = document.createElement("div");
	if (parent && !parent.isConnected) {
		holder.append(parent.getRootNode());
		document.body.append(holder);
	}
	const hidden = parent && !parent.clientWidth;
	if (hidden) Object.defineProperty(parent, "clientWidth", { value: HIDDEN_WIDTH, configurable: true });
	try {
		return with_room(new Chart(parent, { ...options, animate: 0, disableEntryAnimation: 1 }));
	} finally {
		if (hidden) delete parent.clientWidth;
		holder.remove();
	}
};

// Frappe's charts keep room for two rows of names; in a narrow place there are more.
function with_room(chart) {
	const { svg, legendArea } = chart;
	if (svg && legendArea) {
		const missing = legendArea.getBoundingClientRect().bottom - svg.getBoundingClientRect().bottom;
		if (missing > 0) svg.setAttribute("height", svg.clientHeight + Math.ceil(missing) + 8);
	}
	return chart;
}
