"""A mail is read on a later day, so no word in it depends on the day on which it was written."""

import datetime as dt
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from django.conf import settings
from django.utils import timezone, translation  # noqa: TID251 the reader's zone, not the time

from common import clock, dates
from community.people.models import User
from messaging.notifications import mails
from messaging.notifications.models import Notification
from messaging.notifications.queries import item_text
from tools import mails as sample_mails

pytestmark = pytest.mark.sqlite_alone
ZONE = "Europe/Budapest"
NOON = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
LANGUAGES = [code for code, _name in settings.LANGUAGES]
MAILS = sorted(path.stem for path in Path(settings.BASE_DIR, "templates/mail").glob("[!_]*.txt"))
LINES = sorted(path.stem for path in Path(settings.BASE_DIR, "templates/notifications").glob("*.txt"))
RELATIVE = {
    "en": "today|tomorrow|yesterday|tonight|just now|ago",
    "hu": "ma|mai|holnap|holnapi|tegnap|tegnapi|holnapután|tegnapelőtt|az imént|perce|perccel ezelőtt",
    "lt": "šiandien|rytoj|vakar|poryt|užvakar|ką tik|prieš",
    "pl": "dziś|dzisiaj|jutro|wczoraj|pojutrze|przedwczoraj|przed chwilą|temu",
    "ru": "сегодня|завтра|вчера|послезавтра|позавчера|только что|назад",
}
NEAR = [dt.timedelta(days=days, hours=3) for days in (-2, -1, 0, 1, 2, 6)]
READER = User(pk=1, name="Anna Aranyi", email="anna@school.test", time_zone=ZONE)


def relative_words(text: str, language: str) -> list[str]:
    return re.findall(rf"\b(?:{RELATIVE[language]})\b", text, re.IGNORECASE)


def weekdays_without_a_date(text: str, language: str) -> list[str]:
    """Lines with the name of a weekday and without a year."""
    names = "|".join(Locale(language).days["format"]["wide"].values())
    return [
        line
        for line in text.splitlines()
        if re.search(rf"\b(?:{names})\b", line, re.IGNORECASE) and "202" not in line
    ]


def sample(kind: str, away: dt.timedelta) -> dict[str, Any]:
    """The context of a kind, with what happens near to now."""
    with clock.at(NOON):
        context = sample_mails.kinds()[kind]
    if "at" in context:
        context |= {"at": NOON + away, "until": NOON + away + dt.timedelta(hours=1)}
    if "last_day" in context:
        context["last_day"] = (NOON + away).date()
    return context


def composed(kind: str, language: str, context: dict[str, Any], now: dt.datetime) -> tuple[str, str]:
    with clock.at(now):
        mail = mails.compose(
            kind=kind,
            user=READER,
            address=READER.email,
            language=language,
            zone=ZONE,
            context=context,
        )
    return mail.subject, mail.text


def line(kind: str, language: str, away: dt.timedelta, now: dt.datetime = NOON) -> str:
    """A line of a digest."""
    about = {"title": "Cards", "space": "Assessment", "started_by": 1, "asked_by": 1, "question": True}
    about |= {"at": (NOON + away).isoformat(), "until": (NOON + away + dt.timedelta(hours=1)).isoformat()}
    about["day"] = (NOON + away).date().isoformat()
    news = Notification(kind=kind, context=about, by=User(pk=2, name="Tamara Trainer"))
    with (
        clock.at(now),
        translation.override(language),
        timezone.override(ZoneInfo(ZONE)),
        dates.in_full(),
    ):
        return item_text(news, READER)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MAILS)
def test_no_mail_has_words_that_depend_on_the_day(kind, language):
    for away in NEAR:
        subject, text = composed(kind, language, sample(kind, away), NOON)
        assert not relative_words(f"{subject}\n{text}", language)
        assert not weekdays_without_a_date(f"{subject}\n{text}", language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LINES)
def test_no_line_of_a_digest_has_words_that_depend_on_the_day(kind, language):
    for away in NEAR:
        text = line(kind, language, away)
        assert text
        assert not relative_words(text, language)
        assert not weekdays_without_a_date(text, language)


@pytest.mark.parametrize("kind", MAILS)
def test_a_mail_says_the_same_when_it_is_written_a_day_or_a_year_later(kind):
    context = sample(kind, dt.timedelta(days=1))
    said = {composed(kind, "hu", context, NOON + dt.timedelta(days=days)) for days in (0, 1, 7, 60)}
    assert len(said) == 1


@pytest.mark.parametrize("kind", LINES)
def test_a_line_says_the_same_when_it_is_written_a_day_or_a_year_later(kind):
    away = dt.timedelta(days=1)
    said = {line(kind, "pl", away, NOON + dt.timedelta(days=days)) for days in (0, 1, 7, 60)}
    assert len(said) == 1


def test_an_hour_is_written_with_weekday_date_and_the_hour_of_the_readers_zone():
    text = line("live-announced", "en", dt.timedelta(days=1))
    assert text == "Tamara Trainer will be in the chat: Sunday, 22 November 2026, 13:00, about “Cards”"
    subject, _text = composed("live-soon", "hu", sample("live-soon", dt.timedelta(hours=1)), NOON)
    assert subject.startswith("Konzultáció (2026. november 21., szombat 14:00): ")
