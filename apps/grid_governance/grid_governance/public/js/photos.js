// Photos from a phone: asked for in one tap, shrunk in the browser before they are sent.
frappe.provide("grid_governance.photos");

/** Pixels of the longer side, as the server keeps photos. */
const LONGEST_EDGE = 1600;
const QUALITY = 0.85;

/**
 * Ask for a photo: with `camera` the phone opens its camera at once, else it offers its pictures too.
 * Resolves with a JPEG (Blob) that holds nothing but the pixels; never, when the person goes back.
 */
grid_governance.photos.ask = ({ camera = false } = {}) =>
	new Promise((resolve, reject) => {
		const input = Object.assign(document.createElement("input"), {
			type: "file",
			accept: "image/*",
			hidden: true,
		});
		if (camera) input.setAttribute("capture", "environment");
		input.addEventListener("change", () => {
			input.remove();
			if (input.files.length) shrink(input.files[0]).then(resolve, reject);
		});
		input.addEventListener("cancel", () => input.remove());
		document.body.append(input); // some phones forget an input that stands nowhere
		input.click();
	});

async function shrink(file) {
	const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
	const scale = Math.min(1, LONGEST_EDGE / Math.max(bitmap.width, bitmap.height));
	const canvas = document.createElement("canvas");
	canvas.width = Math.round(bitmap.width * scale);
	canvas.height = Math.round(bitmap.height * scale);
	const context = canvas.getContext("2d");
	context.fillStyle = "#fff"; // a JPEG knows no transparency
	context.fillRect(0, 0, canvas.width, canvas.height);
	context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
	bitmap.close();
	return new Promise((resolve, reject) =>
		canvas.toBlob((blob) => (blob ? resolve(blob) : reject()), "image/jpeg", QUALITY)
	);
}

/**
 * Let the button of an Attach Image control ask for a photo itself. On a form not yet saved the photo goes with
 * the save: Frappe's own saves the form at once, and what is written afterwards is a correction.
 */
grid_governance.photos.take_over = (control) => {
	if (!control?.$input || control.takes_photos) return;
	control.takes_photos = true;
	control.$input.text(__("Take or Choose a Photo"));
	control.on_attach_click = () => attach(control);
	const clear = control.clear_attachment;
	control.clear_attachment = function () {
		return this.frm?.is_new() ? this.set_value(null) : clear.call(this);
	};
};

async function attach(control) {
	const { frm, df } = control;
	let photo;
	try {
		photo = await grid_governance.photos.ask();
	} catch {
		return frappe.msgprint(grid_governance.photos.unreadable());
	}
	const place =
		frm && !frm.is_new() ? { doctype: frm.doctype, docname: frm.docname, fieldname: df.fieldname } : {};
	const name = `${__(df.label)}.jpg`;
	const answer = await grid_governance.send("upload_file", {
		...place,
		is_private: 1,
		file: new File([photo], name, { type: photo.type }),
	});
	if (!answer.ok) return frappe.msgprint(answer.words);
	if (frm && !frm.is_new()) return control.on_upload_complete(answer.message);
	return control.set_value(answer.message.file_url);
}

grid_governance.photos.unreadable = () =>
	__("This picture could not be opened. Take the photo anew, or choose a JPG, PNG or WebP.");
