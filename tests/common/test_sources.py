"""Which source a text was written in, and its plain words."""

import pytest

from common import sources
from common.sources import SIGN, Format, plain_text, sent, written, written_together


def test_typed_text_is_markdown_and_stays_as_it_was_typed():
    assert written("**a** <p>b") == ("**a** <p>b", Format.MARKDOWN, "<p><strong>a</strong> &lt;p&gt;b</p>")


def test_a_text_of_the_editor_is_stored_sanitised_without_its_sign():
    assert written(f"{SIGN}<p onclick=x>a <b>b</b></p>") == ("<p>a b</p>", Format.HTML, "<p>a b</p>")


@pytest.mark.parametrize("typed", ["**a**", f"{SIGN}<p>a</p>", ""])
def test_what_is_stored_is_sent_again_as_it_came(typed):
    assert sent(*written(typed)[:2]) == typed


def test_an_old_text_opens_in_the_editor_with_its_formats():
    typed = "## T\n\n- a\n- b **c**\n\n[c](https://a.test)"
    assert sources.as_html(typed) == (
        f"{SIGN}<h3>T</h3><ul><li><p>a</p></li><li><p>b <strong>c</strong></p></li></ul>"
        '<p><a href="https://a.test">c</a></p>'
    )


def test_texts_of_one_row_have_one_format():
    together = written_together({"one": "- a\n- b", "two": f"{SIGN}<p>c</p>", "three": ""})
    assert {each.format for each in together.values() if each.text} == {Format.HTML}
    assert together["one"].text == "<ul><li><p>a</p></li><li><p>b</p></li></ul>"
    assert {each.format for each in written_together({"one": "a", "two": ""}).values()} == {Format.MARKDOWN}


def test_plain_words_of_both_sources():
    assert plain_text("**a**", Format.MARKDOWN) == "**a**"
    assert plain_text("<p><strong>a</strong><br>b</p>", Format.HTML) == "**a**\nb"
    assert sources.plain_text_of(f"{SIGN}<ul><li>a</li></ul>") == "- a"


def test_the_files_that_a_text_shows():
    key = "0b5f6c1e7a544d0c9c1f1f2e3d4c5b6a"
    assert sources.pictures_in(f'{SIGN}<img data-file="{key}"><img data-file="{key}">') == [key]
    assert sources.pictures_in(f'<img data-file="{key}">') == []
