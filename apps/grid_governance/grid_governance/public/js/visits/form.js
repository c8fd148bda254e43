// The form of one visit: what came of it in one tap, everything else below, to be left out. Each change is kept in the
// phone at once.
import { ask, kinds_offered, label_of, people_after, with_effect, words_of } from "./effects";
import * as outbox from "./outbox";
import { SPOKEN } from "./outbox";
import { button, day_of, heading, in_days, line, name_of, row, short_day, today, when, words } from "./parts";

const START = "grid_governance.grid_visits.door.start";
const TAKE_BACK = "grid_governance.grid_visits.taking_back.take_back";
const MOST_PHOTOS = 3;

const OUTCOMES = {
	Met: () => __("Met Them"),
	"Nobody Home": () => __("Nobody There"),
	"Would Not Talk": () => __("Would Not Talk"),
	"By Phone": () => __("Talked by Phone"),
};
const SECTIONS = ["head", "outcome", "people", "notices", "topics", "note", "beside", "again", "more"];

export class VisitForm {
	/** Draw in `place`, in a box of its own: what is answered late is not drawn over the next form. `line_of_list`: the household as
	 * the list knows it; `left`: called when one goes back, `next`: gives the household to go to after this one, or none; `go`:
	 * opens a household; `late`: called when a visit went that one had left already. */
	constructor(place, line_of_list, { left, next, go, late }) {
		Object.assign(this, { left, next, go, late });
		this.box = row(place.empty(), "");
		this.visit = outbox.new_visit(line_of_list);
		this.start = {};
	}

	async show() {
		const { household } = this.visit;
		const draft = await outbox.draft_of(household);
		if (draft) this.visit = { ...this.visit, ...draft };
		this.begun_before = Boolean(draft);
		this.finished = Boolean(draft?.refused); // it happened when it was finished, whatever is put right now
		if (this.visit.outcome === "Refused") this.visit.outcome = "Would Not Talk"; // begun before the option was renamed
		this.draw();
		if (draft?.refused) this.say(draft.refused, "visit-red");
		await this.load(household);
	}

	async load(household) {
		const answer = await grid_governance.send(START, { household });
		if (household !== this.visit?.household) return;
		if (!answer.ok) return this.without_start(answer);
		this.start = answer.message;
		const { title, address, household_no } = this.start.household;
		Object.assign(this.visit, { title, address, household_no }, this.still_there());
		Object.assign(this.visit, this.met_alone(this.visit.outcome));
		this.draw_parts();
	}

	// A draft may be older than a move or a merge, and what was told meanwhile is told.
	still_there() {
		const { people, notices } = this.start;
		return {
			residents_met: this.visit.residents_met.filter((name) =>
				people.some(({ resident }) => resident === name)
			),
			told: this.visit.told.filter((name) => notices.some(({ delivery }) => delivery === name)),
		};
	}

	// The visit can be entered all the same: the names of the people are what one misses.
	without_start({ why, words: told }) {
		if (why === "refused") {
			this.save_button.prop("disabled", true);
			return this.say(told, "visit-red");
		}
		if (why === "session") return this.say_failed({ why, words: told });
		this.say(
			__("No connection. You can enter the visit all the same; it is sent later."),
			"visit-orange"
		);
	}

	draw() {
		this.box.empty();
		this.parts = {};
		SECTIONS.forEach((part) => {
			this.parts[part] = $(`<section class="visit-of-${part}"></section>`).appendTo(this.box);
		});
		this.draw_bar();
		this.draw_parts();
	}

	// Where somebody is typing, nothing is drawn over her hands.
	draw_parts() {
		SECTIONS.filter((part) => !this.parts[part][0].contains(document.activeElement)).forEach((part) =>
			this.redraw(part)
		);
	}

	set(values) {
		Object.assign(this.visit, values);
		delete this.visit.refused;
		this.say("");
		return outbox.keep_draft(this.visit);
	}

