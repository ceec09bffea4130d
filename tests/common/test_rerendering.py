"""Stored texts are rendered anew after a change of the rules."""

import pytest

from common import html, rerendering
from community.practices.models import Practice
from community.threads.models import Thread
from messaging.chat.models import Entry
from tests.written import publish, say, start

pytestmark = pytest.mark.django_db


def test_html_that_differs_is_written_anew_in_batches(space, participant, monkeypatch):
    monkeypatch.setattr(rerendering, "ROWS_PER_BATCH", 2)
    threads = [start(space, participant, text=f"{number}. osztály") for number in range(5, 10)]
    Thread.objects.filter(pk__in=[thread.pk for thread in threads[:4]]).update(
        html="<ol><li>osztály</li></ol>"
    )
    assert rerendering.rerender(Thread.objects.all(), {"text": "html"}) == 4
    assert rerendering.rerender(Thread.objects.all(), {"text": "html"}) == 0
    assert [Thread.objects.get(pk=thread.pk).html for thread in threads] == [
        html.render(thread.text) for thread in threads
    ]


def test_all_texts_of_a_row_are_written_anew(space, participant):
    practice = publish(space, participant, tried="2*3*4", happened="5. osztály")
    Practice.objects.update(tried_html="<p>2<em>3</em>4</p>", happened_html="<p>osztály</p>")
    assert (
        rerendering.rerender(Practice.objects.all(), {"tried": "tried_html", "happened": "happened_html"})
        == 1
    )
    practice.refresh_from_db()
    assert (practice.tried_html, practice.happened_html) == ("<p>2*3*4</p>", "<p>5. osztály</p>")


def test_a_text_that_changes_meanwhile_is_left_alone(space, participant, monkeypatch):
    message = say(space, participant, "5. osztály")
    Entry.objects.update(html="<p>osztály</p>")

    def edit_meanwhile(typed: str) -> str:
        Entry.objects.update(text="8. osztály", html="<p>8. osztály</p>")
        return "<p>5. osztály</p>"

    monkeypatch.setattr(html, "render", edit_meanwhile)
    assert rerendering.rerender(Entry.objects.all(), {"text": "html"}) == 0
    message.refresh_from_db()
    assert message.html == "<p>8. osztály</p>"
