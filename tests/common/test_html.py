"""From what somebody typed to HTML that is safe to show."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common import html, markdown
from tests.teachers import texts

PIECES = ["Hello", "jó", "www", "example", "com", "org.", "a.", "b", "Привет", "1", "2)", "3.", "(c)", "x:"]
PIECES += [
    "http:",
    "ftp",
    "…",
    "—",
    "  ",
    "\n",
    "\n\n",
    " ",
    ",",
    "!",
    "?",
    "’",
    "'",
    "&",
    "-",
    "1. ",
    "#",
    "/",
]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("`if a < b && c`", "<p><code>if a &lt; b &amp;&amp; c</code></p>"),
        ("`https://school.test`", "<p><code>https://school.test</code></p>"),
        ("Fish & chips < dinner", "<p>Fish &amp; chips &lt; dinner</p>"),
        (
            "See https://school.test/a?b=1&c=2",
            '<p>See <a href="https://school.test/a?b=1&amp;c=2" rel="nofollow noopener">'
            "https://school.test/a?b=1&amp;c=2</a></p>",
        ),
        (
            "[here](https://school.test)",
            '<p><a href="https://school.test" rel="nofollow noopener">here</a> '
            "<small>(school.test)</small></p>",
        ),
    ],
)
def test_what_was_typed_is_what_is_read(typed, shown):
    assert html.render(typed) == shown


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hello)",
        "![picture](https://school.test/p.png)",
        '[x](https://school.test "a\\" onclick=alert(1)")',
    ],
)
def test_nothing_runs_and_nothing_is_fetched(typed):
    made = html.render(typed)
    assert not any(bad in made for bad in ("<script", "<img", 'href="javascript', 'href="data', '" onclick'))


@pytest.mark.parametrize("typed", ["`a < b`", "& &amp; &lt;", "> quote\n\n- one\n- two", "www.school.test"])
def test_clean_is_idempotent(typed):
    once = html.render(typed)
    assert html.clean(once) == once


def test_a_text_that_is_too_long_is_refused(settings):
    with pytest.raises(ValueError, match="characters"):
        html.render("x" * (settings.TEXT_LIMIT_CHARS + 1))


@settings(deadline=None)
@given(texts | st.lists(st.sampled_from(PIECES), max_size=15).map("".join).map(str.strip))
def test_what_goes_the_short_way_is_shown_as_the_long_way_shows_it(typed):
    if html.is_simple(typed):
        assert html.render(typed) == html.clean("".join(markdown.to_blocks(typed)))


@pytest.mark.parametrize(
    "typed",
    [
        "I tried it on Tuesday, and it went well!",
        "Igen.\nKöszönöm!",
        "Да… Спасибо",
        "I'd ask six-year-olds",
        "Az 5.b-ben 2026. december 5-én (8:30–9:15) jól ment :)\n\n12. 05.",
    ],
)
def test_common_text_takes_the_fast_path(typed):
    assert html.is_simple(typed)


def test_a_preview_is_cut_at_words_and_never_in_html():
    typed = "https://ru.wikipedia.org/wiki/" + "Список_объектов_" * 15 + " и ещё слова"
    assert html.plain(html.render(typed)) == typed
    assert html.plain(html.render('"' * 400 + " 9")) == '"' * 400 + " 9"
    assert html.plain(html.render("a & b " * 30), words=5) == "a & b a &…"
    assert html.plain(html.render("x" * 5_000), words=5) == "x" * 199 + "…"


@pytest.mark.parametrize(
    ("typed", "preview"),
    [
        ("1. alma\n2. körte", "1. alma 2. körte"),
        ("Kell:\n- alma\n- körte", "Kell: - alma - körte"),
        ("1. alma\n   - zöld\n   - piros\n2. körte", "1. alma - zöld - piros 2. körte"),
        ("> Ki jön?\nÉn!", "> Ki jön? Én!"),
        ("**A** `b`\n\nc", "A b c"),
    ],
)
def test_a_preview_says_the_markers_of_lists_and_quotes(typed, preview):
    assert html.plain(html.render(typed)) == preview
