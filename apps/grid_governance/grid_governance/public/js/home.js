// Where no page is named, the reader's own workspace opens: not the one that this browser showed last, which may
// have been somebody else's.
const { router } = frappe;

function home() {
	const page = frappe.boot?.user?.default_workspace;
	if (!page) return null;
	return page.public ? `/app/${router.slug(page.name)}` : `/app/private/${router.slug(page.title)}`;
}

if (/^\/app\/?$/.test(window.location.pathname) && !window.location.hash && home()) {
	window.history.replaceState(null, "", home() + window.location.search);
}

const make_url = router.make_url;

router.make_url = function (params) {
	const url = make_url.call(this, params);
	const names_a_page = [].concat(params || []).some((part) => !$.isPlainObject(part) && String(part));
	return names_a_page ? url : home() || url;
};
