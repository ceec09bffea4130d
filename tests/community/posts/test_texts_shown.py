"""Texts as teachers type them on pages and in the previews, quotations, search hits and mails they reach."""

import datetime as dt
import re
import uuid
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from common import clock
from messaging.chat import history
from messaging.chat.actions import post_message
from messaging.notifications import digests, mail_preferences
from messaging.notifications.models import Mail
from tests.shown import letters, text_of
from tests.teachers import TEXTS
from tests.written import ask, reply_to, say, start

pytestmark = pytest.mark.django_db
SHORT = [text for text in TEXTS if len(text) <= 100]
TITLES = [text for text in SHORT if "\n" not in text]
PROSE = re.compile(r'<div class="prose[^"]*"[^>]*>(.*?)</div>', re.DOTALL)
TYPED_AREA = re.compile(r"<textarea[^>]*>\n?(.*?)</textarea>", re.DOTALL)


def texts_on(page) -> list[str]:
    """The letters of each text that somebody wrote on a page."""
    assert page.status_code == 200
    return [letters(text_of(found)) for found in PROSE.findall(page.text)]


def test_a_conversation_shows_every_letter(as_, space, participant, trainer):
    thread = start(space, participant, text=TEXTS[0])
    for text in TEXTS[1:29]:
        reply_to(thread, trainer, text)
    assert texts_on(as_(trainer).get(reverse("thread", args=[thread.pk]))) == list(map(letters, TEXTS[:29]))


def test_the_room_shows_and_finds_every_letter(as_, space, participant, trainer):
    for text in TEXTS:
        say(space, participant, f"{text}\n\nkakukk")
    shown = texts_on(as_(trainer).get(reverse("space_room", args=[space.pk])))
    assert [text for text in shown if text] == [letters(text) + "kakukk" for text in TEXTS]
    hits = []
    for number in (1, 2):
        query = {"q": "kakukk", "page": number}
        found = as_(trainer).get(reverse("room_search", args=[space.pk]), query).context["found"].object_list
        hits += [letters("".join(words for words, _is_found in one.parts)) for one in found]
    assert {letters(text) + "kakukk" for text in SHORT} <= set(hits)


def test_a_quotation_in_the_room_shows_the_numbers_of_lists(space, participant, trainer):
    for text in SHORT:
        message = say(space, participant, text)
        post_message(room=space.room, author=trainer, text="Jó", re=message.number, client_id=uuid.uuid4())
    entries = history.RoomLog().after(space.room.pk, 0, 200)
    quotes = [entry["m"]["re"]["words"] for entry in entries if "re" in entry.get("m", {})]
    assert list(map(letters, quotes)) == list(map(letters, SHORT))
    assert all(quotes)


def test_a_list_shows_titles_and_previews_whole(as_, space, participant, trainer):
    for number in range(0, len(TITLES), 15):
        for text in TITLES[number : number + 15]:
            start(space, participant, title=f"Cím: {text}", text=text)
        page = letters(text_of(as_(trainer).get(reverse("space", args=[space.pk])).text))
        for text in TITLES[number : number + 15]:
            assert letters(f"Cím: {text}") in page
            assert not letters(text) or page.count(letters(text)) >= 2


def test_a_mail_shows_titles_whole_and_links_only_what_is_meant(space, participant, trainer):
    mail_preferences.set_frequency(user=participant, scope=space.scope, frequency="now")
    noon = dt.datetime.combine(clock.today("Europe/Budapest"), dt.time(12), ZoneInfo("Europe/Budapest"))
    with clock.at(noon):
        for text in TITLES:
            reply_to(ask(space, participant, title=text), trainer)
    with clock.at(noon + dt.timedelta(minutes=5)):
        digests.sweep_digests()
    mails = list(Mail.objects.filter(kind="news"))
    for text in TITLES:
        assert any(letters(text) in letters(mail.text) for mail in mails), text
        assert any(letters(text) in letters(text_of(mail.html)) for mail in mails), text
    hrefs = " ".join(re.findall(r'href="([^"]*)"', " ".join(mail.html for mail in mails)))
    assert "Kipr" not in hrefs
    assert "README" not in hrefs
    assert "%E2%80%9D" not in hrefs


def test_who_edits_a_text_finds_it_as_it_was_typed(as_, space, participant):
    for text in SHORT:
        thread = start(space, participant, text=text)
        page = as_(participant).get(reverse("thread_edit", args=[thread.pk])).text
        assert text in [unescape(area).replace("\r\n", "\n") for area in TYPED_AREA.findall(page)]
