"""The field of a text that may be written in the editor, with it and without."""

import pytest
from django import forms

from common.documents import HTML_LIMIT_CHARS
from common.fields import WritingField
from common.sources import SIGN
from community.practices.forms import PracticeForm


class Form(forms.Form):
    text = WritingField(label="Text")
    more = WritingField(required=False)


def sent(**values):
    return Form(values)


def cleaned(**values):
    form = sent(**values)
    assert form.is_valid(), form.errors
    return form.cleaned_data["text"]


def test_typed_text_stays_as_it_was_typed():
    assert cleaned(text="**a** <p>b") == "**a** <p>b"


def test_a_text_of_the_editor_is_sanitised():
    assert cleaned(text=f"{SIGN}<p onclick=x>a</p><script>b</script>") == f"{SIGN}<p>a</p><p>b</p>"


@pytest.mark.parametrize("nothing", [SIGN, f"{SIGN}<p></p>", f"{SIGN}<p>\u200b&nbsp;</p>", "", " "])
def test_what_nobody_sees_is_empty(nothing):
    assert "text" in sent(text=nothing).errors


HTML = f"{SIGN}<h3>T</h3><ul><li><p>a</p></li></ul>"
WORDS = "## T\n\n- a"


def test_without_the_editor_a_box_has_the_words_and_the_text_beside_them():
    drawn = Form(initial={"text": HTML})["text"].as_widget()
    assert f"{WORDS}</textarea>" in drawn
    assert 'name="text-source"' in drawn
    assert "text-source" not in Form(initial={"text": WORDS})["text"].as_widget()


def test_words_that_come_back_unchanged_are_the_text_of_the_editor():
    assert cleaned(**{"text": WORDS.replace("\n", "\r\n") + " ", "text-source": HTML}) == HTML
    assert cleaned(**{"text": f"{WORDS}\n- b", "text-source": HTML}) == f"{WORDS}\n- b"
    assert cleaned(**{"text": HTML, "text-source": f"{SIGN}<p>b</p>"}) == HTML


def test_the_limit_is_of_words_and_not_of_tags(settings):
    settings.TEXT_LIMIT_CHARS = 10
    assert cleaned(
        text=f"{SIGN}<p><strong>abcdefghi</strong></p>".replace("<strong>", "").replace("</strong>", "")
    )
    assert "over the limit" in str(sent(text=f"{SIGN}<p>abcdefghijk</p>").errors)


def test_more_tags_than_can_be_kept_are_refused_and_come_back():
    much = SIGN + "<p><em>a</em> <s>b</s></p>" * (HTML_LIMIT_CHARS // 20)
    form = sent(text=much)
    assert "formatting" in str(form.errors)
    assert form["text"].value() == much


def test_the_parts_of_the_editor_are_on_the_page_once():
    assert str(PracticeForm()).count('class="editor-parts"') == 1
