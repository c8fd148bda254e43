frappe.ui.form.on("Seed Record", {
	refresh(frm) {
		frm.disable_save();
		frm.set_intro("");
		const intro = INTRODUCTIONS[frm.doc.state];
		if (intro) frm.set_intro(intro[0](), intro[1]);
		show_difference(frm, "difference", __("As Shipped"), __("As It Stands Here"));
		show_difference(frm, "waiting", __("Shipped So Far"), __("Shipped Now"));
		if (frm.doc.reference_name && frm.doc.state !== "Deleted Here") {
			frm.add_custom_button(__("Open the Record"), () => open_record(frm.doc));
		}
		((frm.doc.__onload || {}).choices || []).forEach((choice) => {
			const [label, question] = CHOICES[choice];
			const button = frm.add_custom_button(label(), () =>
				frappe.confirm(question(), () =>
					frappe
						.xcall("grid_governance.grid_structure.doctype.seed_record.seed_record.decide", {
							seed: frm.doc.name,
							choice,
						})
						.then(() => after_decision(frm))
				)
			);
			if (choice === "merge") button.addClass("btn-primary");
		});
	},
});

const INTRODUCTIONS = {
	Untouched: [() => __("Nobody changed this record here. It follows each upgrade by itself."), "green"],
	"Changed Here": [
		() => __("This record was changed here. Upgrades leave it as it is and list what they would change."),
		"blue",
	],
	"Deleted Here": [() => __("This record was deleted here. Upgrades do not bring it back."), "blue"],
	"Update Waiting": [
		() =>
			__(
				"This record was changed here, and the app now ships a newer version. It stays as it is until you decide."
			),
		"orange",
	],
	"Reference Missing": [
		() => __("This record was not placed, since one that it needs was deleted here."),
		"red",
	],
	"Could Not Be Written": [
		() =>
			__(
				"The site refused what the app ships. The record stays as it is; the next upgrade tries again."
			),
		"red",
	],
	"No Longer Shipped": [
		() =>
			__(
				"The app no longer ships this record. It was changed or is used here, so it stays until you decide."
			),
		"orange",
	],
};

const CHOICES = {
	take: [
		() => __("Take the Shipped Version"),
		() => __("What was changed or deleted here will be given up. Continue?"),
	],
	merge: [
		() => __("Add What Is New"),
		() => __("What you changed stays; everything else is taken from the new version. Continue?"),
	],
	keep: [
		() => __("Keep Our Version"),
		() => __("The record stays as it is and this update is not offered again. Continue?"),
	],
	remove: [() => __("Delete the Record"), () => __("The record will be deleted here. Continue?")],
	release: [
		() => __("Keep as Our Own"),
		() => __("The record stays and is from now on one that was made here. Continue?"),
	],
};

function after_decision(frm) {
	frappe.show_alert({ message: __("Done"), indicator: "green" });
	return frappe.db.exists("Seed Record", frm.doc.name).then((there) => {
		if (there) return frm.reload_doc();
		frappe.set_route("List", "Seed Record", "List");
	});
}

function open_record({ reference_doctype, reference_name }) {
	if (reference_doctype === "DocType") {
		frappe.route_options = { doctype: reference_name };
		frappe.set_route("permission-manager");
	} else if (reference_doctype === "Workspace") {
		frappe.set_route(frappe.router.slug(reference_name));
	} else {
		frappe.set_route("Form", reference_doctype, reference_name);
	}
}

/** Draw a difference, one row for each field: what went on the left, what came on the right. */
function show_difference(frm, fieldname, left, right) {
	const field = frm.get_field(`${fieldname}_view`);
	const text = frm.doc[fieldname];
	field.toggle(Boolean(text));
	if (!text) return field.$wrapper.empty();
	const safe = frappe.utils.escape_html;
	const rows = grouped(text).map(({ label, gone, come }) => {
		const cell = (lines, kind) =>
			`<td class="seed-${kind}">${lines.map((line) => `<div>${safe(line) || "&nbsp;"}</div>`).join("")}</td>`;
		return `<tr><th>${safe(label)}</th>${cell(gone, "gone")}${cell(come, "come")}</tr>`;
	});
	const title = __(frappe.meta.get_label("Seed Record", fieldname));
	field.$wrapper.html(`
		<style>
			.seed-difference { width: 100%; table-layout: fixed; font-size: var(--text-md); margin-bottom: 1rem; }
			.seed-difference th, .seed-difference td { border: 1px solid var(--border-color); padding: 6px 8px;
				vertical-align: top; overflow-wrap: anywhere; }
			.seed-difference th:first-child { width: 22%; font-weight: 600; }
			.seed-gone div { background: var(--bg-red); margin-bottom: 2px; padding: 0 4px; }
			.seed-come div { background: var(--bg-green); margin-bottom: 2px; padding: 0 4px; }
		</style>
		<h5>${safe(title)}</h5>
		<table class="seed-difference">
			<thead><tr><th>${__("Field")}</th><th>${safe(left)}</th><th>${safe(right)}</th></tr></thead>
			<tbody>${rows.join("")}</tbody>
		</table>`);
}

function grouped(text) {
	const groups = new Map();
	text.split("\n").forEach((line) => {
		const [label, ...rest] = line.slice(1).split(": ");
		if (!groups.has(label)) groups.set(label, { label, gone: [], come: [] });
		groups.get(label)[line[0] === "-" ? "gone" : "come"].push(rest.join(": "));
	});
	return [...groups.values()];
}
