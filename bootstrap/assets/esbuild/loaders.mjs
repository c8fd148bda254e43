// Images and fonts that a source names by a relative path are put into the bundle.
const INLINED = ["png", "jpg", "jpeg", "gif", "svg", "webp", "woff", "woff2", "ttf", "eot", "otf"];

export const LOADERS = Object.fromEntries(INLINED.map((ext) => [`.${ext}`, "dataurl"]));
