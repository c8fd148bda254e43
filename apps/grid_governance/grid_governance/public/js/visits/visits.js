// What is to be done at the doors today: the list, and the form of the household that is tapped.
import { VisitForm, sign_in } from "./form";
import * as outbox from "./outbox";
import { button, heading, line, name_of, row, short_day, when } from "./parts";

const TODAY = "grid_governance.grid_visits.today.today";
const FIND = "grid_governance.grid_visits.today.find";
const LAST = "visits-today";
const GRID = "visits-grid";
const WAIT = 400;
/** How often what waits is sent again while the page is open, in milliseconds. */
const AGAIN = 60000;

const SECTIONS = {
	must: () => __("Must Visit"),
	returns: () => __("Promised"),
	notices: () => __("To Be Told"),
	unvisited: () => __("Not Visited Yet"),
	later: () => __("Came Later"),
};
const FIRST = ["must", "returns", "notices"];

export class Visits {
	constructor(page) {
		this.page = page;
		const body = $('<div class="visits"></div>').appendTo(page.main);
		page.parent.disable_scroll_to_top = true; // back in the list one is where one was
		this.list = $('<div class="visits-list"></div>').appendTo(body);
		line(this.list, __("Loading..."), "visits-nothing");
		this.form_box = $('<div class="visits-form"></div>').appendTo(body);
		this.chosen = "";
		this.typed = "";
		window.addEventListener("online", () => this.send_waiting());
		setInterval(() => this.visible() && this.send_waiting(), AGAIN);
	}

	visible() {
		return frappe.get_route()[0] === "today" && document.visibilityState === "visible";
	}

	/** Show what the route says: the list, or the form of one household. */
	async show() {
		const household = frappe.get_route()[1];
		const other_user = this.user && this.user !== frappe.session.user;
		if (other_user) this.data = this.form = null;
		this.user = frappe.session.user;
		if (household) return this.open(household);
		this.form = null;
		this.form_box.empty();
		this.list.show();
		if (this.scrolled) window.scrollTo(0, this.scrolled);
		await this.refresh();
		this.send_waiting();
	}

	async refresh() {
		if (!this.data) {
			this.grid = (await grid_governance.drafts.find(GRID))?.grid;
			this.data = await grid_governance.drafts.find(LAST);
			if (this.data) await this.draw();
		}
		const answer = await grid_governance.send(TODAY, { grid: this.grid });
		if (answer.ok) {
			this.data = answer.message;
			this.fault = null;
			grid_governance.drafts.keep(LAST, this.data);
		} else this.fault = answer;
		await this.draw();
	}

	async send_waiting() {
		if (!(await outbox.waiting()).length) return;
		const { went } = await outbox.send_all();
		if (!this.form) await (went ? this.refresh() : this.draw());
	}

	// The form

	async open(household) {
		if (this.form?.visit.household === household && this.form_box.children().length) return;
		this.data ??= (await grid_governance.drafts.find(LAST)) || null;
		const known = [...(this.data?.lines || []), ...(this.found || [])];
		const given = { ...frappe.route_options, household }; // from the page of the household
		frappe.route_options = null;
		const of_list = known.find((each) => each.household === household) || given;
		if (this.list.is(":visible")) this.scrolled = window.scrollY;
		this.list.hide();
		this.form = new VisitForm(this.form_box, of_list, {
			left: () => frappe.set_route("today"),
			next: () => this.after(household),
			go: (other) => frappe.set_route("today", other),
			late: () => !this.form && this.refresh(),
		});
		window.scrollTo(0, 0);
		this.form.show();
	}

	after(household) {
		const lines = this.ordered();
		const at = lines.findIndex((each) => each.household === household);
		return lines.slice(at + 1).find((each) => !this.done?.has(each.household));
	}

	// The list

