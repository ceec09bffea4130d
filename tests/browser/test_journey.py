"""The whole first path, as people walk it: from a list of completions to a month that has closed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.post_office import words_of
from tests.site import Site
from tests.waiting import wait_until

PASSWORD = "chalk-and-slate-42"
QUESTION = "What do you do when the exit ticket shows half the class is lost?"
ANSWER = "Ask for one thing they could explain to a friend, and start the next lesson there."

SCENE = f"""
import datetime as dt
from allauth.account.models import EmailAddress
from common import clock
from community.models import Institute, Staff, User
from followup.models import Course, Module, Run, RunTrainer

def person(name, address):
    user = User.objects.create_user(
        name, address, "{PASSWORD}", joined_at=clock.now(), time_zone="Europe/Budapest"
    )
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return user

zone = "Europe/Budapest"
institute = Institute.objects.create(name="Tisza Institute", slug="tisza", country="HU", time_zone=zone)
cora = person("Cora Coordinator", "cora@tisza.test")
Staff.objects.create(institute=institute, user=cora, role="coordinator")
course = Course.objects.create(
    institute=institute, title="Formative assessment in practice", slug="formative-assessment", language="en",
    aim="To see what pupils learn while they learn it.", audience="Teachers.", published_at=clock.now(),
)
Module.objects.create(course=course, position=1, title="Exit tickets", hours=10)
today = clock.today(zone)
run = Run.objects.create(
    course=course, starts_on=today - dt.timedelta(3), ends_on=today - dt.timedelta(1), place="Szeged"
)
RunTrainer.objects.create(run=run, user=person("Tamara Trainer", "tamara@tisza.test"))
print(run.pk)
"""

COMPLETIONS = """email;name;completed_on
nora@school.test;Nóra Nagy;
not an address;Béla Balogh;
judit@school.test;Judit Bárány;
tamas@school.test;;
zsofia@school.test;Zsófia Zala;2199-01-01
mark@school.test;Márk Molnár;
"""
"""Six rows, three of them bad: lines 3, 5 and 6."""


def sign_in(page: Page, address: str) -> None:
    page.goto("/account/login/")
    page.get_by_label("Email address").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile(r"/$"))


def bring_completions(coordinator: Page, run: str, folder: Path) -> None:
    """Three come in, three are refused by line and reason, and nothing leaves before ten minutes are over."""
    listed = folder / "completions.csv"
    listed.write_text(COMPLETIONS, encoding="utf-8")
    coordinator.goto(f"/runs/{run}/completions/")
    coordinator.get_by_label("Completion list").set_input_files(listed)
    coordinator.locator("form:has(input[type=file]) button[type=submit]").click()
    expect(coordinator.get_by_role("heading", name="What will happen")).to_be_visible()
    refused = coordinator.get_by_role("table").get_by_role("row")
    expect(refused).to_have_count(1 + 3)
    for row, line in zip((1, 2, 3), ("3", "5", "6"), strict=True):
        expect(refused.nth(row)).to_contain_text(line)
    expect(coordinator.get_by_text("nora@school.test").first).to_be_visible()
    coordinator.get_by_role("button", name="Open the follow-up").click()
    expect(coordinator.get_by_text("The follow-up is open")).to_be_visible()


def invitation_in(site: Site, address: str) -> str:
    """The link in the letter, which leaves once the ten minutes are over."""
    assert not site.mails(to=address), "the letter left while it could still be taken back"
    site.move_clock(minutes=15)
    wait_until(lambda: bool(site.mails(to=address)), "The letter", site.log.read_text)
    (letter,) = site.mails(to=address)
    (link,) = re.findall(r"http\S+/invitations/\S+", words_of(letter))
    return str(link)


def come_in(participant: Page, link: str) -> None:
    participant.goto(link)
    expect(participant.get_by_role("heading", name="Welcome, Nóra Nagy")).to_be_visible()
    participant.get_by_role("button", name="Join").click()
    expect(participant).to_have_url(re.compile(r"/spaces/\d+/$"))


def read_and_ask(participant: Page) -> None:
    expect(participant.get_by_role("heading", name="This week")).to_be_visible()
    participant.get_by_role("link", name="Ask the trainer").click()
    participant.get_by_label("Your question").fill(QUESTION)
    participant.get_by_label("More about it").fill("I planned ten minutes and needed the **whole** lesson.")
    participant.get_by_role("button", name="Ask", exact=False).click()
    expect(participant.get_by_role("heading", name=QUESTION)).to_be_visible()


def publish_practice(page: Page, space: str, title: str) -> None:
    page.goto(f"{space}practices/new/")
    page.get_by_label("Title").fill(title)
    page.get_by_label("What happened").fill("Everybody had something to write.")
    page.get_by_text("What did you do, step by step?").click()
    page.get_by_label("What I tried").fill("A thumbs vote first, then the ticket.")
    page.get_by_text("Who is it for").click()
    page.get_by_label("Subject").select_option("maths")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()


def answer_it(trainer: Page) -> None:
    """The question waits on the trainer's Today; the answer is given there."""
    trainer.goto("/")
    trainer.get_by_role("link", name=QUESTION).first.click()
    trainer.get_by_label("Your reply").fill(ANSWER)
    trainer.get_by_role("button", name="Send").click()
    expect(trainer.get_by_role("article").get_by_text(ANSWER)).to_be_visible()


def accept_it(participant: Page) -> None:
    participant.goto("/")
    participant.get_by_role("link", name=QUESTION).first.click()
    participant.get_by_role("button", name="This answers it").click()
    expect(participant.locator(".reply--answer").get_by_text(ANSWER)).to_be_visible()


@pytest.mark.parametrize("site", ["sqlite", "postgres"], indirect=True)
def test_a_course_goes_on_living_after_its_last_day(
    site: Site, someone: Callable[..., Page], tmp_path: Path
) -> None:
    run = site.manage("shell", "-v", "0", "-c", SCENE).strip()
    coordinator, participant, trainer = someone(), someone(), someone()

    sign_in(coordinator, "cora@tisza.test")
    bring_completions(coordinator, run, tmp_path)
    come_in(participant, invitation_in(site, "nora@school.test"))
    space = participant.url
    read_and_ask(participant)
    question = participant.url
    publish_practice(participant, space, "A thumbs vote before the exit ticket")
    sign_in(trainer, "tamara@tisza.test")
    answer_it(trainer)
    accept_it(participant)

    participant.goto(question)
    participant.get_by_label("Your reply").fill("Thank you, it worked!")
    site.move_clock(days=32)
    participant.get_by_role("button", name="Send").click()
    expect(participant.get_by_text("The discussion closed on").first).to_be_visible()
    expect(participant.get_by_label("Your reply")).to_have_text("Thank you, it worked!")

    publish_practice(participant, space, "The same with fractions, five weeks later")
    participant.goto(question)
    expect(participant.get_by_role("heading", name=QUESTION)).to_be_visible()
    expect(participant.locator(".reply--answer").get_by_text(ANSWER)).to_be_visible()
    participant.goto(f"{space}practices/")
    expect(participant.get_by_role("link", name="A thumbs vote before the exit ticket")).to_be_visible()
    expect(participant.get_by_role("link", name="The same with fractions, five weeks later")).to_be_visible()
