"""Guides for people: in every language, with the same parts and pictures; and every picture is shown."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from tools import messages, pictures

DOCS = pictures.ROOT / "docs"
GUIDES = ("participant", "trainer", "coordinator")
LANGUAGES = [code for code, _name in settings.LANGUAGES]
SHOWN = re.compile(r"!\[[^\]]+\]\(([^)\s]+)\)")
LABEL = re.compile(r"\*\*([^*]+)\*\*")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s#]+)(?:#[^)]*)?\)")


def guide(language: str, name: str) -> str:
    return (DOCS / language / f"{name}.md").read_text(encoding="utf-8")


def for_people() -> list[Path]:
    return [pictures.ROOT / "README.md", *sorted(DOCS.glob("??/*.md"))]


@pytest.mark.parametrize("name", GUIDES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guide_has_the_same_parts_and_pictures_in_every_language(language, name):
    english, text = guide("en", name), guide(language, name)
    for pattern in (r"^# .", r"^## .", r"^$"):
        assert len(re.findall(pattern, text, re.M)) == len(re.findall(pattern, english, re.M))
    assert SHOWN.findall(text) == SHOWN.findall(english)
    assert LINK.findall(text) == LINK.findall(english)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guide_names_buttons_and_pages_as_the_product_does(language):
    catalogue = messages.read_catalogue("hu" if language == "en" else language)
    strings = {
        " ".join(form.split())
        for message in catalogue
        if message.id
        for form in _forms(message.id if language == "en" else message.string)
    }
    assert not {label for name in GUIDES for label in LABEL.findall(guide(language, name))} - strings


def _forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_every_picture_is_shown_and_none_is_missing():
    shown = {
        (page.parent / name).resolve()
        for page in for_people()
        for name in SHOWN.findall(page.read_text(encoding="utf-8"))
    }
    assert shown == set(pictures.FOLDER.iterdir())
    assert {path.stem for path in shown} == set(pictures.PICTURES)


def test_links_between_pages_lead_somewhere():
    dead = [
        f"{page.relative_to(pictures.ROOT)}: {target}"
        for page in [*for_people(), *sorted(DOCS.glob("*.md"))]
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not dead


def test_all_pictures_together_are_small():
    assert sum(path.stat().st_size for path in pictures.FOLDER.iterdir()) < pictures.MAX_BYTES
