"""Form fields that clean what is typed, and for which "required" means that something can be seen."""

import pytest
from django import forms
from django.urls import get_resolver

from common.fields import LineField, NameField, TextField
from tests.common.test_text import INVISIBLE


class Written(forms.Form):
    name = NameField(max_length=10)
    title = LineField(max_length=10)
    place = LineField(required=False)
    text = TextField()
    more = TextField(required=False)


def sent(**fields):
    return Written({"name": "Anna", "title": "A title", "text": "A text.", **fields})


def test_what_is_typed_is_cleaned():
    form = sent(name=" Nagy\u200b  A\u202e ", title="Two\r\nlines", text=" one\vtwo\x00 ", more="\u2060")
    assert form.is_valid()
    assert form.cleaned_data == {
        "name": "Nagy A",
        "title": "Two lines",
        "place": "",
        "text": "one\ntwo",
        "more": "",
    }


@pytest.mark.parametrize("unseen", INVISIBLE, ids=lambda char: f"U+{ord(char):04X}")
@pytest.mark.parametrize("field", ["name", "title", "text"])
def test_a_required_field_needs_something_that_can_be_seen(field, unseen):
    form = sent(**{field: f" {unseen} "})
    assert form.errors.as_data()[field][0].code == "required"


@pytest.mark.parametrize("name", ["-", ".", "12", "👍"])
def test_a_name_needs_a_letter_and_a_title_does_not(name):
    assert sent(name=name).errors == {"name": ["A name needs at least one letter."]}
    assert sent(title=name).is_valid()


def test_a_field_is_as_long_as_what_is_kept():
    assert sent(title="x" * 10 + "\u200b").is_valid()
    assert list(sent(title="x" * 11).errors) == ["title"]


def test_a_text_that_is_too_long_says_by_how_much():
    class Short(forms.Form):
        text = TextField(limit=10)

    assert Short({"text": "x" * 10 + "\r\n"}).is_valid()
    assert "3 characters over the limit of 10" in Short({"text": "x" * 13}).errors["text"][0]
    assert "1 character over the limit of 10" in Short({"text": "x" * 11}).errors["text"][0]
    assert "1 character over the limit of 20000" in sent(text="x" * 20_001).errors["text"][0]


def test_every_form_of_ours_cleans_what_is_typed():
    """A plain field lets control characters and invisible names through. A password is not cleaned."""
    assert get_resolver().url_patterns, "which imports every form"
    plain = {
        f"{form.__module__}.{form.__name__}.{name}"
        for form in subclasses(forms.BaseForm)
        if form.__module__.split(".")[0] in ("common", "community", "config", "followup", "messaging")
        for name, field in form.base_fields.items()
        if type(field) is forms.CharField and not isinstance(field.widget, forms.PasswordInput)
    }
    # Codes are compared, not stored; allauth drops the name of a user.
    assert {name for name in plain if name.rpartition(".")[2] not in ("code", "username")} == set()


def subclasses(of):
    """All classes derived from one."""
    for each in of.__subclasses__():
        yield each
        yield from subclasses(each)
