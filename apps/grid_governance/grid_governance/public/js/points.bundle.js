// The map of a list's points, on Leaflet as Frappe ships it; points that stand close are one circle with their number.
import Supercluster from "supercluster";
import { plane, shown, stored, tile } from "./points/coordinates.mjs";
import { about, list } from "./points/popup";

const CHINA = [34, 108];
const FARTHEST = 4;
const NEAREST = 18;
const RADIUS = 60;
const MARGIN = 0.02;
const WAIT = 300;
const TOLD = 20;
const NAMED_GRIDS = 30;
const WORLD = { south: -90, west: -180, north: 90, east: 180 };

grid_governance.Points = class Points {
	/** Draw into the result of *view*, a map view whose settings name `points_method`, on *tiles* of the settings. */
	constructor(view, tiles) {
		this.view = view;
		this.tiles = tiles;
		this.box = $(`<div class="map-view-container points-map">`).appendTo(view.$result.empty());
		this.note = $(`<div class="points-note" role="status">`).appendTo(view.$result);
		this.map = L.map(this.box[0], {
			crs: plane(tiles.system, L) || L.CRS.EPSG3857,
			minZoom: FARTHEST,
			maxZoom: NEAREST,
			zoomControl: false,
			attributionControl: false,
		}).setView(CHINA, FARTHEST);
		L.control.zoom({ zoomInTitle: __("Zoom In"), zoomOutTitle: __("Zoom Out") }).addTo(this.map);
		L.control.attribution({ prefix: false }).addTo(this.map);
		scale().addTo(this.map);
		if (tiles.url) this.add_tiles();
		this.marks = L.layerGroup().addTo(this.map);
		this.map.on(
			"moveend",
			frappe.utils.debounce(() => this.moved(), WAIT)
		);
		// The box has its size only when it stands in the page.
		new ResizeObserver(() => this.map.invalidateSize()).observe(this.box[0]);
	}

	add_tiles() {
		const { url, attribution, servers, system } = this.tiles;
		const Tiles = L.TileLayer.extend({
			getTileUrl(at) {
				return L.TileLayer.prototype.getTileUrl.call(this, tile(at, system));
			},
		});
		new Tiles(url, {
			attribution: frappe.utils.escape_html(attribution || ""),
			subdomains: servers || "abc",
			maxNativeZoom: NEAREST,
		}).addTo(this.map);
	}

	/** Ask for the points of *part*, by default for all that the list would show. */
	async ask(part = WORLD) {
		const asked = (this.asked = { ...part, filters: this.view.get_filters_for_args() });
		const answer = await frappe.xcall(this.view.settings.points_method, asked);
		if (asked !== this.asked) return;
		this.answer = answer;
		this.whole = part === WORLD && !answer.more;
		this.features = answer.points.map((issue) => ({
			type: "Feature",
			properties: issue,
			geometry: { type: "Point", coordinates: shown(issue, this.tiles.system) },
		}));
		this.index = new Supercluster({
			radius: RADIUS,
			maxZoom: NEAREST,
			map: (issue) => ({ late: grid_governance.due.is_late(issue) }),
			reduce: (sum, each) => (sum.late = sum.late || each.late),
		}).load(this.features);
		if (part === WORLD) this.bring_into_sight();
		this.draw();
	}

	bring_into_sight() {
		const places = this.features.map(({ geometry: { coordinates } }) => [coordinates[1], coordinates[0]]);
		const sight = this.seen && this.map.getBounds();
		if (!places.length || (sight && places.some((place) => sight.contains(place)))) return;
		this.seen = true;
		this.map.invalidateSize();
		this.map.fitBounds(L.latLngBounds(places).pad(0.1), { maxZoom: 16, animate: false });
	}

	moved() {
		if (!this.answer) return;
		if (this.whole) this.draw();
		else this.ask(this.part());
	}

	/** The part of the earth in sight, as it is stored; a little wider, since the systems are not parallel. */
	part() {
		const bounds = this.map.getBounds();
		const low = stored([bounds.getWest(), bounds.getSouth()], this.tiles.system);
		const high = stored([bounds.getEast(), bounds.getNorth()], this.tiles.system);
		return {
			south: Math.max(low.latitude - MARGIN, WORLD.south),
			west: Math.max(low.longitude - MARGIN, WORLD.west),
			north: Math.min(high.latitude + MARGIN, WORLD.north),
			east: Math.min(high.longitude + MARGIN, WORLD.east),
		};
	}

	draw() {
		this.marks.clearLayers();
		const bounds = this.map.getBounds();
		const part = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
		this.index.getClusters(part, Math.round(this.map.getZoom())).forEach((each) => this.mark(each));
		if (!this.tiles.url) this.name_grids(bounds);
		this.note.text(this.words()).toggle(Boolean(this.words()));
	}

	words() {
		const { points, more } = this.answer;
		if (!points.length) return __("No issue with a place here.");
		if (more) return __("Only the newest {0} are shown. Move closer to see the others.", [points.length]);
		return this.tiles.url ? "" : __("No base map has been set up: places only.");
	}

	mark(each) {
		const [longitude, latitude] = each.geometry.coordinates;
		const { cluster, point_count: count, late } = each.properties;
		const colour = cluster
			? ""
			: (frappe.get_indicator(each.properties, "Grid Issue") || [])[1] || "gray";
		const html = cluster
			? `<b class="point-many${late ? " late" : ""}">${count}</b>`
			: `<i class="point-one ${colour}"></i>`;
		const marker = L.marker([latitude, longitude], {
			icon: L.divIcon({ className: "point", html, iconSize: [44, 44] }),
			title: cluster ? __("{0} issues", [count]) : each.properties.title,
		}).addTo(this.marks);
		if (cluster) marker.on("click", () => this.open_many(each, marker));
		else marker.bindPopup(about(each.properties)[0]);
	}

	open_many(each, marker) {
		const id = each.properties.cluster_id;
		const closer = this.index.getClusterExpansionZoom(id);
		if (closer <= NEAREST) {
			this.map.setView(marker.getLatLng(), closer);
			return;
		}
		const issues = this.index.getLeaves(id, TOLD).map((leaf) => leaf.properties);
		const more = each.properties.point_count - issues.length;
		L.popup({ maxHeight: 280 })
			.setLatLng(marker.getLatLng())
			.setContent(list(issues, more)[0])
			.openOn(this.map);
	}

	/** Write each grid's name in the middle of its points: without a base map they are all there is to read. */
	name_grids(bounds) {
		const grids = {};
		this.features.forEach(({ properties, geometry: { coordinates } }) => {
			if (!bounds.contains([coordinates[1], coordinates[0]])) return;
			(grids[properties.grid] = grids[properties.grid] || []).push(coordinates);
		});
		const names = Object.entries(grids).filter(([grid]) => this.answer.grids[grid]);
		if (names.length > NAMED_GRIDS) return;
		names.forEach(([grid, places]) => {
			const middle = (axis) => places.reduce((sum, place) => sum + place[axis], 0) / places.length;
			const name = frappe.utils.escape_html(this.answer.grids[grid]);
			L.marker([middle(1), middle(0)], {
				icon: L.divIcon({ className: "point-grid", html: `<span>${name}</span>`, iconSize: [0, 0] }),
				interactive: false,
				keyboard: false,
				zIndexOffset: -1000,
			}).addTo(this.marks);
		});
	}
};

/** Leaflet's scale in Chinese units. */
function scale() {
	const Scale = L.Control.Scale.extend({
		_updateMetric(longest) {
			const metres = this._getRoundNum(longest);
			const words = metres < 1000 ? __("{0} metres", [metres]) : __("{0} kilometres", [metres / 1000]);
			this._updateScale(this._mScale, words, metres / longest);
		},
	});
	return new Scale({ imperial: false });
}
