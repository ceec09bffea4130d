"""Every kind of mail in every language, for visual review.

python -m tools.mails FOLDER    write them as HTML and plain text, and as pictures if there is a browser

The mails are composed as the site composes them, from the people and texts of the demo in their language. The
pictures show each on a phone and in a wide window, in light and dark colours; index.html shows them all.
"""

import datetime as dt
import os
import sys
from dataclasses import dataclass, replace
from html import escape
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace as Named
from typing import Any

SIZES = {"phone": (360, 640), "wide": (720, 400)}
"""The windows of the pictures, in CSS pixels."""
THEMES = ("light", "dark")
LINK = "https://aftercourse.test/spaces/3/"
ZONE = "Europe/Budapest"


@dataclass(frozen=True)
class Sample:
    """Whom and what the mails of one language are about."""

    course: str
    other_course: str
    institute: str
    reader: str
    other: str
    trainers: tuple[str, ...]
    coordinator: str
    prompt: Named
    question: str
    hour: str
    reason: str


REASONS = {
    "en": "The autumn break was right in the middle of it.",
    "hu": "Éppen a közepére esett az őszi szünet.",
    "lt": "Pačiame viduryje buvo rudens atostogos.",
    "pl": "W samym środku wypadły ferie.",
    "ru": "На середину пришлись осенние каникулы.",
}
"""Why a follow-up was made longer."""


def sample_of(language: str) -> Sample:
    """The sample of a language: the first course group of the demo whose texts are in it."""
    from django.utils import translation

    from followup.demo.fixtures import programmes
    from followup.months import prompts

    programme = next(each for each in programmes() if each.institute.language == language)
    run = next(each for each in programme.runs if each.threads and each.participants)
    people = {each.key: each for each in programme.people}
    courses = {each.key: each for each in programme.courses}
    course = courses[run.course]
    reader, other, *_ = [people[key].name for key in run.participants]
    with translation.override(language):
        usual = prompts.standard()[0]
    prompt = course.prompts[0] if course.prompts else usual
    question = next((each.title for each in run.threads if each.question), run.threads[0].title)
    hour = next((each.title for one in (run, *programme.runs) for each in one.hours), question)
    return Sample(
        course=course.title,
        other_course=next((each.title for each in programme.courses if each is not course), course.title),
        institute=programme.institute.name,
        reader=reader,
        other=other,
        trainers=tuple(people[key].name for key in run.trainers),
        coordinator=next(each.name for each in programme.people if each.role == "coordinator"),
        prompt=Named(title=prompt.title, text=prompt.text),
        question=question,
        hour=hour,
        reason=REASONS[language],
    )


def kinds(language: str = "en") -> dict[str, dict[str, Any]]:
    """The template context of each kind, and of the variants of some: `news--one`."""
    from common import clock
    from community.people.destinations import Destination, Purpose

    now, sample = clock.now(), sample_of(language)
    first_day, day = now.date() - dt.timedelta(days=11), now.date() + dt.timedelta(days=20)
    extension = Named(last_day=day, reason=sample.reason, on_hand="yes")
    hour = {"title": sample.hour, "space": sample.course, "who": sample.trainers[0], "own": False}
    hour |= {"at": now + dt.timedelta(minutes=30), "until": now + dt.timedelta(minutes=90)}
    about_opened = Destination(trainers=sample.trainers, first_day=first_day, last_day=day)
    opened = {"about": about_opened, "prompt": sample.prompt, "trains": False, "on_hand": True}
    about: dict[str, dict[str, Any]] = {
        "account-address-changed": {"to_email": "anna@new.test", "from_email": "anna@old.test"},
        "account-address-code": {"code": "QRT-7KM"},
        "account-address-removed": {"deleted_email": "anna@old.test"},
        "account-code": {"code": "QRT-7KM"},
        "account-exists": {},
        "account-new-password": {"password_reset_url": LINK},
        "account-password-changed": {},
        "account-unknown": {"open": False},
        "account-unknown--open": {"open": True},
        "erasure-asked": {"at": now + dt.timedelta(days=7)},
        **_invitations(sample, first_day, day, now),
        "live-cancelled": hour,
        "live-moved": hour,
        "live-soon": hour,
        "live-soon--own": hour | {"own": True},
        "month-asked": {"extension": extension, "answer_link": LINK},
        "month-awaiting": {"awaiting_last_day": day},
        "month-closed": {"last_day": day},
        "month-closing": {"last_day": day, "trains": False, "on_hand": True},
        "month-closing--trainer": {"last_day": day, "trains": True, "on_hand": True},
        "month-extended": {"extension": extension},
        "month-not-confirmed": {"own_page": LINK},
        "month-opened": opened,
        "month-opened--trainer": opened
        | {
            "trains": True,
            "about": replace(about_opened, purpose=Purpose.TRAINING, trainers=sample.trainers[1:]),
        },
        "month-opened--alone": opened | {"on_hand": False, "about": replace(about_opened, trainers=())},
        "month-prompt": {"prompt": sample.prompt},
        "report": {"reason": "pupil", "hides": True},
        "report--danger": {"reason": "danger", "hides": False},
        **_digests(sample, language),
    }
    usual = {"title": sample.course, "name": sample.reader, "link": LINK}
    return {kind: usual | more for kind, more in about.items()}


