"""Templates are compiled without the indentation of their lines."""

import pytest
from django.template import Engine

from common.template_loader import Loader


@pytest.fixture
def source(tmp_path):
    """What is compiled of a template with this text."""

    def of(text, name="page.html"):
        (tmp_path / name).write_text(text)
        loader = Loader(Engine(), dirs=[tmp_path])
        return loader.get_contents(next(loader.get_template_sources(name)))

    return of


def test_lines_keep_their_number_and_their_words(source):
    assert source("<ul>\n  <li>\n\n\t  one <b>two</b>\n</ul>\n") == "<ul>\n<li>\n\none <b>two</b>\n</ul>\n"


def test_a_translated_text_keeps_the_spaces_that_the_catalogues_know(source):
    text = "{% blocktranslate count n=1 %}\n  one{% plural %}\n  many{% endblocktranslate %}"
    assert source(f"<p>\n  {text}\n  </p>") == f"<p>\n{text}\n</p>"


def test_mails_of_plain_text_keep_their_indentation(source):
    assert source("Hello\n\n  indented", name="mail.txt") == "Hello\n\n  indented"
