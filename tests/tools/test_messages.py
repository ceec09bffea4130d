"""The catalogues: gathering keeps what is translated, and the check finds what would reach a reader wrong."""

import gettext

import pytest
from babel.messages.catalog import Catalog, Message

from tools import messages


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A small project with one module and one template, and no catalogues yet."""
    (tmp_path / "common").mkdir()
    (tmp_path / "templates").mkdir()
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "LOCALE", tmp_path / "locale")
    (tmp_path / "common" / "words.py").write_text('hello = _("Hello")\nend = pgettext("of a month", "End")\n')
    (tmp_path / "templates" / "page.html").write_text(
        '{% load i18n %}\n  <h1>{% translate "Today" %}</h1>\n'
        "{% blocktranslate trimmed count count=n %}\n  {{ count }} reply\n"
        "{% plural %}\n  {{ count }} replies\n{% endblocktranslate %}\n"
    )
    return tmp_path


def translate(project, language, **words):
    """Write translations into a catalogue by their first word, as a translator would."""
    catalogue = messages.read_catalogue(language)
    for message in catalogue:
        if message.id:
            first = message.id[0] if message.pluralizable else message.id
            message.string = words.get(first.split()[-1], message.string)
    with messages.catalogue_path(language).open("wb") as file:
        messages.write_po(file, catalogue)


def test_strings_are_gathered_from_code_and_templates(project):
    keys = set(messages.messages_of(messages.gather()))
    assert keys == {("Hello", None), ("End", "of a month"), ("Today", None), ("%(count)s reply", None)}


def test_gathering_again_keeps_translations_and_changes_nothing(project, capsys):
    messages.extract_all()
    translate(project, "hu", Hello="Szia")
    messages.extract_all()
    once = messages.catalogue_path("hu").read_bytes()
    messages.extract_all()
    assert messages.catalogue_path("hu").read_bytes() == once
    assert 'msgstr "Szia"' in once.decode()


def test_a_string_removed_from_the_code_is_removed_from_the_catalogues(project, capsys):
    messages.extract_all()
    (project / "common" / "words.py").write_text('end = pgettext("of a month", "End")\n')
    assert any("no longer used" in problem for problem in messages.check_all())
    messages.extract_all()
    assert "Hello" not in messages.catalogue_path("pl").read_text()
    assert not any("no longer used" in problem for problem in messages.check_all())


def test_a_new_string_and_an_empty_translation_are_found_in_every_language(project, capsys):
    assert sum("not gathered yet" in problem for problem in messages.check_all()) == 4
    messages.extract_all()
    assert sum("not translated" in problem for problem in messages.check_all()) == 4


def test_a_complete_catalogue_passes_and_is_read_by_gettext_once_compiled(project, capsys):
    messages.extract_all()
    replies = ("%(count)s odpowiedź", "%(count)s odpowiedzi", "%(count)s odpowiedzi")
    translate(project, "pl", Hello="Cześć", End="Koniec", Today="Dziś", reply=replies)
    assert not [problem for problem in messages.check_all() if "/pl/" in problem]
    assert messages.compile_all() == ["hu", "lt", "pl", "ru"]
    assert messages.compile_all() == []
    polish = gettext.translation("django", project / "locale", ["pl"])
    assert polish.gettext("Hello") == "Cześć"
    assert polish.pgettext("of a month", "End") == "Koniec"
    assert polish.ngettext("%(count)s reply", "%(count)s replies", 5) == "%(count)s odpowiedzi"


@pytest.mark.parametrize(
    ("original", "translation", "problem"),
    [
        ("Hello %(name)s", "Labas, %(name)s", None),
        ("Hello %(name)s", "Labas, %(vardas)s", "placeholders"),
        ("Hello %(name)s", "Labas", "placeholders"),
        ("Hello {name}", "Labas, {name}", None),
        ("Hello {name}", "Labas, {}", "placeholders"),
        ("<b>Now</b>", "<b>Dabar</b>", None),
        ("<b>Now</b>", "<b>Dabar", "tags"),
        ("Now", "", "not translated"),
        (("one reply", "%(count)s replies"), ("vienas", "%(count)s", "%(count)s"), None),
        (("one reply", "%(count)s replies"), ("vienas", "%(count)s"), "plural forms"),
        (("one reply", "%(count)s replies"), ("vienas", "%(count)s", ""), "not translated"),
        (("one reply", "%(count)s replies"), ("vienas", "%(count)s", "%(number)s"), "placeholders"),
    ],
)
def test_a_translation_has_what_its_original_has(original, translation, problem):
    found = messages.problem_with(Message(original, translation), plural_forms=3)
    assert found is None if problem is None else problem in found


@pytest.mark.parametrize(
    ("context", "translation", "problem"),
    [
        ("greeting", "Dzień dobry!", None),
        ("greeting", "Kedves %(name)s!", None),
        ("greeting", "Witaj, %(imie)s!", "placeholders"),
        ("greeting", "Witaj, %(name)s i %(name)s!", "placeholders"),
        (None, "Dzień dobry!", "placeholders"),
    ],
)
def test_only_a_greeting_may_be_translated_without_the_name(context, translation, problem):
    message = Message("Hello %(name)s,", translation, context=context)
    found = messages.problem_with(message, plural_forms=3)
    assert found is None if problem is None else problem in found


def test_a_fuzzy_translation_is_a_problem():
    catalogue = Catalog(locale="ru")
    message = catalogue.add("Hello", "Привет", flags=["fuzzy"])
    assert "fuzzy" in messages.problem_with(message, plural_forms=3)


def test_a_hungarian_date_has_its_stop_already(project, capsys):
    (project / "common" / "words.py").write_text('end = _("Ends on %(day)s.")\n')
    messages.extract_all()

    def found(translation):
        for language in messages.LANGUAGES:
            catalogue = messages.read_catalogue(language)
            catalogue.get("Ends on %(day)s.").string = translation
            with messages.catalogue_path(language).open("wb") as file:
                messages.write_po(file, catalogue)
        return [line.split("/")[1] for line in messages.check_all() if "second stop" in line]

    assert found("Vége: %(day)s.") == ["hu", "lt"]
    assert found("Vége: %(day)s") == []
    assert found("%(day)s végén.") == []


def test_a_polish_word_of_one_letter_keeps_to_the_next_by_a_no_break_space(project):
    messages.extract_all()
    for language in messages.LANGUAGES:
        translate(project, language, Hello="a", Today="a", End="a")
    translate(project, "pl", Hello="Dzień w szkole", Today="W\u00a0klasie i w domu")
    found = [line for line in messages.check_all() if "no-break space" in line]
    assert len(found) == 2
    translate(project, "pl", Hello="Dzień w\u00a0szkole", Today="W\u00a0klasie i\u00a0w\u00a0domu")
    assert not [line for line in messages.check_all() if "no-break space" in line]
