// The offset of Chinese maps, by published pairs of coordinates of one place in Peking.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
	plane,
	shown,
	stored,
	tile,
} from "../../../apps/grid_governance/grid_governance/public/js/points/coordinates.mjs";

/** [longitude, latitude] of 116.404, 39.915 (WGS-84) in the other systems, as coordtransform publishes them. */
const PLACE = { longitude: 116.404, latitude: 39.915 };
const GCJ = [116.41024449916938, 39.91640428150164];
/** A metre or less, in degrees. */
const METRE = 1e-5;

const near = (found, wanted, by) =>
	wanted.forEach((value, axis) =>
		assert.ok(Math.abs(found[axis] - value) < by, `${found} is not ${wanted}`)
	);

test("a map in the satellites' own system shows a place where it is stored", () => {
	near(shown(PLACE, "WGS-84"), [116.404, 39.915], 1e-9);
	near(shown(PLACE, undefined), [116.404, 39.915], 1e-9);
});

test("GCJ-02 stands where the published pair says", () => near(shown(PLACE, "GCJ-02"), GCJ, METRE));

test("BD-09 stands where the published pair says, one step after GCJ-02", () => {
	// 116.404, 39.915 of GCJ-02 is 116.41036949371029, 39.92133699351021 of BD-09.
	const place = stored([116.404, 39.915], "GCJ-02");
	near(shown(place, "BD-09"), [116.41036949371029, 39.92133699351021], METRE);
});

for (const system of ["WGS-84", "GCJ-02", "BD-09"]) {
	test(`the way there and back in ${system} ends where it began, within a metre`, () => {
		const { longitude, latitude } = stored(shown(PLACE, system), system);
		near([longitude, latitude], [PLACE.longitude, PLACE.latitude], METRE);
	});
}

test("outside China nothing is moved", () => {
	near(shown({ longitude: 2.3522, latitude: 48.8566 }, "GCJ-02"), [2.3522, 48.8566], 1e-9);
});

/** As much of Leaflet as a plane needs. */
const L = {
	CRS: { Earth: {} },
	extend: Object.assign,
	Transformation: class {
		constructor(a, b, c, d) {
			Object.assign(this, { a, b, c, d });
		}
	},
	point: (x, y) => ({ x, y }),
	latLng: (lat, lng) => ({ lat, lng }),
};

test("Baidu's squares are counted as Baidu counts them", () => {
	assert.equal(plane("GCJ-02", L), null);
	const crs = plane("BD-09", L);
	const metres = crs.projection.project({ lng: 116.404, lat: 39.915 });
	const zoom = 18;
	const { a, c } = crs.transformation;
	const at = {
		x: Math.floor((a * metres.x * crs.scale(zoom)) / 256),
		y: Math.floor((c * metres.y * crs.scale(zoom)) / 256),
		z: zoom,
	};
	assert.deepEqual(tile(at, "BD-09"), { x: 50617, y: 18851, z: 18 });
	assert.deepEqual(tile(at, "WGS-84"), at);
	const back = crs.projection.unproject(metres);
	near([back.lng, back.lat], [116.404, 39.915], METRE);
	assert.equal(crs.zoom(crs.scale(zoom)), zoom);
});
