"""Rules for style sheets and scripts that no other tool checks."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from common.bundles import IMPORT

STATIC = Path(__file__).parent.parent / "static"
SHEETS = sorted((STATIC / "css").rglob("*.css"))
SCRIPTS = sorted((STATIC / "js").rglob("*.js"))
LIB = STATIC / "js" / "lib"
MODULES = [script for script in SCRIPTS if script.parent == LIB]
ELEMENTS = [script for script in SCRIPTS if script.parent != LIB]
COLOURS = {"tokens.css", "dark.css"}
"""The sheets that define colours; all others use tokens."""


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


def test_every_style_sheet_is_in_the_bundle():
    """All but the dark theme, which is a separate link because it depends on the reader, and what is loaded
    with the editor."""
    bundled = settings.STATIC_BUNDLES["css/site.css"]
    assert sorted([*bundled, "css/dark.css", "css/editor.css"]) == [name_of(sheet) for sheet in SHEETS]


@pytest.mark.parametrize("script", SCRIPTS, ids=name_of)
def test_a_script_creates_no_html_from_text_and_is_in_one_bundle(script):
    text = without_comments(script)
    assert not re.search(r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|eval)\b|document\.write", text)
    assert sum(name_of(script) in parts for parts in settings.STATIC_BUNDLES.values()) == 1


@pytest.mark.parametrize("script", ELEMENTS, ids=name_of)
def test_an_element_owns_the_tag_of_its_name_and_exports_nothing(script):
    text = without_comments(script)
    assert re.findall(r'customElements\.define\("([^"]*)"', text) == [script.stem]
    assert not re.search(r"^export\b", text, re.M)
    assert not re.search(r"(?<!this\.)\b(?:document|window)\.addEventListener\(", text), (
        "this.listen() removes the listener when the element is disconnected"
    )


@pytest.mark.parametrize("script", MODULES, ids=name_of)
def test_a_plain_module_imports_no_element_and_only_declares(script):
    text = without_comments(script)
    assert "customElements" not in text
    assert all(source.startswith("js/lib/") for _names, source in IMPORT.findall(text))
    outside = re.sub(r"^ .*$|^[\])}];?$", "", IMPORT.sub("", text), flags=re.M)
    assert not re.search(r"^(?!export |const |function |async function |class |$)", outside, re.M)
    assert not re.search(r"^[^=\n]*=(?!.*=>).*\b(?:document|window|location|localStorage)\b", outside, re.M)


@pytest.mark.parametrize("script", SCRIPTS, ids=name_of)
def test_imported_names_of_scripts_exist_and_are_exported(script):
    text = without_comments(script)
    imports = IMPORT.findall(text)
    assert len(imports) == len(re.findall(r"^import\b", text, re.M)), "an import of another form"
    for names, source in imports:
        exported = re.findall(
            r"^export (?:async )?(?:const|class|function) ([\w$]+)",
            (STATIC / source).read_text("utf-8"),
            re.M,
        )
        assert set(re.findall(r"[\w$]+", names)) <= set(exported)
        assert all(
            re.search(rf"\b{re.escape(name.strip())}\b", IMPORT.sub("", text)) for name in names.split(",")
        )
