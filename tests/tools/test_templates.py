"""Our own rules for templates find what they are for, and nothing else."""

import pytest

from tools import templates


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color: red"></p>',
        "<style>p { color: red }</style>",
        '<button onclick="go()"></button>',
        '<a href="javascript:go()"></a>',
        "<script>start()</script>",
        "{{ text|safe }}",
        "{% autoescape off %}{{ text }}{% endautoescape %}",
        "<p>Hello</p>",
        '<img alt="A picture" src="x">',
        "<p>\n{% if a %}Yes{% endif %}</p>",
    ],
)
def test_a_broken_rule_is_found(text):
    assert len(list(templates.problems_in("page.html", text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        '<p class="style">{% translate "Hello" %}</p>',
        "<p>{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}</p>",
        '<script type="module" src="/x.js"></script>',
        '<img alt="{{ file.name }}" src="x">',
        "<p>{# Hello #}{{ name }} · 3</p>",
        "{% comment %}Hello{% endcomment %}",
        "<title>Aftercourse</title>",
        "{% block page_class %}page--wide{% endblock %}",
    ],
)
def test_a_valid_template_passes(text):
    assert not list(templates.problems_in("page.html", text))


def test_a_mail_without_markup_is_read_line_by_line():
    found = list(templates.problems_in("mail.txt", '{% translate "Hello" %}\n{{ name }}\nGoodbye\n'))
    assert found == ["mail.txt:3: words that no translator sees: Goodbye"]
