// What Frappe's lists say in English, and views that lead past the workflow's rules.
const { ListView, ListViewSelect } = frappe.views;
const { get_column_html, get_subject_html, setup_view } = ListView.prototype;

// A cell's tooltip tells the stored code of a choice; the cell itself tells its word.
ListView.prototype.get_column_html = function (col, doc) {
	const html = get_column_html.call(this, col, doc);
	if (col.df?.fieldtype !== "Select") return html;
	const told = (value) => `title="${__(col.df.label)}: ${frappe.utils.escape_html(value || "")}"`;
	const code = doc[col.df.fieldname];
	return html.replace(told(code), told(__(code)));
};

// Where the name of a record tells nobody anything, one is not asked to look for it; Frappe 15.0 does not know this yet.
ListView.prototype.setup_view = function (...rest) {
	if (this.settings.hide_name_filter) {
		this.page.fields_dict.name?.$wrapper.remove();
		delete this.page.fields_dict.name;
	}
	return setup_view.apply(this, rest);
};

// A record that is known by the one it links to, as care is by its resident, has that one's title for its own.
function with_title(listview, doc) {
	const { df } = listview.columns[0];
	const title = df.fieldtype === "Link" && listview.link_field_title_fields[df.fieldname];
	return title ? { ...doc, [df.fieldname]: doc[`${df.fieldname}_${title}`] } : doc;
}

// On a phone the columns beside the title are hidden: `second_line` of a list's settings stands below it.
ListView.prototype.get_subject_html = function (doc) {
	const html = get_subject_html.call(this, with_title(this, doc));
	const line = frappe.is_mobile() && this.settings.second_line?.(doc);
	return line ? `${html}<div class="list-second-line">${line}</div>` : html;
};

// Cards and bars are moved by hand from state to state and day to day; a workflow takes steps.
const MOVED_BY_HAND = ["Kanban", "Gantt"];
const { add_view_to_menu } = ListViewSelect.prototype;

ListViewSelect.prototype.add_view_to_menu = function (view, action) {
	if (MOVED_BY_HAND.includes(view) && this.list_view.settings.moved_by_steps) return;
	add_view_to_menu.call(this, view, action);
};
