(() => {
	const PAGE_METHOD = "grid_governance.grid_ledger.queries.page.page";
	const HOUSEHOLDS = "grid_governance.grid_ledger.actions.households";

	frappe.ui.form.on("Household", {
		setup(frm) {
			const member = () => ({ filters: { household: frm.doc.name } });
			["head", "group_rep"].forEach((field) => frm.set_query(field, member));
			frm.set_query("grid", () => ({
				query: "grid_governance.grid_ledger.queries.find.grids_for_households",
			}));
		},

		async refresh(frm) {
			frm.toggle_enable("head", false);
			const wrapper = $(frm.fields_dict.page_html.wrapper).empty();
			if (frm.is_new()) return;
			const name = frm.doc.name;
			const page = await frappe.xcall(PAGE_METHOD, { household: name });
			if (frm.doc.name !== name) return;
			frm.household_page = page;
			wrapper.append(due_line(page), members(page), served_by(page), matters(page));
			if (page.may_write) wrapper.prepend(buttons(frm));
		},
	});

	function buttons(frm) {
		const row = $(`<div class="d-flex flex-wrap mb-3" style="gap: 8px">`);
		const living = frm.household_page.members.filter((each) => !gone(each));
		const offered = [
			[__("Add a Member"), () => add_member(frm, living), true],
			[__("Change the Head"), () => change_head(frm, living), living.length > 1],
			[__("Split Off"), () => split(frm, living), living.length > 1],
			[__("Merge Into Another Household"), () => merge(frm, living), living.length > 0],
			[__("Dissolve"), () => dissolve(frm), living.length === 0],
		];
		offered
			.filter(([, , open]) => open)
			.forEach(([label, act], at) =>
				$(`<button type="button" class="btn btn-sm">`)
					.addClass(at ? "btn-default" : "btn-primary")
					.text(label)
					.on("click", act)
					.appendTo(row)
			);
		return row;
	}

	function gone(member) {
		return ["Moved Out", "Deceased"].includes(member.status);
	}

	function due_line({ last_visit_on, next_visit_due }) {
		const day = (label, value) =>
			value && $(`<span class="mr-4">`).text(`${label} ${frappe.datetime.str_to_user(value)}`);
		return $(`<p class="text-muted">`).append(
			day(__("Last Visit"), last_visit_on),
			day(__("Next Visit Due"), next_visit_due)
		);
	}

	function members(page) {
		const list = $(`<ul class="list-unstyled household-members">`);
		page.members.forEach((each) => list.append(member(each)));
		return [heading(__("Members")), list];
	}

	function member(each) {
		const age = each.age === null ? "" : __("{0} years", [each.age]);
		const about = [
			__(each.relation_to_head),
			each.sex && __(each.sex),
			age,
			gone(each) && __(each.status),
		];
		const item = $(`<li class="household-member">`).toggleClass("text-muted", gone(each));
		$(`<a>`)
			.attr("href", frappe.utils.get_form_link("Resident", each.name))
			.addClass("bold")
			.text(each.resident_name)
			.appendTo(item);
		$(`<span class="ml-2">`).text(about.filter(Boolean).join(" · ")).appendTo(item);
		each.care.forEach(({ category, color }) =>
			$(`<span class="badge ml-2">`)
				.text(__(category))
				.css({ color: "#fff", background: color || "#5E6C7A" })
				.appendTo(item)
		);
		if (each.phone)
			$(`<a class="ml-2">`).attr("href", `tel:${each.phone}`).text(each.phone).appendTo(item);
		return item;
	}

	function served_by({ responsible }) {
		if (!responsible.length) return "";
		const list = $(`<ul class="list-unstyled">`);
		responsible.forEach(({ post, worker_name, phone }) => {
			const item = $(`<li>`)
				.text(`${__(post)} ${worker_name} `)
				.appendTo(list);
			if (phone) $(`<a>`).attr("href", `tel:${phone}`).text(phone).appendTo(item);
		});
		return [heading(__("Responsible")), list];
	}

	function matters({ matters: rows }) {
		if (!rows.length) return "";
		const list = $(`<ul class="list-unstyled">`);
		rows.forEach((row) => {
			const item = $(`<li>`).appendTo(list);
			$(`<a>`)
				.attr("href", frappe.utils.get_form_link(row.doctype, row.name))
				.text(row.title)
				.appendTo(item);
			const due = row.due ? frappe.datetime.str_to_user(row.due) : "";
			$(`<span class="text-muted ml-2">`)
				.text(`${__(row.state)} ${due}`)
				.appendTo(item);
		});
		return [heading(__("Open Matters")), list];
	}

	function heading(text) {
		return $(`<h6 class="mt-3">`).text(text);
	}

	function add_member(frm, living) {
		frappe.new_doc("Resident", {
			household: frm.doc.name,
			relation_to_head: living.some((each) => each.relation_to_head === "Head") ? "" : "Head",
		});
	}

	// One field for the relation of each of *people* to the head, filled with what it is now.
	function relation_fields(people) {
		const { options } = frappe.meta.get_docfield("Resident", "relation_to_head") || { options: "" };
		const others = options.split("\n").filter((option) => option && option !== "Head");
		return people.map((each) => ({
			fieldname: each.name,
			fieldtype: "Select",
			label: each.resident_name,
			options: ["", ...others].map((value) => ({ value, label: __(value) })),
			default: others.includes(each.relation_to_head) ? each.relation_to_head : "",
			description: __("Relation to the Head"),
		}));
	}

	const reason = () => ({ fieldname: "reason", fieldtype: "Small Text", label: __("Reason") });

	async function ask(frm, title, fields, method, given) {
		await frappe.model.with_doctype("Resident");
		const dialog = new frappe.ui.Dialog({
			title,
			fields: fields(),
			primary_action_label: title,
			primary_action: async (values) => {
				dialog.disable_primary_action();
				try {
					await frappe.xcall(`${HOUSEHOLDS}.${method}`, given(values, dialog));
					dialog.hide();
					frm.reload_doc();
				} catch {
					// Frappe has shown why it was refused; what was entered stays.
				} finally {
					dialog.enable_primary_action();
				}
			},
		});
		dialog.show();
	}

	const relations_of = (values, people) =>
		Object.fromEntries(people.map(({ name }) => [name, values[name] || ""]));

	const named = (people) =>
		people.map(({ name, resident_name }) => ({ value: name, label: resident_name }));

	function change_head(frm, living) {
		const others = living.filter((each) => each.relation_to_head !== "Head");
		const fields = () => [
			{
				fieldname: "head",
				fieldtype: "Select",
				label: __("New Head"),
				options: ["", ...named(others)],
				reqd: 1,
			},
			...relation_fields(living),
			reason(),
		];
		return ask(frm, __("Change the Head"), fields, "change_head", (values) => ({
			household: frm.doc.name,
			head: values.head,
			relations: relations_of(
				values,
				living.filter(({ name }) => name !== values.head)
			),
			reason: values.reason,
		}));
	}

	function split(frm, living) {
		const others = living.filter((each) => each.relation_to_head !== "Head");
		const fields = () => [
			{
				fieldname: "members",
				fieldtype: "MultiCheck",
				label: __("Who Leaves"),
				options: named(others),
				columns: 2,
			},
			{
				fieldname: "head",
				fieldtype: "Select",
				label: __("New Head"),
				options: ["", ...named(others)],
				reqd: 1,
			},
			{ fieldname: "household_no", fieldtype: "Data", label: __("New Household Number") },
			...relation_fields(others),
			reason(),
		];
		return ask(frm, __("Split Off"), fields, "split", (values) => {
			const leaving = others.filter(({ name }) => (values.members || []).includes(name));
			return {
				household: frm.doc.name,
				members: leaving.map(({ name }) => name),
				head: values.head,
				relations: relations_of(
					values,
					leaving.filter(({ name }) => name !== values.head)
				),
				household_no: values.household_no,
				reason: values.reason,
			};
		});
	}

	function merge(frm, living) {
		const fields = () => [
			{
				fieldname: "into",
				fieldtype: "Link",
				options: "Household",
				label: __("Merge Into"),
				reqd: 1,
				get_query: () => ({ filters: { name: ["!=", frm.doc.name], status: "Active" } }),
			},
			...relation_fields(living),
			reason(),
		];
		return ask(frm, __("Merge Into Another Household"), fields, "merge", (values) => ({
			household: frm.doc.name,
			into: values.into,
			relations: relations_of(values, living),
			reason: values.reason,
		}));
	}

	function dissolve(frm) {
		const fields = () => [{ ...reason(), reqd: 1 }];
		return ask(frm, __("Dissolve"), fields, "dissolve", (values) => ({
			household: frm.doc.name,
			reason: values.reason,
		}));
	}
})();
