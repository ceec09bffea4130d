"""The rules of style sheets and scripts: they keep the dark theme and the next reader safe."""

import re
from pathlib import Path

import pytest
from django.conf import settings

STATIC = Path(__file__).parent.parent / "static"
SHEETS = sorted((STATIC / "css").rglob("*.css"))
SCRIPTS = sorted((STATIC / "js").rglob("*.js"))
COLOURS = {"tokens.css", "dark.css"}
"""The sheets that name colours; all others speak of them by their meaning."""


def name_of(path):
    return path.relative_to(STATIC).as_posix()


def without_comments(path):
    return re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)


@pytest.mark.parametrize("sheet", SHEETS, ids=name_of)
def test_a_style_sheet_keeps_to_layers_tokens_and_logical_sides(sheet):
    text = without_comments(sheet)
    assert "!important" not in text
    assert not re.findall(r"(?:^|[\s,])#[a-z][\w-]*[^;{}]*\{", text, re.I), "an id as a selector"
    assert not re.findall(r"(?:margin|padding|border)-(?:left|right|top|bottom)\b", text)
    assert not re.findall(r"[\s;{](?:left|right|top|bottom)\s*:", text)
    if sheet.name not in COLOURS:
        assert not re.findall(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(", text, re.I), (
            "a colour without a name"
        )


def test_every_style_sheet_is_brought_to_the_page():
    """All but the dark theme, which is linked by itself, because it depends on the reader."""
    bundled = settings.STATIC_BUNDLES["css/site.css"]
    assert sorted([*bundled, "css/dark.css"]) == [name_of(sheet) for sheet in SHEETS]


@pytest.mark.parametrize("script", SCRIPTS, ids=name_of)
def test_a_script_is_one_small_element_that_needs_nothing(script):
    text = without_comments(script)
    assert not re.search(r"^\s*import\b", text, re.M)
    assert len(re.findall(r"customElements\.define\(", text)) == 1
    assert f'customElements.define("{script.stem}"' in text
    assert not re.search(r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|eval)\b|document\.write", text)
    assert len(script.read_text(encoding="utf-8").splitlines()) <= 125
