// Frappe's map of a list, for lists whose settings name a `points_method`: points of one's own scope on tiles of
// one's own, or on none. Frappe's own asks a server on the internet for its tiles.
const { MapView } = frappe.views;

/** A picture of one clear pixel: what is asked for where no address of tiles is set. */
const NO_TILE = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

const tiles = () => frappe.boot.map_tiles || {};

Object.assign(frappe.utils.map_defaults, {
	tiles: tiles().url || NO_TILE,
	options: { attribution: frappe.utils.escape_html(tiles().attribution || "") },
});

frappe.views.MapView = class extends MapView {
	get required_libs() {
		return frappe.listview_settings[this.doctype]?.points_method
			? [...super.required_libs, "points.bundle.js"]
			: super.required_libs;
	}

	setup_view() {
		super.setup_view();
		if (this.settings.points_method) grid_governance.quick_filters.show(this, "open");
	}

	on_filter_change() {
		if (!this.settings.points_method) super.on_filter_change();
	}

	async render() {
		if (!this.settings.points_method) return super.render();
		await Promise.all([this.load_lib, this.quick_filters_ready]);
		this.points = this.points || new grid_governance.Points(this, tiles());
		this.points.ask();
	}

	// What is on the map is asked for by its own method: a list without rows hides the map.
	refresh() {
		if (!this.settings.points_method) return super.refresh();
		return Promise.resolve(this.before_refresh()).then(() => {
			this.$result.show();
			this.$paging_area.hide();
			return this.render();
		});
	}
};
