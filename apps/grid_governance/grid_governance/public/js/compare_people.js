// Two residents who may be one person, side by side: who stays, which value is kept, what goes over; then merged, or
// remembered as different people.
frappe.provide("grid_governance.people");

const COMPARE = "grid_governance.grid_ledger.queries.comparison.compare";
const MERGING = "grid_governance.grid_ledger.actions.merging";

grid_governance.people.compare = async (resident, other, done = () => {}) => {
	const preview = await frappe.xcall(COMPARE, { resident, other });
	new Comparison(preview, done).show();
};

class Comparison {
	constructor(preview, done) {
		this.preview = preview;
		this.done = done;
		this.stays = preview.people.findIndex(({ name }) => name === preview.stays);
		this.kept = Object.fromEntries(preview.fields.map((row) => [row.fieldname, row.suggested]));
		this.touched = new Set();
		this.number = null;
	}

	show() {
		this.dialog = new frappe.ui.Dialog({
			title: __("Compare Two People"),
			size: "extra-large",
			fields: [
				{ fieldname: "preview", fieldtype: "HTML" },
				{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason") },
			],
			primary_action_label: __("Merge"),
			primary_action: ({ reason }) => this.merge(reason),
			secondary_action_label: this.preview.may_judge && __("Different People"),
			secondary_action: () => this.distinguish(),
		});
		this.draw();
		this.dialog.show();
	}

	draw() {
		const { people, fields, hangs, reason, judged } = this.preview;
		const box = $(`<div class="compare-people">`);
		if (reason) box.append($(`<p>`).text(__("They look alike: {0}", [__(reason)])));
		if (judged) {
			const told = [judged.judged_by_name, frappe.datetime.str_to_user(judged.at)];
			box.append(
				$(`<p class="text-warning">`).text(__("{0} said on {1}: two different people.", told))
			);
		}
		box.append(this.row(__("Who Stays"), people.map(this.person), "stays", this.stays, "head"));
		const problem = people[this.stays].problem;
		if (problem) box.append($(`<p class="text-danger compare-problem">`).text(problem));
		fields.forEach((row) =>
			box.append(
				row.differs
					? this.row(row.label, row.shown, row.fieldname, this.kept[row.fieldname], "differs")
					: this.row(row.label, row.shown)
			)
		);
		this.draw_number(box);
		if (hangs.length) box.append($(`<h6>`).text(__("What Hangs on Each")));
		hangs.forEach(({ label, lines }) =>
			box.append(
				this.row(
					label,
					lines.map((each) => each.join("\n"))
				)
			)
		);
		if (!problem) {
			box.append(
				$(`<p class="text-muted">`).text(
					__("The one that goes stays as history. A merge is not undone.")
				)
			);
		}
		box.on("change", "input", ({ currentTarget }) => this.choose(currentTarget));
		this.dialog.get_field("preview").$wrapper.empty().append(box);
		this.dialog.get_primary_btn().prop("disabled", Boolean(problem));
	}

	draw_number(box) {
		const { number } = this.preview;
		if (!number || !number.masked.some(Boolean)) return;
		const same = number.verdict === "Same Number";
		const to_choose = number.both && !same;
		const label = number.verdict ? `${__("ID Number")} (${__(number.verdict)})` : __("ID Number");
		box.append(
			to_choose
				? this.row(label, number.masked, "number_of", this.number, "differs")
				: this.row(label, number.masked)
		);
	}

	// One line: what it is, and the two texts, each with a button to choose it where *name* is given.
	row(label, texts, name, chosen, kind = "") {
		const line = $(`<div class="compare-row">`).addClass(kind);
		$(`<div class="compare-label">`).text(label).appendTo(line);
		texts.forEach((text, at) => {
			const cell = $(name ? `<label class="compare-cell">` : `<div class="compare-cell">`);
			if (name) {
				$(`<input type="radio">`)
					.attr({ name, value: at })
					.prop("checked", chosen === at)
					.appendTo(cell);
			}
			$(`<span>`)
				.text(text || "–")
				.appendTo(cell);
			line.append(cell.toggleClass("chosen", Boolean(name) && chosen === at));
		});
		return line;
	}

	person({ title, household, grid, relation }) {
		return [title, `${household} · ${relation}`, grid].filter(Boolean).join("\n");
	}

	choose({ name, value }) {
		const at = Number(value);
		if (name === "stays") {
			this.stays = at;
			this.preview.fields
				.filter(({ fieldname }) => !this.touched.has(fieldname))
				.forEach(({ fieldname, shown }) => {
					this.kept[fieldname] = shown[at] ? at : 1 - at;
				});
		} else if (name === "number_of") {
			this.number = at;
		} else {
			this.kept[name] = at;
			this.touched.add(name);
		}
		this.draw();
	}

	async merge(reason) {
		const { people, fields } = this.preview;
		const [stays, goes] = [people[this.stays], people[1 - this.stays]];
		await this.act("merge", {
			stays: stays.name,
			goes: goes.name,
			taken: fields
				.filter(({ fieldname, differs }) => differs && this.kept[fieldname] !== this.stays)
				.map(({ fieldname }) => fieldname),
			number_of: this.number === null ? "" : people[this.number].name,
			reason: reason || "",
			seen: Object.fromEntries(people.map(({ name, modified }) => [name, modified])),
		});
	}

	async distinguish() {
		const [resident, other] = this.preview.people.map(({ name }) => name);
		await this.act("distinguish", { resident, other, reason: this.dialog.get_value("reason") || "" });
	}

	async act(method, given) {
		this.dialog.disable_primary_action();
		try {
			await frappe.xcall(`${MERGING}.${method}`, given);
			this.dialog.hide();
			const said = method === "merge" ? __("Merged.") : __("Noted: two different people.");
			frappe.show_alert({ message: said, indicator: "green" });
			this.done();
		} catch {
			// Frappe has shown why it was refused; what was chosen stays.
		} finally {
			this.dialog.enable_primary_action();
		}
	}
}
