"""Every kind of mail in every language, for visual review.

python -m tools.mails FOLDER    write them as HTML and plain text, and as screenshots if a browser is found

The mails are composed as the site composes them, from invented people and places.
"""

import os
import sys
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 680, 300


def kinds() -> dict[str, dict[str, Any]]:
    """The template context of each kind."""
    import datetime as dt
    from types import SimpleNamespace as Named

    from common import clock
    from messaging.notifications.digests import DigestGroup, DigestItem

    now = clock.now()
    day = now.date() + dt.timedelta(days=20)
    title = "Exit tickets, the month after"
    link = "https://aftercourse.test/spaces/3/"
    prompt = Named(title="Try one thing", text="Choose one thing from the course & try it.\nSmall is enough.")
    extension = Named(last_day=day, reason="The autumn break lay in the middle of it.", on_hand="yes")
    who = Named(name="Cora Coordinator")
    invitation = Named(occasion=title, invited_by=who, expires_at=now + dt.timedelta(days=30))
    lines = [
        DigestItem("Nora asks: “Who tries it <on paper>?”", link),
        DigestItem("2 new replies in “The first five minutes”", link),
    ]
    hour = {"title": "Your questions", "space": title, "who": "Tamara Trainer", "own": False}
    hour |= {"at": now + dt.timedelta(minutes=30), "until": now + dt.timedelta(minutes=90)}
    several = {
        "groups": [DigestGroup(title, lines), DigestGroup("Reading aloud, the month after", lines[:1])]
    }
    single = {"groups": [DigestGroup(title, lines[:1])]}
    about: dict[str, dict[str, Any]] = {
        "account-address-changed": {"to_email": "anna@new.test", "from_email": "anna@old.test"},
        "account-address-code": {"code": "QRT-7KM"},
        "account-address-removed": {"deleted_email": "anna@old.test"},
        "account-code": {"code": "QRT-7KM"},
        "account-exists": {},
        "account-new-password": {"password_reset_url": link},
        "account-password-changed": {},
        "account-unknown": {"open": False},
        "erasure-asked": {"at": now + dt.timedelta(days=7)},
        "invitation": {"invitation": invitation},
        "live-cancelled": hour,
        "live-moved": hour,
        "live-soon": hour,
        "month-asked": {"extension": extension, "answer_link": link},
        "month-awaiting": {"awaiting_last_day": day},
        "month-closed": {"last_day": day},
        "month-closing": {"last_day": day, "trains": False, "on_hand": True},
        "month-extended": {"extension": extension},
        "month-not-confirmed": {"own_page": link},
        "month-opened": {"last_day": day, "prompt": prompt, "trains": False, "on_hand": True},
        "month-prompt": {"prompt": prompt},
        "news": {**several, "only": None, "first": lines[0], "several_things": True, "news_link": link},
        "news-one": {**single, "only": lines[0], "first": lines[0], "several_things": False},
    }
    return {kind: {"title": title, "name": "Anna", "link": link, **more} for kind, more in about.items()}


STOPPABLE = ("live", "month-prompt", "news")


def write(folder: Path) -> list[Path]:
    """Compose every kind in every language; returns the HTML files."""
    from django.conf import settings

    from community.people.models import User
    from messaging.notifications import mails

    reader = User(pk=1, name="Anna Aranyi", email="anna@school.test")
    written = []
    for language, _name in settings.LANGUAGES:
        for name, context in kinds().items():
            mail = mails.compose(
                kind=name.removesuffix("-one"),
                user=reader,
                address=reader.email,
                language=language,
                zone="Europe/Budapest",
                context=context,
                stop_scope="space:3" if name.startswith(STOPPABLE) else "",
            )
            path = folder / f"{name}.{language}.html"
            path.write_text(mail.html, encoding="utf-8")
            path.with_suffix(".txt").write_text(f"{mail.subject}\n\n{mail.text}", encoding="utf-8")
            written.append(path)
    return written


def take_screenshots(pages: list[Path], browser: str) -> None:
    """Take a light screenshot of each page, and a dark one of those in English."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        view = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for page in pages:
            view.goto(page.as_uri())
            view.screenshot(path=page.with_suffix(".png"), full_page=True)
            if page.name.endswith(".en.html"):
                view.emulate_media(color_scheme="dark")
                view.screenshot(path=page.with_suffix(".dark.png"), full_page=True)
                view.emulate_media(color_scheme="light")
        chromium.close()


def main(folder: Path) -> None:
    """Write them, and take screenshots if there is a browser."""
    import django

    from tools import browser

    os.environ.setdefault("AFTERCOURSE_MODE", "test")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    folder.mkdir(parents=True, exist_ok=True)
    pages = write(folder)
    found = browser.find()
    if found:
        take_screenshots(pages, found)
    print(f"{len(pages)} mails in {folder}{'' if found else ', without screenshots: no browser was found'}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
