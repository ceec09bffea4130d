"""Whatever somebody types is shown, wherever their words are shown."""

import os
import re

import pytest
from hypothesis import example, given, settings

from common import html
from messaging.chat.models import Entry
from messaging.chat.search import excerpt
from messaging.chat.texts import quote_excerpt, render
from tests.shown import Shown, letters, text_of
from tests.teachers import TEXTS, texts

EXAMPLES = int(os.environ.get("AFTERCOURSE_TEXT_EXAMPLES", "250"))
"""More of them are tried by hand, such as 100,000."""
MANY_WORDS = 10_000

every_text = settings(deadline=None, max_examples=EXAMPLES)


@every_text
@given(texts)
def test_every_letter_and_digit_is_on_the_page_in_its_order(typed):
    assert letters(text_of(html.render(typed))) == letters(typed)


@every_text
@given(texts)
def test_every_letter_and_digit_is_in_the_preview_and_the_quotation(typed):
    made = html.render(typed)
    assert letters(html.plain(made, MANY_WORDS)) == letters(typed)
    assert letters(typed).startswith(letters(quote_excerpt(made)))


@pytest.mark.parametrize("typed", TEXTS)
def test_reported_texts_are_shown_whole(typed):
    made = html.render(typed)
    assert letters(text_of(made)) == letters(typed)
    assert letters(html.plain(made, MANY_WORDS)) == letters(typed)
    assert html.plain(made).strip()


@every_text
@given(texts)
@example("***")
@example("\N{NO-BREAK SPACE}#")
def test_what_has_something_to_see_is_never_shown_empty(typed):
    made = html.render(typed)
    visible = "".join(typed.split())
    assert bool("".join(text_of(made).split())) == bool(visible)
    assert bool(html.plain(made)) == bool(visible)


@every_text
@given(texts)
def test_it_is_safe_and_stays_the_same_when_it_is_cleaned_or_saved_again(typed):
    made = html.render(typed)
    shown = Shown(made)
    assert set(shown.tags) <= html.TAGS
    assert all(href.lower().startswith(("http://", "https://", "mailto:")) for href in shown.hrefs)
    assert html.clean(made) == made
    assert html.render(typed) == made


@every_text
@given(texts)
def test_in_a_mail_nothing_changes_but_addresses_become_links(typed):
    shown = Shown(html.with_links(typed))
    assert set(shown.tags) <= {"a"}
    # A host whose letters imitate another is followed by its name in ASCII.
    assert letters(re.sub(r" \([^()\s]*xn--[\w.-]+\)", "", shown.text)) == letters(typed)


@every_text
@given(texts)
def test_a_hit_of_the_rooms_search_shows_what_was_typed(typed):
    message = Entry(**render(typed))
    shown = "".join(part for part, _found in excerpt(message, ["7"]))
    assert letters(shown) in letters(typed)
    assert len(typed) > 240 or letters(shown) == letters(typed)