def _invitations(
    sample: Sample, first_day: dt.date, last_day: dt.date, now: dt.datetime
) -> dict[str, dict[str, Any]]:
    from community.institutes.models import Staff
    from community.people.destinations import Destination, Purpose

    expires_at, coordinator = now + dt.timedelta(days=30), Named(name=sample.coordinator)

    def invitation(occasion: str, **about: Any) -> dict[str, Any]:
        named = Named(occasion=occasion, invited_by=coordinator, expires_at=expires_at)
        return {"invitation": named, "about": Destination(institute=sample.institute, **about)}

    follow_up = {"trainers": sample.trainers, "first_day": first_day, "last_day": last_day}
    role = Staff.Role.EVALUATOR.label
    return {
        "invitation": invitation(sample.course, purpose=Purpose.FOLLOW_UP, **follow_up),
        "invitation--alone": invitation(
            sample.course, purpose=Purpose.FOLLOW_UP, first_day=first_day, last_day=last_day
        ),
        "invitation--trainer": invitation(
            sample.course, purpose=Purpose.TRAINING, **follow_up | {"trainers": sample.trainers[1:]}
        ),
        "invitation--group": invitation(sample.course, purpose=Purpose.TRAINING),
        "invitation--staff": invitation(sample.institute, purpose=Purpose.STAFF, role=role),
        "invitation--other": {
            "invitation": Named(occasion="", invited_by=None, expires_at=expires_at),
            "about": Destination(),
        },
    }


def _digests(sample: Sample, language: str) -> dict[str, dict[str, Any]]:
    from django.utils import translation

    from community.people.models import User
    from messaging.notifications.digests import DigestGroup, DigestItem
    from messaging.notifications.models import Notification
    from messaging.notifications.queries import item_text

    reader = User(pk=1, name=sample.reader)
    context = {"title": sample.question, "space": sample.course, "started_by": 1, "question": True}

    def item(kind: str, many: int = 1) -> DigestItem:
        news = Notification(kind=kind, context=context, by=User(pk=2, name=sample.other))
        return DigestItem(item_text(news, reader, many), LINK)

    with translation.override(language):
        lines = [item("answer"), item("reply", 3), item("mention")]
        several = [DigestGroup(sample.course, lines), DigestGroup(sample.other_course, [item("question")])]
        only = item("answer")
    return {
        "news": {
            "groups": several,
            "only": None,
            "first": lines[0],
            "several_things": True,
            "news_link": LINK,
        },
        "news--one": {
            "groups": [DigestGroup(sample.course, [only])],
            "only": only,
            "first": only,
            "several_things": False,
        },
    }


STOPPABLE = ("live", "month-prompt", "news")


def write(folder: Path) -> list[Path]:
    """Compose every kind in every language; returns the HTML files."""
    from django.conf import settings

    from community.people.models import User
    from messaging.notifications import mails

    written = []
    for language, _name in settings.LANGUAGES:
        for name, context in kinds(language).items():
            mail = mails.compose(
                kind=name.partition("--")[0],
                user=None if name.startswith("account-unknown") else User(pk=1, name=context["name"]),
                address="anna@school.test",
                language=language,
                zone=ZONE,
                context=context,
                stop_scope="space:3" if name.startswith(STOPPABLE) else "",
            )
            path = folder / f"{name}.{language}.html"
            path.write_text(mail.html, encoding="utf-8")
            path.with_suffix(".txt").write_text(f"{mail.subject}\n\n{mail.text}", encoding="utf-8")
            written.append(path)
    return written


def take_pictures(pages: list[Path], browser: str) -> None:
    """Take a picture of each page in each size and theme."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        for size, (width, height) in SIZES.items():
            view = chromium.new_page(viewport={"width": width, "height": height})
            for page in pages:
                view.goto(page.as_uri())
                for theme in THEMES:
                    view.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                    view.screenshot(path=_picture(page, size, theme), full_page=True)
        chromium.close()


def write_index(folder: Path, pages: list[Path]) -> None:
    """Write a page that shows all pictures, those of one kind beside each other."""
    rows = []
    for page in sorted(pages):
        shown = [_picture(page, size, theme).name for size in SIZES for theme in THEMES]
        images = "".join(f'<img src="{escape(name)}" alt="" loading="lazy">' for name in shown)
        links = f'<a href="{escape(page.name)}">{escape(page.stem)}</a>'
        rows.append(f"<h2>{links}</h2><p>{images}</p>")
    style = "p{display:flex;gap:8px;align-items:start;overflow:auto}img{border:1px solid #999}"
    head = f'<!doctype html><meta charset="utf-8"><title>Mails</title><style>{style}</style>'
    (folder / "index.html").write_text(f"{head}{''.join(rows)}", encoding="utf-8")


def _picture(page: Path, size: str, theme: str) -> Path:
    return page.with_suffix(f".{size}.{theme}.png")


def main(folder: Path) -> None:
    """Write them, and take pictures if there is a browser."""
    import django

    from tools import browser, messages

    os.environ.setdefault("AFTERCOURSE_MODE", "test")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    messages.compile_all()
    django.setup()
    folder.mkdir(parents=True, exist_ok=True)
    pages = write(folder)
    found = browser.find() if find_spec("playwright") else None
    if found:
        take_pictures(pages, found)
        write_index(folder, pages)
    print(f"{len(pages)} mails in {folder}{'' if found else ', without pictures: no browser was found'}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
