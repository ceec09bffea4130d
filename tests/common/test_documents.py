"""A text of the editor, from HTML that anybody may have sent to what is stored, shown and read out."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common import document_html, document_words, documents
from common.document_html import Picture
from common.editing import ATTRIBUTES, TAGS

KEY = "0b5f6c1e7a544d0c9c1f1f2e3d4c5b6a"
PICTURES = {KEY: Picture(7, 1600, 1200, "from the file")}
CPU_SECONDS = 2.5
"""For the longest text, on a busy machine; the slowest takes a tenth of it on a quiet one."""

HOSTILE = {
    "script": "<p>a<script>alert(1)</script>b</p>",
    "handler": '<p onclick="alert(1)" onmouseover=alert(1)>a</p>',
    "image": '<img src=x onerror="alert(1)"><img data-file="../x" src=y>',
    "javascript link": '<a href="javascript:alert(1)">a</a><a href="JaVa\nScRiPt:alert(1)">b</a>',
    "entities in a link": '<a href="&#106;avascript&colon;alert(1)">a</a><a href=" &#1; javascript:x">b</a>',
    "data link": '<a href="data:text/html;base64,PHNjcmlwdD4=">a</a><a href="vbscript:x">b</a>',
    "style": '<p style="background:url(javascript:x)">a</p><style>p{color:red}</style>',
    "svg": "<svg><script>alert(1)</script><a xlink:href='javascript:x'><text>a</text></a></svg>",
    "svg breakout": '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    "math": "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=a&gt;'>",
    "math annotation": "<math><annotation-xml encoding='text/html'><style><img onerror=a src=x></style>",
    "template": "<template><img src=x onerror=a></template><noscript><p title='</noscript><img onerror=a>'>",
    "textarea": "<textarea></textarea><img src=x onerror=alert(1)><title></title><xmp><b></xmp>",
    "comment": "<!-- --!><img src=x onerror=alert(1)> --><!--><p>a<![CDATA[<b>]]>",
    "form": "<form><input name=body><button formaction=javascript:x>go</button></form><select><option>a",
    "frame": "<iframe srcdoc='<script>1</script>'></iframe><object data=x></object><embed src=x><base>",
    "nested tables": "<table><tr><td><table><tr><td>a</td></tr></table></td></tr></table>",
    "fostered": "<table>a<tr>b<td>c</td>d</tr><p>e</p></table>",
    "nested links": '<a href="https://a.test">a<table><a href="https://b.test">b</a></table>',
    "nested lists": "<ul>a<li>b<ul><ul><li>c</ul></ul><p>d</li>e</ul><li>f</li>",
    "misnested": "<b><p>a<i>b</b>c</p></i><h3><ul><li>d</h3>e",
    "unfinished": "<p>a<a href='https://a.test",
    "null": "<p>a\x00<scr\x00ipt>b</scr\x00ipt>",
    "solidus": "<p>\u0338a</p><strong>\u0338</strong>\u0338&gt;\u0338",
    "private use": "\ue001img src=x onerror=alert(1)\ue002 &#xe001;b&#57346;",
    "pre": "<pre>\n\n a <b>b</b>\n</pre><pre><code>\n</code></pre>",
    "figure": f'<figure><img data-file="{KEY}" alt="&quot;><b>"><figcaption>a<img src=x></figure>',
    "figure in line": f'<p>a<img data-file="{KEY}">b</p><ul><img data-file="{KEY}"></ul>',
    "two in a figure": f'<figure><img data-file="{KEY}"><img data-file="{KEY}">a</figure>',
    "spans": '<table><tr><td colspan="99999999" rowspan="-1">a<td colspan=3>b',
    "deep": "<blockquote><ul><li>" * 15 + "a",
}


class Checker(HTMLParser):
    """Fails for any tag or attribute that is not made by us."""

    OWN = {"div": {"class", "tabindex"}, "small": set(), "a": {"href", "rel"}}
    PICTURE = set("src srcset sizes width height alt loading decoding".split())

    def handle_starttag(self, tag, attrs):
        allowed = self.PICTURE if tag == "img" else self.OWN.get(tag, ATTRIBUTES.get(tag, set()))
        assert tag in TAGS | self.OWN.keys()
        assert {name for name, _value in attrs} <= allowed
        for name, value in attrs:
            if name == "href":
                assert re.match(r"https?://|mailto:", value, re.I) or not re.match(r"[^/?#]*:", value)
            if name == "src":
                assert value == "/pictures/7/medium.webp"


def stored(html: str) -> str:
    return document_html.stored(documents.read(html))


def check(html: str) -> None:
    """Nothing runs, and what is stored is read again as it was written."""
    once = stored(html)
    assert stored(once) == once
    Checker().feed(document_html.shown(documents.read(html), PICTURES))
    document_words.words(documents.read(html))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_html_comes_out_inert_and_stays_as_it_is(name):
    check(HOSTILE[name])


FRAGMENTS = [piece for html in HOSTILE.values() for piece in re.split(r"(?<=>)|(?=<)", html) if piece]


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), max_size=14).map("".join))
def test_whatever_is_sent_comes_out_inert_and_stays_as_it_is(html):
    check(html)


@pytest.mark.parametrize(
    "html",
    [
        "<b>" * 10_000,
        "<div><p>x" * 4_000,
        "<p>x</p>" * 7_000,
        "<ul>" + "<li><p>x</p></li>" * 3_000 + "</ul>",
        "<table>" + ("<tr>" + "<td><p>x</p></td>" * 20 + "</tr>") * 170 + "</table>",
        "<table>" * 7_000,
        "<p>" + "a <strong>b</strong> " * 2_800,
        "<a href=x>" * 5_000,
        "&lt;" * 15_000,
        "&eacute;" * 7_500,
        "<" * 60_000,
    ],
    ids=lambda html: html[:12],
)
def test_the_time_for_the_longest_texts_is_bounded(html):
    start = time.process_time()
    documents.read(html[: documents.HTML_LIMIT_CHARS])
    assert time.process_time() - start < CPU_SECONDS


def test_html_beyond_the_bounds_keeps_its_words():
    assert stored("<b>" * 100 + "kept" + "<div>" * 5_000 + "too") == "<p>kept</p><p>too</p>"


def test_a_text_that_is_too_long_is_refused():
    with pytest.raises(ValueError, match="characters"):
        documents.read("x" * (documents.HTML_LIMIT_CHARS + 1))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Jó <b>reggelt</b></p><p></p><p> </p>", "<p>Jó reggelt</p>"),
        ("<p>a <strong>b</strong><strong>c</strong> </p>", "<p>a <strong>bc</strong></p>"),
        ("<p><em><strong>a</strong></em></p>", "<p><strong><em>a</em></strong></p>"),
        ("a<br>b<p>c", "<p>a<br>b</p><p>c</p>"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "<ul><li><p>a</p><ul><li><p>b</p></li></ul></li></ul>"),
        ("<ol start=3><li>a</li></ol>", '<ol start="3"><li><p>a</p></li></ol>'),
        (
            "<table><thead><tr><th>a</th></tr></thead><tr><td><h3>b</h3></table>",
            "<table><tbody><tr><th><p>a</p></th></tr><tr><td><p>b</p></td></tr></tbody></table>",
        ),
        ("<pre>  a\n\tb</pre>", "<pre><code>  a\n\tb</code></pre>"),
        ('<a href="https://a.test" target=_blank>a</a>', '<p><a href="https://a.test">a</a></p>'),
        ("<p>a<script>b</script></p>", "<p>ab</p>"),
    ],
)
def test_what_is_stored(html, expected):
    assert stored(html) == expected


def test_a_page_makes_links_of_addresses_and_says_where_words_lead():
    shown = document_html.shown(
        documents.read('<p>www.school.test or <a href="https://a.test/x"><strong>he</strong>re</a></p>'), {}
    )
    assert shown == (
        '<p><a href="http://www.school.test" rel="nofollow noopener">www.school.test</a> or '
        '<a href="https://a.test/x" rel="nofollow noopener"><strong>he</strong>re</a> '
        "<small>(a.test)</small></p>"
    )


def test_words_that_lead_to_a_page_of_this_site_have_no_host_behind_them(settings):
    settings.SITE_URL = "https://aftercourse.test"

    def shown(href: str) -> str:
        return document_html.shown(documents.read(f'<p><a href="{href}">Petra</a></p>'), {})

    assert "<small>" not in shown("https://aftercourse.test/threads/1/")
    for elsewhere in ("https://aftercourse.test.evil.test/", "https://aftercourse.test:8443/threads/1/"):
        assert "<small>" in shown(elsewhere)


def test_a_page_shows_pictures_of_their_author_alone():
    html = f'<figure><img data-file="{KEY}" alt="A board"><figcaption>Ours</figcaption></figure>'
    assert 'src="/pictures/7/medium.webp"' in document_html.shown(documents.read(html), PICTURES)
    assert 'alt="A board"' in document_html.shown(documents.read(html), PICTURES)
    assert document_html.shown(documents.read(html), {}) == "<p>Ours</p>"


def test_a_wide_table_scrolls_in_a_box_of_its_own():
    shown = document_html.shown(documents.read("<table><tr><td>a</table>"), {})
    assert shown.startswith('<div class="prose__table" tabindex="0"><table>')


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<h3>T</h3><p>a <strong>b</strong><br>c</p>", "## T\n\na **b**\nc"),
        ("<ol><li>a<ul><li>b</ul><li>c</ol>", "1. a\n   - b\n2. c"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ("<table><tr><th>a<th>b<tr><td>c<td></table>", "| a | b |\n| c |  |"),
        (
            '<a href="https://a.test">here</a> <a href="https://b.test">https://b.test</a>',
            "[here](https://a.test) https://b.test",
        ),
        (f'<figure><img data-file="{KEY}" alt="Tábla"><figcaption>Ma</figcaption></figure>', "[Tábla]\n[Ma]"),
        ("<pre>a\n b</pre>", "```\na\n b\n```"),
    ],
)
def test_words_are_much_what_one_would_type(html, words):
    assert document_words.words(documents.read(html)) == words


@pytest.mark.parametrize("tag", ["p", "h3", "ul", "table", "blockquote", "figure"])
def test_blocks_in_a_figure_are_words_of_it(tag):
    html = f"<figure><{tag}>Kept</{tag}></figure>"
    check(html)
    assert "Kept" in stored(html)
