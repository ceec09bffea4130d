"""Which words are addresses, and where their links lead."""

import pytest

from common import html
from tests.shown import Shown


def linked(typed: str) -> list[str]:
    """Where the links of a text lead."""
    return Shown(html.render(typed)).hrefs


@pytest.mark.parametrize(
    "typed",
    [
        "Kész.Az",
        "stb.Az",
        "ok.no",
        "README.md",
        "2019.pl",
        "Kipróbáltam.De nem ment",
        "iskola.hu",
        "Valami.com",
        "valami.com.pl",
        "node.js",
        "www.iskola",
        "www",
        "http://",
        "http:// x",
        "//example.org",
        "ftp://example.org",
        "tel:112",
        "javascript:alert(1)",
        "https://bank.example@evil.example/",
        "https://user:password@evil.example",
        "a@b",
        "@Nagy Nóra",
        "anna@iskola.hu@x",
        "xhttps://example.org",
        "https://" + "a" * 300,
    ],
)
def test_what_nobody_meant_is_no_link(typed):
    assert linked(typed) == []


@pytest.mark.parametrize(
    ("typed", "href"),
    [
        ("https://example.org", "https://example.org"),
        ("HTTPS://EXAMPLE.ORG/A", "HTTPS://EXAMPLE.ORG/A"),
        ("http://localhost:8000/a", "http://localhost:8000/a"),
        ("www.iskola.hu", "http://www.iskola.hu"),
        ("Www.iskola.hu/út.", "http://Www.iskola.hu/út"),
        ("learningapps.org", "http://learningapps.org"),
        ("learningapps.org/watch?v=1,", "http://learningapps.org/watch?v=1"),
        ("anna.nagy@iskola.hu.", "mailto:anna.nagy@iskola.hu"),
        ("mailto:a@b.hu", "mailto:a@b.hu"),
        ("„https://example.org/c”", "https://example.org/c"),
        ("«https://example.org/e»", "https://example.org/e"),
        ("“https://example.org/e”", "https://example.org/e"),
        ("‘https://example.org/e’", "https://example.org/e"),
        ("»https://example.org/e«", "https://example.org/e"),
        ("「https://example.org/e」", "https://example.org/e"),
        ('"https://example.org/e"', "https://example.org/e"),
        ("(https://example.org/a_(b))", "https://example.org/a_(b)"),
        ("(lásd https://example.org/a)-ban", "https://example.org/a"),
        ("<https://example.org/a>", "https://example.org/a"),
        ("https://example.org/a?b=1&c=2…", "https://example.org/a?b=1&c=2"),
        ("https://example.org/a!?", "https://example.org/a"),
        ("**https://example.org/a**", "https://example.org/a"),
        ("https://example.org.Az óra", "https://example.org"),
        ("www.iskola.hu.Az", "http://www.iskola.hu"),
        ("https://iskola-győr.hu/út", "https://iskola-győr.hu/út"),
        ("https://школа.рф/путь_(1)", "https://школа.рф/путь_(1)"),
        ("https://example.org/a_b_c", "https://example.org/a_b_c"),
        ("https://example.org–jó", "https://example.org"),
        ("![kép](https://example.org/a.png)", "https://example.org/a.png"),
        ("[](https://example.org)", "https://example.org"),
        ("[1]: https://example.org/a", "https://example.org/a"),
        ("\\[itt](https://example.org)", "https://example.org"),
    ],
)
def test_what_is_meant_leads_where_it_says(typed, href):
    assert linked(typed) == [href]


def test_two_addresses_without_a_space_are_two_links():
    assert linked("https://a.hu/b,https://c.hu/d;http://e.hu") == [
        "https://a.hu/b",
        "https://c.hu/d",
        "http://e.hu",
    ]


def test_words_that_are_a_link_show_where_it_leads():
    made = html.render("[itt *van*](https://school.test/a)!")
    assert made == (
        '<p><a href="https://school.test/a" rel="nofollow noopener">itt <em>van</em></a> '
        "<small>(school.test)</small>!</p>"
    )
    assert html.plain(made) == "itt van (https://school.test/a)!"


def test_an_address_that_leads_elsewhere_shows_where():
    made = html.render("[https://bank.example](https://evil.example/a)")
    assert "</a> <small>(evil.example)</small>" in made


@pytest.mark.parametrize(
    ("host", "ascii_host"),
    [
        ("аррӏе.com", "xn--80ak6aa92e.com"),
        ("сосо.com", "xn--n1aahb.com"),
        ("bаnk.hu", "xn--bnk-6cd.hu"),
        ("bank.ελ", "bank.xn--qxam"),
    ],
)
def test_a_host_that_may_imitate_another_is_shown_in_ascii(host, ascii_host):
    made = html.render(f"https://{host}/")
    assert f"https://{host}/" in made
    assert f"<small>({ascii_host})</small></a>" in made
    assert f"({ascii_host})" in html.with_links(f"https://{host}/")


@pytest.mark.parametrize(
    "host", ["iskola-győr.hu", "szkoła.pl", "mokykla-š.lt", "школа.рф", "xn--80ak6aa92e.com"]
)
def test_a_host_in_letters_of_one_language_is_shown_as_it_was_typed(host):
    assert "<small>" not in html.render(f"https://{host}/")


def test_a_link_with_words_shows_an_imitating_host_in_ascii():
    assert "<small>(xn--80ak6aa92e.com)</small>" in html.render("[apple](https://аррӏе.com/)")


def test_in_a_mail_addresses_are_links_and_the_rest_is_escaped():
    assert html.with_links("<b> „https://example.org/c” & Kész.Az") == (
        '&lt;b&gt; „<a href="https://example.org/c">https://example.org/c</a>” &amp; Kész.Az'
    )