	async draw() {
		const [waiting, unfinished] = [await outbox.waiting(), await outbox.unfinished()];
		const top = window.scrollY;
		this.done = new Set(waiting.map(({ household }) => household));
		const focused = document.activeElement?.classList.contains("visits-search");
		const box = this.list.children(".visits-search-row").detach();
		this.list.empty();
		if (this.fault) this.draw_fault();
		this.draw_kept(waiting, unfinished);
		if (!this.data) return;
		this.draw_grids();
		this.draw_round();
		(box.length ? box : this.search_box()).appendTo(this.list);
		this.draw_chips();
		this.lines_box = row(this.list, "visits-lines");
		this.draw_lines();
		if (focused) box.find("input").trigger("focus");
		if (this.list.is(":visible")) window.scrollTo(0, top);
	}

	draw_fault() {
		const { why, words } = this.fault;
		const box = row(this.list, "visit-note");
		line(box, why === "connection" && this.data ? __("No connection. This is the last list.") : words);
		if (why === "session") sign_in(box);
		else button(__("Try Again"), () => this.refresh()).appendTo(box);
	}

	draw_kept(waiting, unfinished) {
		if (waiting.length) {
			const box = row(this.list, "visit-note");
			line(box, __("{0} visits wait on this phone to be sent.", [waiting.length]), "visit-strong");
			button(__("Send Now"), () => this.send_waiting(), { name: "send-now" }).appendTo(box);
		}
		unfinished.forEach((visit) => {
			const box = row(this.list, "visit-note");
			line(box, __("Not finished: {0}", [visit.title]), "visit-strong");
			if (visit.refused) line(box, visit.refused, "visit-red");
			button(__("Go On with It"), () => frappe.set_route("today", visit.household), {
				look: "btn-primary",
				name: "go-on",
			}).appendTo(box);
		});
	}

	// Who serves many grids sees one at a time.
	draw_grids() {
		const { grids, grid } = this.data;
		if (grids.length < 2) return;
		const box = $('<select class="form-control visit-words"></select>').attr("aria-label", __("Grid"));
		if (!grid) $('<option value=""></option>').text(__("All My Grids")).appendTo(box);
		grids.forEach(({ name, grid_name }) =>
			$("<option></option>").val(name).text(grid_name).appendTo(box)
		);
		box.val(grid || "").on("change", () => {
			this.grid = box.val();
			grid_governance.drafts.keep(GRID, { grid: this.grid });
			this.refresh();
		});
		box.appendTo(this.list);
	}

	draw_round() {
		const { round } = this.data;
		if (!round) return line(this.list, __("No round is open in your grid at present."), "visit-note");
		const { visited, households, until } = round;
		if (!households) return null;
		const box = row(this.list, "visits-round");
		const told = $('<div class="visits-figure"></div>').appendTo(box);
		$("<b></b>").text(`${visited} / ${households}`).appendTo(told);
		$("<span></span>")
			.text(__("households visited, until {0}", [short_day(until)]))
			.appendTo(told);
		const share = Math.min(100, (visited / households) * 100);
		$('<div class="visits-bar"><i></i></div>').appendTo(box).find("i").css("width", `${share}%`);
		return box;
	}

	search_box() {
		const hint = __("Name, initials or house number");
		const input = $('<input type="search" class="form-control visit-words visits-search">')
			.attr({ placeholder: hint, "aria-label": hint, autocomplete: "off" })
			.val(this.typed);
		const ask = frappe.utils.debounce(() => this.find_others(), WAIT);
		input.on("input", () => {
			this.typed = input.val();
			this.found = [];
			this.draw_lines();
			ask();
		});
		return $('<div class="visits-search-row"></div>').append(input);
	}

	draw_chips() {
		const { counts, lines } = this.data;
		if (!lines.length) return;
		const box = row(this.list, "visit-chips visits-chips");
		const put = (section, label, count, late) =>
			button(`${label} ${count}`, () => this.choose(section), {
				name: `section-${section || "all"}`,
				pressed: this.chosen === section,
				look: late ? "btn-default visit-late" : "btn-default",
			}).appendTo(box);
		put("", __("All"), lines.length);
		Object.entries(SECTIONS).forEach(([section, label]) => {
			const late = lines.some(({ why }) => why.some((each) => each.section === section && each.late));
			if (counts[section]) put(section, label(), counts[section], late);
		});
	}

	choose(section) {
		this.chosen = section;
		this.list.find(".visits-chips [data-action]").each((at, each) =>
			$(each)
				.attr("aria-pressed", each.dataset.action === `section-${section || "all"}`)
				.toggleClass("visit-chosen", each.dataset.action === `section-${section || "all"}`)
		);
		this.draw_lines();
	}

