"""Every pair of colours that text is set in can be read, in the light and on the chalkboard (WCAG 2.2 AA)."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parent.parent / "static" / "css"
ON_PAPER = [
    "--text",
    "--text-soft",
    "--action",
    "--time",
    "--wrong",
    "--wrong-strong",
    "--action-strong",
    "--link",
]
GROUNDS = ["--page", "--surface", "--surface-low", "--action-tint"]
PAIRS = [
    *((text, ground) for text in ON_PAPER for ground in GROUNDS),
    ("--text", "--time-tint"),
    ("--text", "--wrong-tint"),
    ("--text", "--action-tint-strong"),
    ("--time", "--time-tint"),
    ("--wrong", "--wrong-tint"),
    ("--action", "--action-tint-strong"),
    ("--action-text", "--action"),
    ("--action-text", "--action-strong"),
    ("--action-text", "--time"),
    ("--wrong-text", "--wrong"),
    ("--page", "--text"),
]
SHAPES = [
    ("--line-field", "--page"),
    ("--line-field", "--surface"),
    ("--focus", "--page"),
    ("--action", "--page"),
]


def colours(theme):
    """The tokens as the browser resolves them: dark.css redefines some of those in tokens.css."""
    files = ["tokens.css"] + ["dark.css"] * (theme == "dark")
    text = "".join((CSS / name).read_text() for name in files)
    found = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", text))

    def resolve(name):
        value = found[name].strip()
        return resolve(value[4:-1]) if value.startswith("var(") else value

    return resolve


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read_on_its_ground(theme, text, ground):
    colour = colours(theme)
    assert contrast(colour(text), colour(ground)) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_edges_that_say_something_can_be_seen(theme, shape, ground):
    colour = colours(theme)
    assert contrast(colour(shape), colour(ground)) >= 3


STRIP = (CSS / "components" / "strip.css").read_text().partition("@media (forced-colors")[0]
ON_CELLS = {
    # What is drawn on a cell that is filled, and the grounds of these cells.
    "strip__post": ["--action", "--time", "--text-soft"],
    "strip__hour--middle": ["--time"],
}
"""The middle of a live hour's mark lies on its ring."""


def parts_of_the_strip():
    """The colours of each part of the strip, with the grounds they lie on."""
    for names, body in re.findall(r"([^{}]*strip__[^{}]*)\{([^{}]*)\}", STRIP):
        name = re.findall(r"strip__[\w-]+", names)[-1]
        for colour in re.findall(r"(?:fill|stroke): var\((--[\w-]+)\)", body):
            for ground in ON_CELLS.get(name, ["--page", "--surface"]):
                yield name, colour, ground


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("name", "shape", "ground"), sorted(set(parts_of_the_strip())))
def test_every_part_of_the_strip_can_be_seen(theme, name, shape, ground):
    colour = colours(theme)
    assert contrast(colour(shape), colour(ground)) >= 3


def test_no_part_of_the_strip_is_translucent_or_has_a_colour_of_its_own():
    assert "opacity" not in STRIP
    assert not re.search(r"(fill|stroke): *#", STRIP)
    assert {"strip__day", "strip__post", "strip__hour", "strip__last-week", "strip__start"} <= {
        name for name, _colour, _ground in parts_of_the_strip()
    }


def test_the_chalkboard_redefines_every_colour_and_no_meaning():
    light = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", (CSS / "tokens.css").read_text()))
    dark = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", (CSS / "dark.css").read_text()))
    assert set(dark) == {name for name, value in light.items() if value.startswith("#") or name == "--shade"}
