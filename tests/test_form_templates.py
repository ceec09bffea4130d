"""What every form gets without asking: labels, help and mistakes that belong together, also when heard."""

import re

from django import forms
from django.template.loader import render_to_string


class Question(forms.Form):
    title = forms.CharField(label="Your question", help_text="In <one> sentence.")
    more = forms.CharField(label="More about it", required=False, widget=forms.Textarea)
    seen_by = forms.ChoiceField(
        label="Who should see it?",
        choices=[("all", "Everyone"), ("trainer", "The trainer")],
        widget=forms.RadioSelect,
    )
    tried = forms.BooleanField(label="I tried this", required=False)
    place = forms.CharField(widget=forms.HiddenInput)


def ids(page):
    return re.findall(r'\bid="([^"]+)"', page)


def test_a_mistake_is_named_at_the_top_with_a_way_to_its_field():
    page = str(Question({"title": ""}))
    assert 'role="alert"' in page
    assert '<a href="#id_title"><strong>Your question</strong>' in page


def test_a_field_is_described_by_its_help_and_its_mistake():
    page = str(Question({"title": ""}))
    control = re.search(r'<input type="text" name="title"[^>]*>', page).group()
    assert 'aria-invalid="true"' in control
    for described_by in re.search(r'aria-describedby="([^"]+)"', control).group(1).split():
        assert described_by in ids(page)


def test_nothing_has_the_same_id_twice_and_every_label_has_its_control():
    page = str(Question({}))
    assert len(ids(page)) == len(set(ids(page)))
    for target in re.findall(r'<label[^>]* for="([^"]+)"', page):
        assert target in ids(page)


def test_choices_are_named_by_their_question():
    page = str(Question())
    assert re.search(r"<fieldset\s*>\s*<legend[^>]*>Who should see it\?</legend>", page)


def test_what_need_not_be_filled_in_says_so():
    page = str(Question())
    assert re.search(r'More about it <span class="field__optional">', page)
    assert not re.search(r'Your question <span class="field__optional">', page)


def test_a_hidden_field_is_sent_and_its_mistake_is_not_a_link_to_nowhere():
    page = str(Question({}))
    assert '<input type="hidden" name="place"' in page
    assert 'href="#id_place"' not in page


def test_help_is_text_and_not_markup():
    assert "In &lt;one&gt; sentence." in str(Question())


def test_a_whole_form_can_be_sent_with_or_without_files():
    class Upload(forms.Form):
        file = forms.FileField()

    assert "multipart" in render_to_string("components/_form.html", {"form": Upload(), "submit": "Send"})
    assert "multipart" not in render_to_string(
        "components/_form.html", {"form": Question(), "submit": "Send"}
    )
