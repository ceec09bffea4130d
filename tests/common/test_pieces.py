"""Kept pieces: the same values give the same piece, drawn once, and nothing else is ever in one."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest
from django.template import Context, Template
from django.test import override_settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import override as in_language

from common import clock, dates, pieces
from common.pieces import PieceStore, draw, piece

TEMPLATES = {
    "one.html": "<p>{{ one }}</p>",
    "person.html": '<p class="{{ shown.badge }}">{{ shown.name }}</p>',
    "today.html": "{% load i18n %}{% translate 'Today' %}",
    "form.html": "<form>{% csrf_token %}{{ user }}{{ request.path }}</form>",
    "moment.html": "{% moment when %}",
}


class Person(NamedTuple):
    name: str
    badge: str


class Count:
    """A function that makes HTML, and how often it was asked to."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, text: object, note: object = "") -> SafeString:
        self.calls += 1
        return format_html("<b>{}</b>{}", text, note)


@pytest.fixture(autouse=True)
def templates(settings: Any) -> Iterator[None]:
    ours = settings.TEMPLATES[0]
    loaders = [("django.template.loaders.locmem.Loader", TEMPLATES)]
    options = {**ours["OPTIONS"], "loaders": loaders}
    with override_settings(TEMPLATES=[{**ours, "APP_DIRS": False, "OPTIONS": options}]), in_language("en"):
        pieces.store.clear()
        yield
    pieces.store.clear()


@pytest.fixture
def counted() -> tuple[Count, Any]:
    count = Count()
    count.__name__ = "count"  # type: ignore[attr-defined]
    return count, piece(count)


def test_a_piece_is_drawn_once_for_the_same_values(counted):
    count, kept = counted
    assert kept("a") == kept("a") == "<b>a</b>"
    assert count.calls == 1


def test_other_values_are_another_piece(counted):
    count, kept = counted
    drawn = [kept("a"), kept("b"), kept("a", "b"), kept("a", note="b"), kept(("a", "b"))]
    assert drawn[:3] == ["<b>a</b>", "<b>b</b>", "<b>a</b>b"]
    assert count.calls == 5


def test_equal_values_of_other_types_are_other_pieces(counted):
    _count, kept = counted
    assert [kept(1), kept(True), kept("1")] == ["<b>1</b>", "<b>True</b>", "<b>1</b>"]
    assert [kept(("a", 1)), kept(("a", True))] == [
        "<b>(&#x27;a&#x27;, 1)</b>",
        "<b>(&#x27;a&#x27;, True)</b>",
    ]


def test_text_is_escaped_even_after_the_same_text_was_marked_as_safe():
    markup = format_html("<i>{}</i>", "x")
    assert draw("one.html", one=markup) == "<p><i>x</i></p>"
    assert draw("one.html", one=str.__str__(markup)) == "<p>&lt;i&gt;x&lt;/i&gt;</p>"


def test_the_names_of_the_values_are_in_the_key():
    assert draw("one.html", one="a") == "<p>a</p>"
    assert draw("one.html", other="a") == "<p></p>"


def test_each_language_has_its_own_piece():
    words = {}
    for language in ("en", "hu", "en"):
        with in_language(language):
            words[language] = draw("today.html")
            assert words[language] == gettext("Today")
    assert words["en"] != words["hu"]


def test_a_lazy_translation_is_a_value():
    for language in ("en", "hu"):
        with in_language(language):
            assert draw("one.html", one=gettext_lazy("Today")) == f"<p>{gettext('Today')}</p>"


def test_a_named_tuple_is_a_value_and_its_fields_are_read_by_name():
    assert draw("person.html", shown=Person("Ágnes", "staff")) == '<p class="staff">Ágnes</p>'
    assert draw("person.html", shown=Person("Ágnes", "")) == '<p class="">Ágnes</p>'


@pytest.mark.parametrize(
    "value",
    [["a"], {"a": 1}, object(), ("a", ["b"]), clock.now()],
    ids=["list", "dict", "object", "tuple", "moment"],
)
def test_what_may_change_or_is_no_plain_value_is_refused(value):
    with pytest.raises(TypeError, match="a piece shows"):
        draw("one.html", one=value)


def test_nothing_of_the_request_is_in_a_piece(rf):
    request = rf.get("/secret-path/")
    page = Template("{% piece 'form.html' %}")
    context = Context({"csrf_token": "TOKEN", "user": "Ágnes", "request": request})
    assert page.render(context) == "<form></form>"


def test_a_piece_may_not_ask_for_the_time(counted):
    with pytest.raises(RuntimeError, match="depend on the time"):
        piece(lambda: format_html("{}", dates.moment_in_words(clock.now())))()
    assert clock.now()


def test_a_piece_that_fails_is_not_kept():
    attempts = []

    @piece
    def failing() -> SafeString:
        attempts.append(1)
        if len(attempts) == 1:
            raise RuntimeError("once")
        return format_html("<p>{}</p>", "ok")

    with pytest.raises(RuntimeError, match="once"):
        failing()
    assert failing() == "<p>ok</p>"


def test_the_least_recently_used_are_dropped_within_the_bytes_allowed():
    store = PieceStore(max_bytes=100_000)
    text = "x" * 1000
    for number in range(1000):
        store.put(("reply", number), SafeString(f"{number} {text}"))
        assert store.get(("reply", 0)), "it is used all the time"
        assert store.bytes <= 100_000
    assert 50 < len(store) < 100
    assert store.get(("reply", 1)) is None
    assert store.get(("reply", 999))


def test_long_values_in_the_key_are_counted():
    store = PieceStore(max_bytes=1_000_000)
    store.put(("reply", ("Ж" * 1000,)), SafeString("short"))
    assert store.bytes > sys.getsizeof("Ж" * 1000)


def test_a_piece_too_large_is_drawn_and_not_kept():
    store = PieceStore(max_bytes=64_000)
    store.put("page", SafeString("x" * 2000))
    assert store.get("page") is None
    assert store.bytes == 0


def test_threads_share_a_store_without_losing_count():
    store = PieceStore(max_bytes=50_000)

    def use(seed: int) -> None:
        for number in range(2000):
            key = (seed * number) % 97
            if store.get(key) is None:
                store.put(key, SafeString("x" * 500))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(1, 9)))
    kept = sum(size for _piece, size in store._kept.values())
    assert store.bytes == kept <= 50_000
