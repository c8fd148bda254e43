frappe.pages["report-issue"].on_page_load = (wrapper) => {
	const page = frappe.ui.make_app_page({
		parent: wrapper,
		title: __("Report a Matter"),
		single_column: true,
	});
	wrapper.report = new ReportIssue(page);
};

frappe.pages["report-issue"].on_page_show = (wrapper) => wrapper.report?.show();

const DOORSTEP = "grid_governance.grid_issues.doorstep";
const NEAR = "grid_governance.grid_issues.duplicates.near";
const DRAFT = "report";
const START = "report-start";
/** Categories that stand as buttons; the others are a tap away. */
const BUTTONS = 6;
const TEXTS = ["location_note", "description"];

// A matter reported with a phone: the photo, the category, the place, done. What is entered is kept in the phone until
// the server has it.
class ReportIssue {
	constructor(page) {
		this.page = page;
		const { send, photos, drafts } = grid_governance;
		Object.assign(this, { send, photos, drafts });
		this.body = $('<div class="report-issue"></div>').appendTo(page.main);
		page.add_menu_item(__("Fill In the Whole Form"), () => this.open_form());
		window.addEventListener("online", () => this.waiting && this.hand_in(...this.waiting));
	}

	async show() {
		const at = household_of(frappe.route_options);
		if (at) frappe.route_options = null;
		else if (this.values && this.user === frappe.session.user) return;
		this.user = frappe.session.user;
		const draft = await this.drafts.find(DRAFT);
		this.start = await this.begin();
		this.draw(draft, at);
	}

	// What a report begins with; without a connection what it began with last time.
	async begin() {
		const answer = await this.send(`${DOORSTEP}.start`, {});
		if (!answer.ok)
			return (await this.drafts.find(START)) || { categories: [], own: [], words: answer.words };
		this.drafts.keep(START, answer.message);
		return answer.message;
	}

	draw(draft, at) {
		this.values = {
			client_key: new_key(),
			begun_at: Date.now(),
			grid: this.start.grid || "",
			grid_name: this.start.grid_name || "",
			...at,
		};
		this.waiting = null;
		this.all_categories = false;
		this.body.empty();
		if (draft) this.offer(draft);
		this.parts = {};
		["photo", "category", "place", "words", "duplicates", "hand_in"].forEach((part) => {
			this.parts[part] = $(`<section class="report-${part}"></section>`).appendTo(this.body);
		});
		this.draw_all();
		if (this.start.words) this.say(this.start.words, "orange");
	}

	draw_all() {
		this.draw_photo();
		this.draw_categories();
		this.draw_place();
		this.draw_words();
		this.draw_hand_in();
		this.look_for_duplicates();
	}

	// What was not sent last time

	offer(draft) {
		const label = this.label_of(draft.category);
		const words = [label, draft.location_note, draft.description].filter(Boolean).join(" · ");
		const box = $('<section class="report-offer"></section>').appendTo(this.body);
		$("<div>").text(__("You had not finished this report:")).appendTo(box);
		$('<div class="report-what"></div>')
			.text(words || __("a photo"))
			.appendTo(box);
		const row = $('<div class="report-row"></div>').appendTo(box);
		big_button(__("Go On with It"), "btn-primary", () => {
			box.remove();
			Object.assign(this.values, { household: "", household_title: "" }, draft);
			this.draw_all();
		}).appendTo(row);
		big_button(__("Throw It Away"), "btn-default", () => {
			box.remove();
			this.drafts.drop(DRAFT);
		}).appendTo(row);
	}

	keep() {
		return this.drafts.keep(DRAFT, this.values);
	}

	set(values) {
		Object.assign(this.values, values);
		this.body.find(".report-offer").remove();
		return this.keep();
	}

	// Photo

	draw_photo() {
		const box = this.parts.photo.empty();
		const { photo } = this.values;
		if (this.shown_photo) URL.revokeObjectURL(this.shown_photo);
		this.shown_photo = photo && URL.createObjectURL(photo);
		if (photo) $('<img class="report-picture" alt="">').attr("src", this.shown_photo).appendTo(box);
		const row = $('<div class="report-row"></div>').appendTo(box);
		const [look, label] = photo
			? ["btn-default", __("Take Another Photo")]
			: ["btn-primary", __("Take a Photo")];
		big_button(label, look, () => this.take_photo({ camera: true }), "camera").appendTo(row);
		big_button(__("From the Album"), "btn-default", () => this.take_photo({}), "album").appendTo(row);
	}

	async take_photo(how) {
		try {
			this.set({ photo: await this.photos.ask(how) });
			this.draw_photo();
		} catch {
			this.say(this.photos.unreadable(), "red");
		}
	}

	// Category

	label_of(name) {
		return this.start.categories.find((each) => each.name === name)?.label || "";
	}

