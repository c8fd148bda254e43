// Frappe draws the two names of every loop in its templates by lot, three letters each. One that is a word of
// the language ("for"), a name of the template or both times the same leaves the page standing half drawn.
// A capital in front is none of the first two, since Frappe's templates name things in small letters.
const draw = frappe.utils.get_random;
let before;

frappe.utils.get_random = function (length) {
	let text;
	do {
		text = draw(length);
		text = text.charAt(0).toUpperCase() + text.slice(1);
	} while (text && text === before);
	before = text;
	return text;
};
