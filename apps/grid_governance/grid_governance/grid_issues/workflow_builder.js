// Frappe writes some words of its Workflow Builder in English only.
{
	const page = frappe.pages["workflow-builder"];
	const show = page.on_page_show;
	const translate = (wrapper) =>
		wrapper.querySelectorAll(".workflow-container .btn").forEach((button) => {
			const shown = __(button.textContent.trim());
			if (shown !== button.textContent.trim()) button.textContent = shown;
		});
	page.on_page_show = (wrapper) => {
		show(wrapper);
		if (page.words) return;
		page.words = new MutationObserver(() => translate(wrapper));
		page.words.observe(wrapper, { childList: true, subtree: true });
	};
}
