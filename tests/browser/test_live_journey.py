"""The live half of the first path: a letter by real mail, a room where the trainer answers without anybody
reloading, an answer that is kept, and a door that closes at once. On one process, and on two that hear each
other."""

import re
import signal
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_journey import SCENE, bring_completions, come_in, sign_in
from tests.post_office import PostOffice, open_post_office, words_of
from tests.servers import valkey_url
from tests.site import Site
from tests.waiting import wait_until

QUESTION = "What do you do when half the class is lost?"
ANSWER = "Ask for one thing they could explain to a friend."


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A real mail server."""
    with open_post_office() as office:
        yield office


@pytest.fixture(params=["one process on SQLite", "two on PostgreSQL and Valkey"])
def site(request: pytest.FixtureRequest, office: PostOffice) -> Iterator[Site]:
    """An installation of one server, or of two that share a database and a Valkey."""
    several = request.param.startswith("two")
    site = Site(
        "postgres" if several else "sqlite",
        redis_url=valkey_url() if several else "",
        mail_url=office.url,
    )
    site.start()
    if several:
        site.start_another()
    yield site
    site.stop(signal.SIGKILL)


def invitation_from(office: PostOffice, site: Site, address: str) -> str:
    """The path in the letter that came by mail."""
    site.move_clock(minutes=15)
    wait_until(lambda: bool(office.to(address)), "The letter", site.log.read_text)
    (path,) = re.findall(r"(/invitations/\S+)", words_of(office.to(address)[0]))
    return str(path)


def say(page: Page, text: str) -> None:
    """Write into the room and see it sent."""
    page.get_by_label("Write a message").fill(text)
    page.get_by_label("Write a message").press("Enter")
    expect(page.locator("room-message", has_text=text)).to_be_visible()


def test_the_trainer_is_there(
    site: Site, office: PostOffice, someone: Callable[..., Page], tmp_path: object
) -> None:
    first, last = site.servers[0].url, site.servers[-1].url
    run = site.manage("shell", "-v", "0", "-c", SCENE).strip()
    coordinator, trainer, participant = someone(at=first), someone(at=first), someone(at=last)

    sign_in(coordinator, "cora@tisza.test")
    bring_completions(coordinator, run, tmp_path)
    come_in(participant, invitation_from(office, site, "nora@school.test"))
    space = re.sub(r"^https?://[^/]+", "", participant.url)
    sign_in(trainer, "tamara@tisza.test")
    trainer.goto(f"{space}room/")
    participant.goto(f"{space}room/")

    # A question is offered as one, so that it is not lost.
    participant.get_by_label("Write a message").fill(QUESTION)
    participant.get_by_label("Write a message").press("Enter")
    participant.get_by_role("button", name="Ask it as a question").click()
    expect(participant.get_by_label("Your question")).to_have_value(QUESTION)
    participant.get_by_role("button", name="Ask", exact=False).click()
    expect(participant.get_by_role("heading", name=QUESTION)).to_be_visible()
    participant.goto(f"{space}room/")

    say(participant, "I asked it as a question just now.")
    expect(trainer.locator("room-message", has_text="just now")).to_be_visible()
    say(trainer, ANSWER)
    expect(participant.locator("room-message", has_text=ANSWER)).to_be_visible()

    # What was said is kept as the answer, and found where it was asked.
    trainer.locator("room-message", has_text=ANSWER).focus()
    trainer.keyboard.press("s")
    expect(trainer.get_by_label(ANSWER)).to_be_checked()
    trainer.get_by_label("The answer to an open question").check()
    trainer.get_by_role("combobox", name="The question").select_option(label=QUESTION)
    trainer.get_by_role("button", name="Keep it").click()
    expect(trainer.locator(".reply--answer").get_by_text(ANSWER)).to_be_visible()
    kept = participant.locator("room-message", has_text=ANSWER).get_by_role(
        "link", name="Kept in a conversation"
    )
    expect(kept).to_be_visible()
    kept.click()
    expect(participant.locator(".reply--answer").get_by_text(ANSWER)).to_be_visible()
    participant.goto(f"{space}room/")
    trainer.goto(f"{space}room/")

    # Who is removed sees nothing more on the page that is open.
    coordinator.goto(f"{space}people/")
    coordinator.get_by_role("listitem").filter(has_text="Nóra Nagy").get_by_role("button").click()
    expect(participant.get_by_text("You’re no longer in this chat")).to_be_visible()
    say(trainer, "Said when she was gone.")
    expect(participant.get_by_text("Said when she was gone.")).to_have_count(0)
    expect(participant.get_by_text(ANSWER)).to_have_count(0)
