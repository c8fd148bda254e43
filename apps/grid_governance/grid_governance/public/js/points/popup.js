// What a point of the map tells: what it is about, its state, when it is due, and the way to it.

/** One issue as a block with a link. */
export function about(issue) {
	const { due } = grid_governance;
	const box = $(`<div class="point-about">`);
	$(`<a class="point-title">`)
		.attr("href", `/app/grid-issue/${encodeURIComponent(issue.name)}`)
		.text(issue.title)
		.appendTo(box);
	const line = $(`<div class="point-marks">`).appendTo(box);
	const [state, colour] = frappe.get_indicator(issue, "Grid Issue") || [];
	if (state) $(`<span class="indicator-pill no-indicator-dot ${colour}">`).text(__(state)).appendTo(line);
	if (issue.urgency) $(`<span>`).text(grid_governance.urgency.label(issue.urgency)).appendTo(line);
	line.append(due.html(issue));
	return box;
}

/** Several issues at one place: a list of them; *more* are left out. */
export function list(issues, more) {
	const box = $(`<div class="point-list">`);
	issues.forEach((issue) => box.append(about(issue)));
	if (more > 0)
		$(`<div class="text-muted">`)
			.text(__("{0} more", [more]))
			.appendTo(box);
	return box;
}
