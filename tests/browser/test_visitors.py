"""What visitors of an installation see before they sign in: accessible at every width, and near at hand."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.test_look import LAPTOP, SMALL_PHONE, violations_in, wider_than_the_window
from tests.site import Site

SETUP = """
from tests.cast import create_cast

create_cast()
"""
PHONE = {"width": 375, "height": 667}
ZOOMED = {"width": 320, "height": 256}
"""A window of 1280 pixels at 400 %."""
TEXT_SPACING = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-block-end: 2em !important }
"""
"""WCAG 2.2, success criterion 1.4.12."""
PATHS = ["/", "/courses/", "/account/login/", "/account/login/code/", "/invitations/again/", "/no/such/page/"]
STOPS_BEFORE_THE_EMAIL_ADDRESS = ["Skip to content", "Aftercourse"]


def test_every_page_before_signing_in_is_accessible_and_fits_a_small_phone(site: Site, someone):
    page = someone(viewport=SMALL_PHONE, color_scheme="light", reduced_motion="reduce")
    found = []
    for path in PATHS:
        page.goto(path)
        if wider_than_the_window(page):
            found.append(f"{path}: wider than the window")
        found += [f"{path}: {each}" for each in violations_in(page)]
        page.set_viewport_size(LAPTOP)
        page.emulate_media(color_scheme="dark")
        found += [f"{path}, dark: {each}" for each in violations_in(page, runOnly=["color-contrast"])]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(SMALL_PHONE)
    assert not found, "\n".join(found)


def test_text_spaced_as_some_readers_need_it_fits_a_window_at_400_percent(someone):
    for locale in ("hu", "lt"):
        page = someone(locale=locale, viewport=ZOOMED, bypass_csp=True)
        for path in PATHS:
            page.goto(path)
            page.add_style_tag(content=TEXT_SPACING)
            assert not wider_than_the_window(page), f"{path} in {locale}"


def test_both_ways_in_are_on_the_first_screen_of_a_phone_in_every_language(someone: Callable[..., Page]):
    for locale in ("en", "hu", "pl", "lt", "ru"):
        page = someone(locale=locale, viewport=PHONE, java_script_enabled=False)
        page.goto("/")
        for path in ("/account/login/", "/invitations/again/"):
            box = page.locator(f"main a.button[href='{path}']").bounding_box()
            assert box is not None, locale
            assert box["y"] + box["height"] <= PHONE["height"], locale


def test_the_address_is_two_stops_from_the_top_of_the_page_of_signing_in(page: Page):
    page.goto("/account/login/")
    for name in STOPS_BEFORE_THE_EMAIL_ADDRESS:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent.trim()") == name
    page.keyboard.press("Tab")
    assert page.get_by_label("Email address").evaluate("field => field === document.activeElement")


def test_the_language_is_changed_at_the_top_of_the_home_page_without_scripts(someone):
    page = someone(viewport=PHONE, java_script_enabled=False)
    page.goto("/")
    page.locator("summary").click()
    page.get_by_role("button", name="Magyar").click()
    page.get_by_role("heading", name="Egy képzés nem ér véget az utolsó napján").wait_for()
