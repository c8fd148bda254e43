// The coordinates of Chinese maps. What is stored is WGS-84, as satellites tell it; published maps of China stand
// some hundred metres off, in the system of the survey's office (GCJ-02) or of Baidu (BD-09).
import gcoord from "gcoord";

const SYSTEMS = { "WGS-84": gcoord.WGS84, "GCJ-02": gcoord.GCJ02, "BD-09": gcoord.BD09 };
const ZOOM_OF_METRES = 18;

/** A stored point ``{latitude, longitude}`` as ``[longitude, latitude]`` on a map of *system*; WGS-84 by default. */
export function shown({ latitude, longitude }, system) {
	return gcoord.transform([longitude, latitude], gcoord.WGS84, SYSTEMS[system] || gcoord.WGS84);
}

/** A place ``[longitude, latitude]`` on a map of *system* as it is stored: ``{latitude, longitude}``. */
export function stored(place, system) {
	const [longitude, latitude] = gcoord.transform(place, SYSTEMS[system] || gcoord.WGS84, gcoord.WGS84);
	return { latitude, longitude };
}

/**
 * How the tiles of *system* lie on the plane, for Leaflet (*L*): null for the usual way. Baidu's own are squares of
 * its own metres that are counted from the equator upwards; one pixel is a metre at zoom 18.
 */
export function plane(system, L) {
	if (system !== "BD-09") return null;
	return L.extend({}, L.CRS.Earth, {
		code: "BD-09",
		infinite: true,
		wrapLng: undefined,
		transformation: new L.Transformation(1, 0, -1, 0),
		scale: (zoom) => 2 ** (zoom - ZOOM_OF_METRES),
		zoom: (scale) => Math.log2(scale) + ZOOM_OF_METRES,
		projection: {
			project: ({ lng, lat }) => L.point(...gcoord.transform([lng, lat], gcoord.BD09, gcoord.BD09MC)),
			unproject: ({ x, y }) => {
				const [lng, lat] = gcoord.transform([x, y], gcoord.BD09MC, gcoord.BD09);
				return L.latLng(lat, lng);
			},
		},
	});
}

/** The tile that stands at ``{x, y, z}`` of Leaflet's rows (downwards), as the address of *system* names it. */
export function tile({ x, y, z }, system) {
	return system === "BD-09" ? { x, y: -y - 1, z } : { x, y, z };
}
