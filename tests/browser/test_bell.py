"""The bell in a real browser: it counts without a reload, on every device, by socket and by polling, and as a
plain link."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_writing import sign_in
from tests.site import Site

pytestmark = pytest.mark.parametrize("site", ["postgres"], indirect=True)

LAY = """
from tests.cast import create_cast
from tests.written import ask

cast = create_cast()
for one in (cast.participant, cast.trainer):
    one.set_password("long-enough-for-us")
    one.save()
ask(cast.space, cast.participant, title="Exit tickets")
"""
REPLY = """
from community.people.models import User
from community.threads.models import Thread
from tests.written import reply_to

reply_to(Thread.objects.get(), User.objects.get(name="Tamara Trainer"), "Two minutes are enough.")
"""
PHONE = {"width": 375, "height": 800}
TOLD = "Tamara Trainer replied to your question “Exit tickets”"


def bell_of(page: Page) -> Locator:
    """The bell that is shown: in the rail, or in the bar of a phone."""
    return page.locator("news-bell:visible").filter(visible=True).first


def expect_count(page: Page, number: int) -> None:
    """The number on the bell and in the title; none of both when nothing is new."""
    count = bell_of(page).locator(".count")
    if number:
        expect(count).to_have_text(re.compile(rf"^{number} new$"))
        expect(page).to_have_title(re.compile(rf"^\({number}\) "))
    else:
        expect(count).to_be_hidden()
        expect(page).not_to_have_title(re.compile(r"^\("))


def test_a_reply_rings_on_every_device_and_reading_it_on_one_stills_it_on_all(site: Site, someone):
    site.manage("shell", "-c", LAY)
    desk = sign_in(someone(), "petra.participant")
    phone = sign_in(someone(viewport=PHONE), "petra.participant")
    trainer = sign_in(someone(), "tamara.trainer")
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
        expect(bell_of(page).get_by_role("status")).to_have_text(TOLD)
        assert page.evaluate("document.activeElement === document.body")

    bell_of(desk).get_by_role("link").click()
    desk.get_by_role("link", name=TOLD).click()
    desk.locator("#reply-1").wait_for()
    expect_count(desk, 0)
    expect_count(phone, 0)
    desk.goto("/news/")
    desk.get_by_role("link", name=TOLD).wait_for()


def test_marking_all_as_seen_stills_every_device(site: Site, someone):
    site.manage("shell", "-c", LAY + REPLY)
    desk = sign_in(someone(), "petra.participant")
    phone = sign_in(someone(viewport=PHONE), "petra.participant")
    expect_count(phone, 1)
    desk.goto("/news/")
    desk.get_by_role("button", name="Mark all as seen").click()
    expect_count(desk, 0)
    expect_count(phone, 0)


def test_what_another_process_tells_rings_too(site: Site, someone):
    site.manage("shell", "-c", LAY)
    page = sign_in(someone(), "petra.participant")
    expect_count(page, 0)
    site.manage("shell", "-c", REPLY)
    expect_count(page, 1)


def test_a_network_that_lets_no_socket_through_is_asked_again_and_again(site: Site, someone):
    site.manage("shell", "-c", LAY)
    page = someone()
    page.route_web_socket("**/live/", lambda socket: socket.close())
    sign_in(page, "petra.participant")
    expect_count(page, 0)
    site.manage("shell", "-c", REPLY)
    count = bell_of(page).locator(".count")
    expect(count).to_have_text("1 new")


def test_without_javascript_the_bell_is_a_link_with_the_number(site: Site, someone):
    site.manage("shell", "-c", LAY + REPLY)
    page = sign_in(someone(java_script_enabled=False), "petra.participant")
    expect_count(page, 1)
    bell_of(page).get_by_role("link").click()
    page.get_by_role("link", name=TOLD).click()
    page.locator("#reply-1").wait_for()
    expect_count(page, 0)
