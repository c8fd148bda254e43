"""The first screens: login, a wrong password, a page that is not there."""

import pytest


@pytest.mark.parametrize("device", ["phone", "desk"])
def test_the_login_page_carries_the_product(device, request):
	screen = request.getfixturevalue(device)()
	screen.page.goto("/login")
	screen.look("login")
	logo = screen.page.locator(".page-card-head img, .app-logo").first
	assert "/assets/grid_governance/" in logo.get_attribute("src")
	assert logo.evaluate("image => image.complete && image.naturalWidth > 0")
	icon = screen.page.locator("link[rel~=icon]").first.get_attribute("href")
	assert "/assets/grid_governance/" in icon
	assert screen.page.request.get(icon).ok
	assert "frappe" not in screen.page.locator("body").inner_text().lower()


def test_a_wrong_password_is_told_in_chinese(phone):
	screen = phone()
	screen.allow("401")
	screen.page.goto("/login")
	screen.page.fill("#login_email", "nobody@example.com")
	screen.page.fill("#login_password", "not this one")
	screen.tap(screen.page.locator(".form-login .btn-login"))
	screen.page.wait_for_function("/错误/.test(document.querySelector('.form-login .btn-login').innerText)")
	screen.look("login-refused")


def test_a_page_that_is_not_there_is_told_in_chinese(phone):
	screen = phone()
	screen.allow("404")
	screen.page.goto("/no-such-page")
	screen.look("not-found")
