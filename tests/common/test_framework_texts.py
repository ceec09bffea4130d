"""Django's own messages are translated by us, and still are after Django changes their words."""

import re
from pathlib import Path

import django
import pytest
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation

from common import framework_texts
from tools import messages

SOURCES = (
    *("forms/fields.py", "forms/models.py", "core/validators.py"),
    "contrib/auth/password_validation.py",
)


def test_every_listed_message_is_one_of_django_s():
    folder = Path(django.__file__).parent
    texts = " ".join((folder / name).read_text(encoding="utf-8") for name in SOURCES)
    joined = re.sub(r'"\s*"', "", texts)
    source = Path(framework_texts.__file__).read_text(encoding="utf-8")
    listed = re.findall(r'^ +(?:gettext_noop\()?"([^"]+[.)])"', source, re.MULTILINE)
    assert len(listed) > len(framework_texts.FORM_MESSAGES)
    assert [text for text in listed if text not in joined] == []


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_an_empty_field_and_a_short_password_answer_in_the_language_of_the_page(language):
    known = messages.messages_of(messages.read_catalogue(language))
    with translation.override(language):
        with pytest.raises(ValidationError) as empty:
            forms.CharField().clean("")
        assert empty.value.messages == [known["This field is required.", None].string]
        with pytest.raises(ValidationError) as short:
            validate_password("wk7ds")
        assert "This password" not in " ".join(short.value.messages)