	toggle(list, value) {
		const chosen = this.visit[list];
		return this.set({
			[list]: chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value],
		});
	}

	redraw(part) {
		this[`draw_${part}`](this.parts[part].empty());
	}

	offer_anew(place) {
		const box = row(place, "visit-note visit-again-bar");
		line(box, __("What you had entered is still there."));
		const anew = async () => {
			await outbox.drop_draft(this.visit);
			this.visit = outbox.new_visit(this.visit);
			this.begun_before = this.finished = false;
			this.draw();
		};
		button(__("Begin Anew"), anew, { name: "anew" }).appendTo(box);
	}

	// Who it is

	draw_head(box) {
		const { title, address, household_no } = this.visit;
		line(box, name_of(this.visit), "visit-title");
		const where = [household_no, address, this.start.household?.grid_name];
		line(box, where.filter(Boolean).join(" · "), "visit-where");
		(this.start.returns || []).forEach(({ return_on, return_note }) =>
			line(
				box,
				[__("Promised for {0}", [short_day(return_on)]), return_note].filter(Boolean).join(" · "),
				"visit-mark visit-mark-returns"
			)
		);
		if (this.begun_before) this.offer_anew(box);
	}

	// What came of it

	draw_outcome(box) {
		const grid = row(box, "visit-choices");
		Object.entries(OUTCOMES).forEach(([outcome, label]) =>
			button(label(), () => this.choose(outcome), {
				name: `outcome-${outcome}`,
				pressed: this.visit.outcome === outcome,
			}).appendTo(grid)
		);
		const { at, ahead = 0 } = this.visit;
		const day = at && day_of(at - ahead);
		if (day && day !== today()) line(box, __("Visited on {0}", [short_day(day)]), "visit-note");
	}

	// It happened when it was tapped what came of it: who comes again after days taps anew.
	choose(outcome) {
		const same = this.finished || outcome === this.visit.outcome;
		const happened = same ? {} : { at: Date.now(), ahead: grid_governance.clock.ahead };
		this.set({ outcome, ...happened, ...this.met_alone(outcome) });
		SECTIONS.filter((part) => part !== "head").forEach((part) => this.redraw(part));
	}

	// Where one person lives, it is she who was met.
	met_alone(outcome) {
		const { people = [] } = this.start;
		const alone = outcome === "Met" && people.length === 1 && !this.visit.residents_met.length;
		return alone ? { residents_met: [people[0].resident] } : {};
	}

	draw_people(box) {
		const { people = [] } = this.start;
		if (!SPOKEN.includes(this.visit.outcome) || !people.length) return;
		heading(box, __("Whom Did You Meet"));
		const grid = row(box, "visit-choices");
		people.forEach(({ resident, resident_name, age, must_due }) => {
			const made = button(resident_name, () => this.toggle_person(resident), {
				name: `met-${resident}`,
				pressed: this.visit.residents_met.includes(resident),
			}).appendTo(grid);
			const about = [age !== null && age !== undefined && __("{0} years", [age])];
			if (must_due) about.push(`${__("Must Visit")} ${when(must_due)}`);
			line(made, about.filter(Boolean).join(" · "), must_due ? "visit-small visit-red" : "visit-small");
		});
		const missing = people.filter(
			({ resident, must_due }) => must_due && !this.visit.residents_met.includes(resident)
		);
		if (missing.length && this.visit.outcome === "Met")
			line(
				box,
				__("Tap the name if you met: {0}", [
					missing.map(({ resident_name }) => resident_name).join("、"),
				]),
				"visit-note"
			);
	}

	toggle_person(resident) {
		this.toggle("residents_met", resident);
		this.redraw("people");
	}

	// What was told

	draw_notices(box) {
		const { notices = [] } = this.start;
		const { outcome, told } = this.visit;
		if (!notices.length || !SPOKEN.includes(outcome)) return;
		heading(box, __("To Be Told"));
		notices.forEach(({ delivery, title, text, resident_name }) => {
			const card = row(box, "visit-card");
			line(card, [title, resident_name].filter(Boolean).join(" · "), "visit-strong");
			if (text) line(card, frappe.utils.html2text(text), "visit-text");
			const done = told.includes(delivery);
			button(done ? `✓ ${__("Told Them")}` : __("Told Them"), () => this.tell(delivery), {
				name: `told-${delivery}`,
				pressed: done,
			}).appendTo(card);
		});
	}

	tell(delivery) {
		this.toggle("told", delivery);
		this.redraw("notices");
	}

	// What it was about

	draw_topics(box) {
		const { topics = [] } = this.start;
		if (!topics.length || !SPOKEN.includes(this.visit.outcome)) return;
		heading(box, __("What Did You Talk About"));
		const grid = row(box, "visit-chips");
		topics.forEach(({ name, label }) =>
			button(label, () => this.toggle_topic(name), {
				name: `topic-${name}`,
				pressed: this.visit.topics.includes(name),
			}).appendTo(grid)
		);
	}

	toggle_topic(name) {
		this.toggle("topics", name);
		this.redraw("topics");
	}

	// Words and photos

	draw_note(box) {
		if (!this.visit.outcome) return;
		words(this.visit.note, __("Write something down (may be left empty)"), (note) => this.set({ note }), {
			...{ rows: 2, max: 1000, name: "note" },
		}).appendTo(box);
		this.draw_photos(row(box, "visit-photos"));
	}

	draw_photos(box) {
		const { photos } = this.visit;
		(this.shown || []).forEach((url) => URL.revokeObjectURL(url));
		this.shown = photos.map((photo) => URL.createObjectURL(photo));
		this.shown.forEach((url, place) => {
			const card = row(box, "visit-photo");
			$('<img alt="">').attr("src", url).appendTo(card);
			button("✕", () => this.drop_photo(place))
				.attr("aria-label", __("Remove the Photo"))
				.appendTo(card);
		});
		if (photos.length < MOST_PHOTOS)
			button(__("Take a Photo"), () => this.take_photo(), { name: "photo" }).appendTo(box);
	}

	async take_photo() {
		try {
			const photo = await grid_governance.photos.ask();
			await this.set({ photos: [...this.visit.photos, photo] });
			this.redraw("note");
		} catch {
			this.say(grid_governance.photos.unreadable(), "visit-red");
		}
	}

	drop_photo(place) {
		const { photos, effects } = this.visit;
		const left = place ? effects : effects.map(({ photo, ...effect }) => effect); // another photo is the first one now
		this.set({ photos: photos.filter((photo, at) => at !== place), effects: left });
		this.redraw("note");
		if (place || !effects.some(({ photo }) => photo)) return;
		this.say(__("The matter that this photo showed goes without one now."), "visit-orange");
		this.redraw("beside");
	}

	// What it does beside

	draw_beside(box) {
		const kinds = kinds_offered(this.start);
		const { effects, outcome } = this.visit;
		if (!outcome || (!kinds.length && !effects.length)) return;
		heading(box, __("Do Along the Way"));
		effects.forEach((effect, place) => {
			const card = row(box, "visit-card visit-effect");
			line(card, words_of(effect), "visit-strong");
			button(__("Remove"), () => this.drop_effect(place)).appendTo(card);
		});
		const asked = row(box, "");
		const grid = row(box, "visit-choices");
		kinds.forEach((kind) =>
			button(label_of(kind, this.start), () => this.ask_for(kind, asked), {
				name: `effect-${kind}`,
			}).appendTo(grid)
		);
	}

	ask_for(kind, box) {
		const again = () => this.redraw("beside");
		const { photos, effects } = this.visit;
		const people = people_after(this.start.people, effects);
		const add = (effect) => {
			if (this.visit.photos[0] !== photos[0]) delete effect.photo; // another one is the first by now
			this.set({ effects: with_effect(effects, effect) });
			if (effects.at(-1)?.kind === "newcomer" && effect.next_head)
				this.say(
					__("Somebody new was entered: is the relation the one to the new head?"),
					"visit-orange"
				);
			again();
		};
		ask(box, kind, { ...this.start, people, photos: photos.length }, { add, cancel: again });
		box[0].scrollIntoView({ block: "nearest" });
	}

	drop_effect(place) {
		this.set({ effects: this.visit.effects.filter((effect, at) => at !== place) });
		this.redraw("beside");
	}

	// What was promised

	draw_again(box) {
		const { outcome, return_on, return_note } = this.visit;
		if (!outcome) return;
		heading(box, __("Come Again"));
		const days = [
			["", __("Not Needed")],
			[in_days(1), __("Tomorrow")],
			[in_days(3), __("In Three Days")],
			[in_days(7), __("In a Week")],
		];
		const grid = row(box, "visit-choices");
		days.forEach(([day, label]) =>
			button(label, () => this.promise(day), {
				name: `again-${days.findIndex(([each]) => each === day)}`,
				pressed: (return_on || "") === day,
			}).appendTo(grid)
		);
		if (!return_on) return;
		const date = words(return_on, __("On Which Day"), (day) => this.set({ return_on: day }), {
			...{ type: "date", name: "return_on" },
		});
		date.attr("min", today()).appendTo(box);
		words(return_note, __("What For"), (note) => this.set({ return_note: note }), {
			name: "return_note",
		}).appendTo(box);
	}

	promise(return_on) {
		this.set({ return_on, ...(return_on ? {} : { return_note: "" }) });
		this.redraw("again");
	}

	// What is seldom needed

	draw_more(box) {
		if (!this.visit.outcome) return;
		const details = $("<details></details>").prop("open", this.more_open).appendTo(box);
		details.on("toggle", () => (this.more_open = details.prop("open")));
		$("<summary></summary>").text(__("Who Came Along, Kind of Visit, Place")).appendTo(details);
		const { companions, latitude, visit_kind } = this.visit;
		companions.forEach((one, place) => this.draw_companion(details, one, place));
		button(__("Somebody Came Along"), () => {
			this.set({ companions: [...companions, { companion_name: "", belongs_to: "" }] });
			this.redraw("more");
		}).appendTo(details);
		this.draw_kind(details, visit_kind);
		button(latitude === undefined ? __("Use My Location") : `✓ ${__("Located")}`, () => this.locate(), {
			pressed: latitude !== undefined,
		}).appendTo(details);
	}

	draw_companion(box, one, place) {
		const change = (field) => (value) => {
			const companions = this.visit.companions.map((each, at) =>
				at === place ? { ...each, [field]: value } : each
			);
			this.set({ companions });
		};
		const { companion_name, belongs_to } = one;
		words(companion_name, __("Name"), change("companion_name"), { name: "companion_name" }).appendTo(box);
		words(belongs_to, __("From Where"), change("belongs_to"), { name: "belongs_to" }).appendTo(box);
	}

	draw_kind(box, visit_kind) {
		const kinds = this.start.kinds || [];
		if (!kinds.length) return;
		const grid = row(box, "visit-chips");
		kinds.forEach((kind) =>
			button(
				__(kind),
				() => {
					this.set({ visit_kind: kind });
					this.redraw("more");
				},
				{ pressed: (visit_kind || kinds[0]) === kind }
			).appendTo(grid)
		);
	}

	locate() {
		const sorry = () => this.say(__("This phone does not tell where it is."), "visit-orange");
		if (!navigator.geolocation) return sorry();
		this.say(__("Looking for the place..."));
		navigator.geolocation.getCurrentPosition(
			({ coords: { latitude, longitude } }) => {
				this.set({ latitude, longitude });
				this.redraw("more");
			},
			sorry,
			{ enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 }
		);
	}

	// Saving

	draw_bar() {
		const bar = row(this.box, "visit-bar");
		this.message = line(bar, "", "visit-message").attr("role", "status");
		const buttons = row(bar);
		button(__("Back to the List"), () => this.left(), { name: "back" }).appendTo(buttons);
		this.save_button = button(__("Save the Visit"), () => this.save(), {
			look: "btn-primary visit-wide",
			name: "save",
		}).appendTo(buttons);
	}

	say(told, look = "") {
		this.message.empty().attr("class", `visit-message ${look}`).text(told);
	}

	async save() {
		if (this.saving) return;
		if (!this.visit.outcome) return this.say(__("Tap what came of the visit."), "visit-red");
		const open = this.box.find(".visit-asked");
		if (open.length) {
			open[0].scrollIntoView({ block: "center" });
			return this.say(__("Add what you began to enter, or leave it."), "visit-red");
		}
		const companions = this.visit.companions.filter(({ companion_name }) => companion_name.trim());
		this.visit = { ...this.visit, companions };
		this.saving = true;
		this.box.find("button").prop("disabled", true);
		this.say(__("Saving..."));
		const answer = await outbox.hand_in(this.visit);
		this.saving = false;
		if (!this.box[0].isConnected) return this.late();
		if (answer.why !== "refused" && (answer.ok || answer.kept)) return this.draw_done(answer);
		this.box.find("button").prop("disabled", false);
		const told =
			answer.why === "refused"
				? answer.words
				: __(
						"It could not be sent, and this phone has no room to keep it. Leave it open and save again."
					);
		this.say(told, "visit-red");
	}

	say_failed({ why, words: told }) {
		this.say(told, "visit-red");
		if (why === "session") sign_in(this.message);
	}

	draw_done(answer) {
		const { outcome } = this.visit;
		const box = this.box.empty();
		const done = $('<section class="visit-done"></section>').appendTo(box);
		line(done, "✓", answer.ok ? "visit-tick" : "visit-tick visit-orange");
		$("<h2></h2>")
			.text(answer.ok ? __("Visit Saved") : __("Kept on This Phone"))
			.appendTo(done);
		line(done, `${name_of(this.visit)} · ${OUTCOMES[outcome]()}`, "visit-strong");
		if (!answer.ok) this.say_waits(done, answer);
		(answer.message?.did || []).forEach((told) => line(done, `✓ ${told}`, "visit-did"));
		const next = this.next();
		if (next)
			button(__("Next: {0}", [next.title]), () => this.go(next.household), {
				look: answer.ok ? "btn-primary visit-wide" : "visit-wide",
				name: "next",
			}).appendTo(done);
		button(__("Back to the List"), () => this.left(), {
			look: "btn-default visit-wide",
			name: "back",
		}).appendTo(done);
		if (answer.ok) this.offer_taking_back(done, answer.message.name);
	}

	// A wrong tap: the visit that was just saved is taken back, with all that it moved.
	offer_taking_back(box, visit) {
		const place = row(box, "visit-again");
		const ask = () => {
			place.empty();
			let why = "";
			words("", __("Why It Is Taken Back"), (typed) => (why = typed), { name: "why" }).appendTo(place);
			const send = () => this.take_back(place, visit, why);
			button(__("Take Back"), send, { look: "btn-danger visit-wide", name: "take-back" }).appendTo(
				place
			);
			this.message = line(place, "", "visit-message").attr("role", "status");
		};
		button(__("Entered by Mistake?"), ask, { look: "btn-link visit-wide", name: "mistake" }).appendTo(
			place
		);
	}

	async take_back(place, visit, why) {
		place.find("button").prop("disabled", true);
		const answer = await grid_governance.send(TAKE_BACK, { visit, why });
		if (!answer.ok) {
			place.find("button").prop("disabled", false);
			return this.say_failed(answer);
		}
		place.empty();
		this.box.find(".visit-tick").remove();
		this.box.find(".visit-done h2").text(__("Taken Back"));
		line(place, __("This visit was taken back and counts for nothing."), "visit-strong");
		answer.message.did.forEach((told) => line(place, told, "visit-did"));
		answer.message.stays.forEach((told) => line(place, __("Stays as it is: {0}", [told]), "visit-did"));
	}

	say_waits(box, { why, words: told }) {
		const waits = why === "session" ? told : __("It goes by itself once there is a connection.");
		line(box, waits, "visit-note");
		if (why === "session") sign_in(box);
	}
}

/** A way back in that leads to the list again. */
export function sign_in(box) {
	const back = encodeURIComponent("/app/today");
	$('<a class="btn btn-primary visit-button visit-wide"></a>')
		.attr("href", `/login?redirect-to=${back}`)
		.text(__("Sign In Again"))
		.appendTo(box);
}
