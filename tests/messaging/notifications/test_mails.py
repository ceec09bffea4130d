"""A mail says the same as plain text and as HTML, and nobody's words become more than words."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template import TemplateSyntaxError, engines
from django.utils import translation

from common import clock
from messaging.notifications import mails
from tools import mails as sample_mails

READER_ZONE = "Europe/Budapest"
KINDS = sorted(path.stem for path in Path(settings.BASE_DIR, "templates/mail").glob("[!_]*.txt"))


class Said(HTMLParser):
    """What somebody reads in a letter, where its links lead, and what it would fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.tags: set[str] = set()
        self._in_head = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self._in_head = self._in_head or tag == "head"
        about = dict(attrs)
        if tag == "a":
            self.links.append(about["href"])
        self.fetched += [about[name] for name in ("src", "srcset", "background") if name in about]
        self.fetched += re.findall(r"url\(", about.get("style") or "")

    def handle_endtag(self, tag):
        self._in_head = self._in_head and tag != "head"

    def handle_data(self, data):
        if not self._in_head:
            self.words += data.split()


def compose(
    kind: str, stop_scope: str = "", language: str = "en", user=None, **context
) -> mails.ComposedMail:
    return mails.compose(
        kind=kind,
        user=user,
        address="anna@school.test",
        language=language,
        zone=READER_ZONE,
        context=sample_mails.kinds()[kind] | context,
        stop_scope=stop_scope,
    )


def words_of(text: str) -> list[str]:
    """The words of a text without its signs and its links."""
    return re.findall(r"\w+", re.sub(r"https?://\S+", " ", text))


def test_every_kind_of_mail_is_in_the_preview_tool():
    assert set(KINDS) <= set(sample_mails.kinds())


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_have_the_same_words(kind, language):
    letter = compose(kind, language=language)
    said = Said(letter.html)
    assert words_of(" ".join(said.words)) == words_of(f"Aftercourse {letter.subject} {letter.text}")
    assert {link for link in said.links if link.startswith("http")} == set(
        re.findall(r"https?://\S+", letter.text)
    )
    assert f'lang="{language}"' in letter.html


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_loads_nothing_and_has_no_scripts(kind):
    said = Said(compose(kind).html)
    assert said.fetched == []
    assert not said.tags & {"script", "img", "link", "iframe", "object", "form"}


def test_styles_are_inlined_and_the_dark_colours_stay_a_rule():
    html = compose("invitation").html
    assert re.search(r'<a class="button" href="[^"]+" style="[^"]*background-color: #1d5c4b', html)
    assert "@media (prefers-color-scheme: dark)" in html
    assert "<link" not in html


def test_what_somebody_wrote_is_escaped():
    from types import SimpleNamespace

    reason = "<b>Break</b> & {{ code }}\n\n{% button x %}\n- a list"
    letter = compose("month-extended", extension=SimpleNamespace(last_day=None, reason=reason, on_hand="no"))
    assert "> <b>Break</b> & {{ code }}" in letter.text
    assert "&lt;b&gt;Break&lt;/b&gt; &amp; {{ code }}" in letter.html
    assert "b" not in Said(letter.html).tags


def test_a_title_of_several_lines_makes_a_subject_of_one_line():
    assert compose("month-closed", title="A\r\nBcc: all@school.test").subject.endswith(
        "A Bcc: all@school.test"
    )


def test_only_mails_with_a_scope_have_an_unsubscribe_link(participant):
    stoppable = compose("month-prompt", stop_scope="space:3", user=participant)
    (link,) = set(re.findall(r"http\S+/mail/stop/\S+", stoppable.text))
    assert link in Said(stoppable.html).links
    assert "/mail/stop/" not in compose("month-closed", user=participant).text


def test_a_button_without_an_address_is_a_template_error():
    with pytest.raises(TemplateSyntaxError, match="button takes a URL"):
        engines["django"].from_string("{% load mail_parts %}{% button %}Come in{% endbutton %}")


def test_composing_does_not_change_the_active_language():
    with translation.override("hu"):
        compose("account-code", language="pl")
        assert translation.get_language() == "hu"


WORDS_OF_OTHERS = (
    "<b>&amp; \"q\" 'x'</b>",
    "two  spaces\xa0and {{ code }} %s",
    "a\n\nb\r\nc\x0bd",
    "see https://school.test/?a=1&b=2, now",
    "Anna [[text 0]] [[subject]] </p></td><!--",
)


@pytest.mark.parametrize("words", WORDS_OF_OTHERS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_that_is_filled_in_is_that_which_is_written_for_one(kind, words):
    context = sample_mails.kinds()[kind]
    own = {name: words for name in ("name", "link") if name in context}
    shared = {name: value for name, value in context.items() if name not in own}
    about = {"kind": kind, "user": None, "address": "anna@school.test", "language": "hu", "zone": READER_ZONE}
    composer = mails.Composer()
    composer.compose(**about, context=shared, personal=dict.fromkeys(own, "of somebody else"))
    assert composer.compose(**about, context=shared, personal=own) == mails.compose(
        **about, context=shared | own
    )


@pytest.mark.parametrize("words", WORDS_OF_OTHERS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_html_of_a_letter_is_that_of_its_whole_template(kind, words, monkeypatch):
    about = {"name": words, "title": words, "link": words}
    with clock.at(clock.now()):  # a letter of a live hour says when it is
        letter = compose(kind, **about)
        monkeypatch.setattr(mails, "_html", mails._inlined)
        assert letter == compose(kind, **about)
