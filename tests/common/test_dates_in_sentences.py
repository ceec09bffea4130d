"""Every sentence with a date, in every language, with every form the date may take: no form breaks it.

Hungarian and Lithuanian dates end with a stop ("december 18.", "gruodžio 18 d."), near moments are words
without one ("tomorrow, 16:00"), and a weekday has one case, which fits after no preposition. So a translation
says where its sentence ends for all forms, or puts the date where it needs no case: in brackets, say.
"""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.utils.timezone import override as in_zone  # noqa: TID251 the reader's zone, not the time
from django.utils.translation import override as in_language

from common import clock, dates
from tools import messages

NOON = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
DAYS = [dt.date(2026, 12, 18), dt.date(2027, 1, 27), dt.date(2026, 11, 22), dt.date(2026, 11, 26)]
HOURS = [NOON + dt.timedelta(hours=hours) for hours in (2, 26, 100, 600, 1600)]
PAST = [NOON - dt.timedelta(minutes=minutes) for minutes in (0, 5, 180, 1500, 6000, 60000, 600000)]
KINDS = {
    "date": "day",
    "before": "day",
    "last_day": "day",
    "day": "day",
    "dates": "span",
    "when": "hour",
    "since": "moment",
    "time": "time",
    "from": "time",
    "until": "time",
}
"""What a placeholder of this name stands for."""
OTHERWISE = {
    ("You started this %(when)s.", "when"): "moment",
    ("%(name)s is here %(day)s at %(time)s", "day"): "weekday",
    ("The trainer is here %(day)s at %(time)s", "day"): "weekday",
    ("%(day)s, %(time)s", "day"): "weekday",
}
"""Where a name stands for something else."""
FORMS = {
    "day": lambda: [dates.day_in_words(day) for day in DAYS],
    "span": lambda: [dates.span_in_words(DAYS[2], day) for day in DAYS],
    "weekday": lambda: [dates.weekday_in_words(day) for day in DAYS],
    "hour": lambda: [dates.hour_in_words(when) for when in HOURS],
    "moment": lambda: [dates.moment_in_words(when) for when in PAST],
    "time": lambda: [dates.time_in_words(when) for when in HOURS],
}
PREPOSITIONS = {
    "lt": "iki|nuo|po|prieš|per",
    "pl": "do|od|po|przed|przez|na|w|z",
    "ru": "до|от|с|к|на|в|после|через",
}
"""Words after which a weekday would need another case."""
TAG = re.compile(r"<[^>]+>")
ENDED = re.compile(r"[.!?:…”“»)]$")


def sentences() -> Iterator[tuple[str, str, str, str, str]]:
    """Language, original, translation, placeholder, and what that stands for."""
    for language in messages.LANGUAGES:
        for (original, _context), message in messages.messages_of(messages.read_catalogue(language)).items():
            for name in set(re.findall(r"%\((\w+)\)s", original)) & KINDS.keys():
                for form in messages.forms_of(message):
                    yield language, original, form, name, OTHERWISE.get((original, name), KINDS[name])


def rendered(text: str, name: str, value: str) -> str:
    """The sentence with this value, and with words or numbers for what else it has."""
    text = text.replace(f"%({name})s", f"\u2060{value}\u2060")
    for other in KINDS:
        text = text.replace(f"%({other})s", value)
    return re.sub(r"%\(\w+\)s", "x", TAG.sub("", text))


def fault(language: str, original: str, text: str, name: str, kind: str, value: str) -> str | None:
    """What is wrong with a sentence when the placeholder has this value."""
    marked = rendered(text, name, value)
    plain = marked.replace("\u2060", "")
    if re.search(r"[.?!] ?\.", plain):
        return "two stops"
    if re.search(r"[.\w]\u2060-?\w", marked) and kind != "time":
        return "an ending after a date"
    if original.endswith(".") and not ENDED.search(plain):
        return "no stop at the end"
    follows = re.search(r"[^.!?:…]\u2060 (\w)", marked)
    if follows and follows[1].isupper():
        return "a new sentence without a stop before it"
    begins = re.match(r"\u2060[^\W\d_]", marked) or re.search(r"[.!?] \u2060[^\W\d_]", marked)
    if begins and original[0].isupper() and original.endswith((".", "?")):
        return "a sentence begins with a small letter"
    words = PREPOSITIONS.get(language)
    has_weekday = kind in ("hour", "moment", "weekday")
    if has_weekday and words and re.search(rf"\b(?:{words})[ \u00a0]\u2060[^\W\d_]", marked, re.IGNORECASE):
        return "a weekday after a preposition"
    return None


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_no_form_of_a_date_breaks_a_sentence(language: str) -> None:
    faults = []
    with clock.at(NOON), in_zone("Europe/Budapest"), in_language(language):
        values = {kind: [*forms(), *in_full(kind)] for kind, forms in FORMS.items()}
        for of, original, text, name, kind in sentences():
            if of != language:
                continue
            for value in dict.fromkeys(values[kind]):
                if found := fault(language, original, text, name, kind, value):
                    faults.append(f"{found}: {rendered(text, name, value)!r}, of {original!r}")
                    break
    assert not faults, "\n".join(faults)


def in_full(kind: str) -> list[str]:
    """The forms in a mail."""
    with dates.in_full():
        return FORMS[kind]()


def test_the_names_of_dates_are_known() -> None:
    """A placeholder that a date function fills, under another name, would not be looked at here."""
    for path in messages.sources():
        text = path.read_text(encoding="utf-8")
        used = re.findall(r"(\w+)=[\w.]+\|(?:\w+_)?(?:in_words|span_until|in_full)\b", text)
        used += re.findall(r"\{% (?:day|moment|at_hour|weekday) [^%]* as (\w+) %\}", text)
        used += re.findall(r'"(\w+)": (?:dates\.)?(?:day|weekday|span|hour|moment|time)_in_words\(', text)
        assert set(used) - KINDS.keys() - NOT_IN_SENTENCES == set(), path


NOT_IN_SENTENCES = {"starts", "ends", "full_day"}
"""Names of dates that stand alone."""
