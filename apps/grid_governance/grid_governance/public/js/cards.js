// Number cards lead to the rows behind them. Frappe's forget the filters that are worked out when they are drawn, and
// those of a method lead nowhere: its answer may name a report, or a DocType, with its filters, and a note that
// stands under the number.
const NumberCard = frappe.widget.widget_factory.number_card;
const { set_route, set_events, get_number_for_custom_card, render_number } = NumberCard.prototype;

Object.assign(NumberCard.prototype, {
	set_route() {
		if (this.answer?.report) {
			frappe.route_options = this.answer.filters;
			frappe.set_route("query-report", this.answer.report);
			return;
		}
		if (this.answer?.doctype) {
			frappe.route_options = this.answer.filters;
			frappe.set_route("List", this.answer.doctype);
			return;
		}
		const card = this.card_doc;
		if (card.type === "Document Type") {
			const filters = frappe.dashboard_utils.get_all_filters(card);
			this.card_doc = { ...card, filters_json: JSON.stringify(filters) };
		}
		set_route.call(this);
		this.card_doc = card;
	},

	set_events() {
		set_events.call(this);
		$(this.body).on("click", () => {
			const { report, doctype } = this.answer || {};
			if (!this.in_customize_mode && (report || doctype)) this.set_route();
		});
	},

	get_number_for_custom_card(answer) {
		this.answer = answer && typeof answer === "object" ? answer : null;
		const empty = this.answer && this.answer.value === null;
		return get_number_for_custom_card.call(this, empty ? "–" : answer);
	},

	render_number() {
		return render_number.call(this).then(() => {
			if (!this.answer?.note) return;
			const note = $('<div class="card-stats text-muted"></div>').text(this.answer.note);
			$(this.body).find(".widget-content").append(note);
		});
	},
});