	draw_categories() {
		const box = this.parts.category.empty();
		heading(box, __("What Kind of Matter"));
		const { categories, own } = this.start;
		const rest = categories.map(({ name }) => name).filter((name) => !own.includes(name));
		const first = [...own, ...rest].slice(0, BUTTONS);
		const { category } = this.values;
		if (category && !first.includes(category)) first.unshift(category);
		const row = $('<div class="report-choices"></div>').appendTo(box);
		first.forEach((name) => this.category_button(name).appendTo(row));
		if (this.all_categories) this.draw_all_categories(box);
		else
			big_button(__("All Categories"), "btn-default report-wide", () => {
				this.all_categories = true;
				this.draw_categories();
			}).appendTo(box);
		const chosen = categories.find((each) => each.name === category);
		if (chosen) $('<div class="report-note"></div>').text(proposal(chosen)).appendTo(box);
	}

	category_button(name) {
		const chosen = name === this.values.category;
		return big_button(this.label_of(name), chosen ? "btn-primary" : "btn-default", () => {
			this.all_categories = false;
			this.set({ category: name });
			this.draw_categories();
			this.look_for_duplicates();
		}).attr({ "data-category": name, "aria-pressed": chosen });
	}

	draw_all_categories(box) {
		const search = $('<input type="search" class="form-control report-search">')
			.attr("placeholder", __("Search categories"))
			.appendTo(box);
		const list = $('<div class="report-choices"></div>').appendTo(box);
		const show = () => {
			const typed = search.val().trim().toLowerCase();
			list.empty();
			this.start.categories
				.filter(({ label, group }) => `${group || ""} ${label}`.toLowerCase().includes(typed))
				.forEach(({ name }) => this.category_button(name).appendTo(list));
		};
		search.on("input", show);
		show();
	}

	// Place

	draw_place() {
		const box = this.parts.place.empty();
		heading(box, __("Where Is It"));
		const { grid, grid_name, household, household_title, latitude, accuracy } = this.values;
		if (household) {
			this.place_line(box, household_title, __("Not at This Household"), () => {
				this.set({ household: "", household_title: "" });
				this.draw_place();
			});
			this.place_line(box, grid_name);
		} else if (grid_name) {
			const line = this.place_line(box, grid_name, __("Another Grid"), () => this.choose_grid(line));
		} else this.choose_grid($("<div>").appendTo(box), grid);
		const here = latitude !== undefined;
		big_button(
			here ? __("Located, to within {0} metres", [Math.ceil(accuracy)]) : __("Use My Location"),
			here ? "btn-success report-wide" : "btn-default report-wide",
			() => this.locate(),
			"locate"
		).appendTo(box);
		this.text_box("location_note", __("Where exactly: house number, road, landmark."), "input").appendTo(
			box
		);
	}

	place_line(box, words, label, act) {
		const line = $('<div class="report-grid"></div>').appendTo(box);
		$("<span>").text(words).appendTo(line);
		if (label)
			$('<button type="button" class="btn btn-link"></button>')
				.text(label)
				.on("click", act)
				.appendTo(line);
		return line;
	}

	choose_grid(box) {
		box.empty();
		const control = frappe.ui.form.make_control({
			parent: box,
			df: {
				fieldtype: "Link",
				options: "Grid",
				fieldname: "grid",
				label: __("Grid"),
				change: () => {
					const grid = control.get_value();
					if (grid === this.values.grid) return;
					this.set({ grid, grid_name: "" });
					this.look_for_duplicates();
				},
			},
			render_input: true,
		});
	}

	locate() {
		const sorry = () =>
			this.say(
				__("This phone does not tell where it is. Write down the exact place instead."),
				"orange"
			);
		if (!navigator.geolocation) return sorry();
		this.say(__("Looking for the place..."), "blue");
		navigator.geolocation.getCurrentPosition(
			({ coords: { latitude, longitude, accuracy } }) => {
				this.say("");
				this.set({ latitude, longitude, accuracy });
				this.draw_place();
				this.look_for_duplicates();
			},
			sorry,
			{ enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 }
		);
	}

	// Words

	draw_words() {
		const box = this.parts.words.empty();
		heading(box, __("More About It"));
		this.text_box("description", __("May be left empty."), "textarea").appendTo(box);
	}

	text_box(fieldname, hint, tag) {
		return $(`<${tag} class="form-control" data-fieldname="${fieldname}"></${tag}>`)
			.attr({ placeholder: hint, "aria-label": hint, maxlength: 140 })
			.attr(tag === "textarea" ? { rows: 2, maxlength: 1000 } : {})
			.val(this.values[fieldname] || "")
			.on("input", ({ target }) => this.set({ [fieldname]: target.value }));
	}

	// What may be known already

	async look_for_duplicates() {
		const { grid, category, latitude, longitude } = this.values;
		const box = this.parts.duplicates.empty();
		this.button.text(__("Report It"));
		if (!grid || !category) return;
		const asked = { grid, category, latitude, longitude };
		const answer = await this.send(NEAR, asked);
		const known = answer.ok ? answer.message || [] : [];
		if (Object.keys(asked).some((key) => asked[key] !== this.values[key]) || !known.length) return;
		heading(box.empty(), __("Is it one of these, already reported?"));
		known.forEach((issue) => this.draw_known(box, issue));
		this.button.text(__("None of These: Report It"));
	}

