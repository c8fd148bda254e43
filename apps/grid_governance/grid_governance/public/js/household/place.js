// Where a household is: a small map where the site has a base map, and the position taken on the spot.
import { plane, shown, tile } from "../points/coordinates.mjs";
import { heading, line } from "./parts";

const CLOSE = 16;
const NEAREST = 18;
const LIBRARY = ["assets/frappe/js/lib/leaflet/leaflet.css", "assets/frappe/js/lib/leaflet/leaflet.js"];

export function place(page) {
	const { doc } = page.frm;
	const parts = [heading(__("Point on the Map"))];
	const box = $(`<div class="household-place">`);
	if (!page.data.located) {
		const hint = page.data.may.write
			? __("Not entered yet. Stand at the door and take the position.")
			: __("Not entered yet.");
		return [...parts, line(box, hint, "text-muted")];
	}
	const degrees = (value) => Number(value).toFixed(5);
	line(box, __("Latitude {0}, longitude {1}", [degrees(doc.latitude), degrees(doc.longitude)]));
	const tiles = frappe.boot.map_tiles || {};
	if (tiles.url) draw($(`<div class="household-map">`).appendTo(box), doc, tiles);
	return [...parts, box];
}

async function draw(box, doc, tiles) {
	await frappe.require(LIBRARY);
	const [longitude, latitude] = shown(doc, tiles.system);
	const map = L.map(box[0], {
		crs: plane(tiles.system, L) || L.CRS.EPSG3857,
		attributionControl: false,
		zoomControl: false,
		scrollWheelZoom: false,
		dragging: false,
		maxZoom: NEAREST,
	}).setView([latitude, longitude], CLOSE);
	L.control.zoom({ zoomInTitle: __("Zoom In"), zoomOutTitle: __("Zoom Out") }).addTo(map);
	L.control.attribution({ prefix: false }).addTo(map);
	const Tiles = L.TileLayer.extend({
		getTileUrl(at) {
			return L.TileLayer.prototype.getTileUrl.call(this, tile(at, tiles.system));
		},
	});
	new Tiles(tiles.url, {
		attribution: frappe.utils.escape_html(tiles.attribution || ""),
		subdomains: tiles.servers || "abc",
		maxNativeZoom: NEAREST,
	}).addTo(map);
	L.circleMarker([latitude, longitude], {
		radius: 9,
		weight: 3,
		color: "#fff",
		fillColor: "#b0361c",
		fillOpacity: 1,
	}).addTo(map);
	new ResizeObserver(() => map.invalidateSize()).observe(box[0]);
}

/** Take the position where one stands and, after a look at how exact it is, keep it. */
export async function take_position(page) {
	const { frm } = page;
	const sorry = () =>
		frappe.msgprint({
			title: __("No Position"),
			message: __("This phone does not tell where it is. Allow it, go outside and try again."),
			indicator: "orange",
		});
	if (!navigator.geolocation) return sorry();
	if (frm.is_dirty()) await frm.save();
	frappe.show_alert({ message: __("Looking for the place..."), indicator: "blue" });
	navigator.geolocation.getCurrentPosition(
		({ coords: { latitude, longitude, accuracy } }) =>
			frappe.confirm(
				__("Located, to within {0} metres. Keep this as the place of {1}?", [
					Math.ceil(accuracy),
					frappe.utils.escape_html(frm.doc.title),
				]),
				async () => {
					await frappe.xcall("frappe.client.set_value", {
						doctype: "Household",
						name: frm.doc.name,
						fieldname: { latitude, longitude },
					});
					page.changed();
				}
			),
		sorry,
		{ enableHighAccuracy: true, timeout: 20000, maximumAge: 0 }
	);
}
