"""The bell in a real browser: its count is updated without a reload on all devices, by socket and by polling,
and it works as a plain link."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.sessions import enter
from tests.site import Site

pytestmark = pytest.mark.parametrize("site", ["postgres"], indirect=True)

SETUP = """
from tests.browser.sessions import open_sessions
from tests.cast import create_cast
from tests.written import ask

cast = create_cast()
open_sessions(cast.participant, cast.trainer)
ask(cast.space, cast.participant, title="Exit tickets")
"""
REPLY = """
from community.people.models import User
from community.threads.models import Thread
from tests.written import reply_to

reply_to(Thread.objects.get(), User.objects.get(name="Tamara Trainer"), "Two minutes are enough.")
"""
PHONE = {"width": 375, "height": 800}
NOTIFICATION_TEXT = "Tamara Trainer replied to your question “Exit tickets”"


def bell_of(page: Page) -> Locator:
    """The visible bell: in the rail, or in the bar of a phone."""
    return page.locator("news-bell:visible").filter(visible=True).first


def expect_count(page: Page, number: int) -> None:
    """Expect this number on the bell and in the title, and neither for 0."""
    count = bell_of(page).locator(".count")
    if number:
        expect(count).to_have_text(re.compile(rf"^{number} new$"))
        expect(page).to_have_title(re.compile(rf"^\({number}\) "))
    else:
        expect(count).to_be_hidden()
        expect(page).not_to_have_title(re.compile(r"^\("))


def test_a_reply_is_counted_on_every_device_until_it_is_read_on_one(site: Site, someone):
    desk = enter(someone(), site, "Petra Participant")
    phone = enter(someone(viewport=PHONE), site, "Petra Participant")
    trainer = enter(someone(), site, "Tamara Trainer")
    expect_count(desk, 0)
    expect_count(phone, 0)
    expect_count(trainer, 1)

    trainer.goto("/threads/1/")
    expect_count(trainer, 0)
    trainer.get_by_label("Your reply").fill("Two minutes are enough.")
    trainer.get_by_role("button", name="Send").click()
    trainer.locator("#reply-1").wait_for()

    for page in (desk, phone):
        expect_count(page, 1)
        expect(bell_of(page).get_by_role("status")).to_have_text(NOTIFICATION_TEXT)
        assert page.evaluate("document.activeElement === document.body")

    bell_of(desk).get_by_role("link").click()
    desk.get_by_role("link", name=NOTIFICATION_TEXT).click()
    desk.locator("#reply-1").wait_for()
    expect_count(desk, 0)
    expect_count(phone, 0)
    desk.goto("/news/")
    desk.get_by_role("link", name=NOTIFICATION_TEXT).wait_for()


def test_marking_all_as_seen_resets_the_count_on_every_device(site: Site, someone):
    site.manage("shell", "-c", REPLY)
    desk = enter(someone(), site, "Petra Participant")
    phone = enter(someone(viewport=PHONE), site, "Petra Participant")
    expect_count(phone, 1)
    desk.goto("/news/")
    desk.get_by_role("button", name="Mark all as read").click()
    expect_count(desk, 0)
    expect_count(phone, 0)


def test_a_notification_of_another_process_is_counted(site: Site, someone):
    page = enter(someone(), site, "Petra Participant")
    expect_count(page, 0)
    site.manage("shell", "-c", REPLY)
    expect_count(page, 1)


def test_without_websockets_the_bell_is_updated_by_polling(site: Site, someone):
    page = someone()
    page.route_web_socket("**/live/", lambda socket: socket.close())
    enter(page, site, "Petra Participant")
    expect_count(page, 0)
    site.manage("shell", "-c", REPLY)
    count = bell_of(page).locator(".count")
    expect(count).to_have_text("1 new")


def test_without_javascript_the_bell_is_a_link_with_the_count(site: Site, someone):
    site.manage("shell", "-c", REPLY)
    page = enter(someone(java_script_enabled=False), site, "Petra Participant")
    expect_count(page, 1)
    bell_of(page).get_by_role("link").click()
    page.get_by_role("link", name=NOTIFICATION_TEXT).click()
    page.locator("#reply-1").wait_for()
    expect_count(page, 0)