	matching() {
		const typed = this.typed.normalize("NFKC").toLowerCase().replace(/[\s']/g, "").replaceAll("ü", "v");
		const lines = this.data.lines.filter(
			({ sections }) => !this.chosen || sections.includes(this.chosen)
		);
		if (!typed) return lines;
		const begins = /^[a-z0-9]/.test(typed);
		return lines.filter(({ search }) =>
			begins ? ` ${search}`.includes(` ${typed}`) : search.includes(typed)
		);
	}

	/** The lines in the order in which they are shown: what cannot wait, the round, those that came later. */
	ordered() {
		return this.groups().flatMap(({ lines }) => lines);
	}

	groups() {
		const lines = this.data ? this.matching() : [];
		const urgent = lines.filter(({ sections }) => sections.some((each) => FIRST.includes(each)));
		const others = lines.filter((each) => !urgent.includes(each));
		return [
			{ title: __("First of All"), lines: urgent },
			{
				title: SECTIONS.unvisited(),
				lines: others.filter(({ sections }) => sections.includes("unvisited")),
			},
			{
				title: SECTIONS.later(),
				lines: others.filter(({ sections }) => !sections.includes("unvisited")),
			},
		].filter((group) => group.lines.length);
	}

	draw_lines() {
		const box = this.lines_box.empty();
		const groups = this.groups();
		const several = new Set(this.data.lines.map(({ grid_name }) => grid_name)).size > 1;
		groups.forEach(({ title, lines }) => {
			heading(box, `${title} ${lines.length}`);
			lines.forEach((each) => this.line(each, several).appendTo(box));
		});
		const shown = new Set(groups.flatMap(({ lines }) => lines.map(({ household }) => household)));
		const others = (this.found || []).filter(({ household }) => !shown.has(household));
		if (others.length) heading(box, __("Other Households"));
		others.forEach((each) => this.line(each, true).appendTo(box));
		if (groups.length || others.length) return;
		const nothing = this.typed ? __("Nobody found in your grids.") : __("Everything is done. Thank you.");
		line(box, nothing, "visits-nothing");
	}

	line(each, several) {
		const { household, household_no, address, grid_name, why, tries, late, who = [] } = each;
		const waits = this.done?.has(household);
		const made = $('<button type="button" class="visits-line"></button>')
			.attr({ "data-household": household })
			.toggleClass("visits-late", late)
			.on("click", () => frappe.set_route("today", household));
		const text = row(made, "visits-text");
		const top = row(text, "visits-name");
		if (household_no) $('<span class="visits-door"></span>').text(household_no).appendTo(top);
		$("<span></span>").text(name_of(each)).appendTo(top);
		const where = [several && grid_name, address, ...who].filter(Boolean).join(" · ");
		if (where) line(text, where, "visit-where");
		const marks = row(text, "visits-marks");
		why.map(mark).forEach((told) => told && marks.append(told));
		if (tries) marks.append(badge(__("Nobody there, {0} times", [tries]), "tried"));
		if (waits) marks.append(badge(__("Waits to be sent"), "waits"));
		$('<span class="visits-arrow" aria-hidden="true">›</span>').appendTo(made);
		return made;
	}

	// Those that nothing is to be done at, too: asked of the server while one types.
	async find_others() {
		const text = this.typed.trim();
		if (!text) return;
		const answer = await grid_governance.send(FIND, { text });
		if (!answer.ok || this.typed.trim() !== text) return;
		this.found = answer.message;
		this.draw_lines();
	}
}

const badge = (text, look) => $(`<span class="visit-mark visit-mark-${look}"></span>`).text(text);

function mark({ section, who, words, on, late }) {
	const look = late ? "late" : section;
	if (section === "must") return badge(joined(__("Must Visit"), who, when(on)), look);
	if (section === "returns") return badge(joined(__("Promised"), when(on), words), look);
	if (section === "notices") return badge(joined(__("To Be Told"), words, who), look);
	return null;
}

const joined = (...parts) => parts.filter(Boolean).join(" ");