	draw_known(box, issue) {
		const row = $('<div class="report-known"></div>').appendTo(box);
		const text = $("<div>").appendTo(row);
		$('<div class="report-what"></div>').text(issue.title).appendTo(text);
		const far = issue.distance_m === null ? "" : __("{0} metres away", [Math.round(issue.distance_m)]);
		const told = [__(issue.state), frappe.datetime.str_to_user(issue.reported_on), far];
		$('<div class="text-muted"></div>').text(told.filter(Boolean).join(" · ")).appendTo(text);
		big_button(__("The Same"), "btn-default", () =>
			this.hand_in("join", { issue: issue.name, words: this.words() })
		).appendTo(row);
	}

	words() {
		return TEXTS.map((field) => this.values[field])
			.filter(Boolean)
			.join(" · ");
	}

	// Handing it in

	draw_hand_in() {
		const box = this.parts.hand_in.empty();
		this.message = $('<div class="report-message" role="status"></div>').appendTo(box);
		this.button = big_button(__("Report It"), "btn-primary report-wide report-send", () =>
			this.hand_in("report")
		).appendTo(box);
	}

	say(words, colour = "") {
		this.message.empty().attr("class", `report-message ${colour}`).text(words);
	}

	async hand_in(method, more) {
		const { category, grid, photo, client_key, begun_at } = this.values;
		if (!category) return this.say(__("Choose what it is about."), "red");
		if (!grid) return this.say(__("Choose the grid where it is."), "red");
		if (this.sending) return;
		this.sending = true;
		this.waiting = null;
		this.body.find("button").prop("disabled", true);
		this.say(__("Sending..."), "blue");
		await this.keep();
		const { location_note, description, latitude, longitude, household = "" } = this.values;
		const answer = await this.send(`${DOORSTEP}.${method}`, {
			client_key,
			...(more || { category, grid, household, location_note, description, latitude, longitude }),
			...(more ? {} : { waited: (Date.now() - begun_at) / 1000 }),
			photo: photo && new File([photo], "photo.jpg", { type: photo.type }),
		});
		this.sending = false;
		this.body.find("button").prop("disabled", false);
		if (answer.ok) return this.thank(answer.message, method);
		this.fail(answer, [method, more]);
	}

	fail({ why, words }, call) {
		if (why === "connection") {
			this.waiting = call;
			words += " " + __("It is sent by itself as soon as there is a connection.");
		}
		this.say(words, why === "connection" ? "orange" : "red");
		if (why !== "session") return;
		const back = encodeURIComponent("/app/report-issue");
		$('<a class="btn btn-primary report-big report-wide"></a>')
			.attr("href", `/login?redirect-to=${back}`)
			.text(__("Sign In Again"))
			.appendTo(this.message);
	}

	async thank(issue, method) {
		await this.drafts.drop(DRAFT);
		const { household } = this.values;
		this.values = null;
		this.body.empty();
		const box = $('<section class="report-done"></section>').appendTo(this.body);
		$('<div class="report-tick">✓</div>').appendTo(box);
		$("<h2>")
			.text(method === "join" ? __("Added to the Issue") : __("Reported"))
			.appendTo(box);
		$('<div class="report-what"></div>').text(issue.title).appendTo(box);
		$('<div class="text-muted"></div>')
			.text(`${issue.name} · ${__(issue.state)}`)
			.appendTo(box);
		const row = $('<div class="report-row"></div>').appendTo(box);
		big_button(__("Look at It"), "btn-primary", () =>
			frappe.set_route("Form", "Grid Issue", issue.name)
		).appendTo(row);
		if (household)
			big_button(__("Back to the Household"), "btn-default", () =>
				frappe.set_route("Form", "Household", household)
			).appendTo(row);
		else big_button(__("Report Another"), "btn-default", () => this.draw()).appendTo(row);
	}

	open_form() {
		const name = frappe.model.make_new_doc_and_get_name("Grid Issue", true);
		frappe.set_route("Form", "Grid Issue", name);
	}
}

// The household at which a report begins, when its page has led here.
function household_of(given) {
	if (!given?.household) return null;
	const { household, household_title, grid, grid_name } = given;
	return { household, household_title, grid, grid_name };
}

function big_button(label, look, act, name) {
	return $(`<button type="button" class="btn report-big ${look}"></button>`)
		.attr(name ? { "data-action": name } : {})
		.text(label)
		.on("click", act);
}

function heading(box, text) {
	$('<h3 class="report-heading"></h3>').text(text).appendTo(box);
}

// What the category proposes, said before it is reported.
function proposal({ urgency_name, needs_photo }) {
	return [
		urgency_name && `${__("Urgency")}：${urgency_name}`,
		needs_photo && __("A photo of the result will be needed."),
	]
		.filter(Boolean)
		.join(" · ");
}

function new_key() {
	return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
		byte.toString(16).padStart(2, "0")
	).join("");
}
