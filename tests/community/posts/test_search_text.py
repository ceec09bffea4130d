"""Every post stores the text that a full-text index will read."""

import datetime as dt

import pytest
from django.conf import settings

from common import privacy
from common.searching import normalize, stem
from community.posts import actions as posts
from community.practices.actions import PracticeText, edit_practice
from community.practices.models import Practice
from community.threads import actions
from community.threads.models import Reply, Thread
from tests.written import publish, reply_to, start

ASKED = {
    "en": ("Assessing what pupils understood", "pupil assessed"),
    "hu": ("Könyvekkel dolgoztunk az értékelésben", "könyv értékelés"),
    "lt": ("Mokiniai vertino vieni kitus mokyklose", "mokinys mokykla"),
    "pl": ("Łąka i praca na lekcjach", "łąka lekcja"),
    "ru": ("Ученики и ёлка на уроках", "ученик елка урок"),
}
"""By language: a text, and inflected forms by which it must be found."""


def found_by(post, word, language):
    """Whether an index finds a word: a prefix match of the normalized word or of its stem."""
    post.refresh_from_db()
    tokens = post.search_text.split()
    return any(token.startswith((normalize(word), stem(word, language))) for token in tokens)


def test_every_language_of_the_interface_is_covered():
    assert set(ASKED) == {code for code, _name in settings.LANGUAGES}


@pytest.mark.parametrize(("language", "written", "asked"), [(code, *words) for code, words in ASKED.items()])
def test_a_thread_is_found_by_inflected_forms(space, participant, language, written, asked):
    thread = start(space, participant, title=written, text="", language=language)
    for word in asked.split():
        assert found_by(thread, word, language), word


@pytest.mark.parametrize("language", ASKED)
def test_replies_and_practices_are_found_in_their_language(space, participant, language):
    written, asked = ASKED[language]
    reply = reply_to(start(space, participant), participant, written, language=language)
    practice = publish(space, participant, happened=written, language=language)
    word = asked.split()[-1]
    assert found_by(reply, word, language)
    assert found_by(practice, word, language)


def test_all_parts_of_a_practice_are_searched(space, participant):
    words = dict.fromkeys(("title", "context", "tried", "happened", "change", "setting"), "")
    practice = publish(space, participant, **{part: f"{part}word" for part in words})
    assert all(found_by(practice, f"{part}word", "en") for part in words)


def test_an_edit_replaces_the_search_text(space, participant):
    thread = start(space, participant, text="Pencils")
    actions.edit_thread(thread=thread, by=participant, title="Exit tickets", text="Cards")
    assert found_by(thread, "card", "en")
    assert not found_by(thread, "pencil", "en")
    reply = reply_to(thread, participant, "Pencils")
    actions.edit_reply(reply=reply, by=participant, text="Scissors", tried=False)
    assert not found_by(reply, "pencil", "en")
    practice = publish(space, participant, tried="Pencils")
    edit_practice(practice=practice, by=participant, fields=PracticeText("Cards", "A", "B", "C"))
    assert not found_by(practice, "pencil", "en")


def test_rows_made_at_once_have_it_too(space, participant):
    Thread.objects.bulk_create([Thread(space=space, author=participant, title="Pencils", language="en")])
    assert found_by(Thread.objects.get(), "pencil", "en")


def test_saving_other_columns_leaves_it_alone(space, participant):
    thread = start(space, participant)
    Thread.objects.filter(pk=thread.pk).update(search_text="kept")
    thread.last_post_at += dt.timedelta(minutes=1)
    thread.save(update_fields=["last_post_at"])
    thread.refresh_from_db()
    assert thread.search_text == "kept"


def test_erasing_a_user_empties_it_with_the_text(space, participant, trainer):
    thread = start(space, participant)
    reply, practice = reply_to(thread, participant), publish(space, participant)
    for post in (thread, reply, practice):
        posts.withdraw(post=post, by=participant)
    privacy.erase(participant)
    for model in (Thread, Reply, Practice):
        assert list(model.objects.values_list("search_text", flat=True)) == [""]
