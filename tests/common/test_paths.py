"""The tag `url` gives the paths that Django's gives."""

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch, reverse


def rendered(template: str, **values: object) -> str:
    return Template(template).render(Context(values))


def test_paths_have_positional_and_named_parameters():
    assert rendered("{% url 'thread' pk %}", pk=7) == reverse("thread", args=[7])
    assert rendered("{% url 'space' pk=pk %}", pk=8) == reverse("space", kwargs={"pk": 8})
    assert rendered("{% url 'space' pk=pk %}", pk=9) == reverse("space", kwargs={"pk": 9})
    assert rendered("{% url name %}", name="news") == reverse("news")
    assert rendered("{% url 'admin:index' %}") == reverse("admin:index")


def test_a_path_can_be_named_and_an_unknown_one_is_then_empty():
    assert rendered("{% url 'thread' 7 as path %}[{{ path }}]") == f"[{reverse('thread', args=[7])}]"
    assert rendered("{% url 'nothing' as path %}[{{ path }}]") == "[]"
    with pytest.raises(NoReverseMatch):
        rendered("{% url 'nothing' %}")
    with pytest.raises(NoReverseMatch):
        rendered("{% url 'thread' pk %}", pk="")
