"""Bundles of static files: their content, and errors."""

import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured

from common.bundles import BundleFinder, join_modules, join_style_sheets


def test_style_sheets_stand_in_their_order_each_under_its_path():
    joined = join_style_sheets({"css/one.css": "a {}\n", "css/two.css": "b {}\n"})
    assert joined == "/* css/one.css */\na {}\n\n/* css/two.css */\nb {}\n"


def test_a_style_sheet_leaves_its_comments_and_indentation_behind():
    joined = join_style_sheets({"css/one.css": "/* Why:\n   so. */\na {\n  b: c; /* d */\n}\n"})
    assert joined == "/* css/one.css */\na {\nb: c; }\n"


def test_a_script_leaves_comments_behind_that_have_their_lines_to_themselves():
    text = (
        '/* What\n   for. */\nconst a = 1; // one\n// Why.\n  /** So. */\nconst b = "https://a.test/*b*/";\n'
    )
    joined = join_modules({"js/a.js": text}, BUNDLE_OF)
    assert joined.endswith('/* js/a.js */\nconst a = 1; // one\nconst b = "https://a.test/*b*/";\n')


LIB = {
    "js/lib/one.js": "export const one = 1;\n",
    "js/lib/two.js": 'import { one } from "js/lib/one.js";\n\nexport const two = one + 1;\n',
}
BUNDLE_OF = dict.fromkeys(LIB, "js/lib.js") | {"js/a.js": "js/page.js", "js/b.js": "js/page.js"}


def test_modules_of_one_bundle_need_no_imports_of_each_other():
    joined = join_modules(LIB, BUNDLE_OF)
    assert "import" not in joined
    assert joined.index("export const one") < joined.index("export const two")


def test_imports_from_another_bundle_are_gathered_at_the_top():
    a = 'import { one } from "js/lib/one.js";\n\nconst a = one;\n'
    b = 'import { one } from "js/lib/one.js";\nimport { two } from "js/lib/two.js";\n\nconst b = two;\n'
    joined = join_modules({"js/a.js": a, "js/b.js": b}, BUNDLE_OF)
    assert joined.startswith('import { one, two } from "js/lib.js";\n')
    assert joined.count("import") == 1


@pytest.mark.parametrize(
    ("a", "b", "problem"),
    [
        ("const same = 1;\n", "const same = 2;\n", "both declare same"),
        ('import { gone } from "js/gone.js";\n', "", "in no bundle"),
        ('import { b } from "js/b.js";\n', "export const b = 1;\n", "comes after it"),
    ],
)
def test_what_would_not_run_is_refused(a, b, problem):
    with pytest.raises(ImproperlyConfigured, match=problem):
        join_modules({"js/a.js": a, "js/b.js": b}, BUNDLE_OF)


def test_bundles_are_collected_instead_of_their_parts():
    listed = {path for path, _storage in BundleFinder().list([])}
    parts = {part for parts in settings.STATIC_BUNDLES.values() for part in parts}
    assert set(settings.STATIC_BUNDLES) <= listed
    assert not parts & listed


def test_a_bundle_is_found_while_debugging():
    found = finders.find("css/site.css")
    with open(found, encoding="utf-8") as bundle:
        assert re.match(r"/\* css/tokens.css \*/", bundle.read())
    assert finders.find("css/dark.css").endswith("static/css/dark.css")
