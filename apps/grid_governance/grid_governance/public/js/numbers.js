// A number marks its text a moment after it was tapped. Frappe's does so in whatever has the focus by then,
// and puts that one's text through the number's own check.
const { ControlData, ControlInt } = frappe.ui.form;

ControlInt.prototype.make_input = function () {
	ControlData.prototype.make_input.call(this);
	this.$input.on("focus", () => {
		setTimeout(() => {
			const input = this.$input[0];
			if (document.activeElement !== input) return;
			input.value = this.validate(input.value);
			input.select();
		}, 100);
		return false;
	});
};
