"""The pictures that people of the demo show each other: desks, boards and walls, without anybody on them.

python -m tools.demo_pictures FONTS [FOLDER ...]    make the pictures of these folders (of all) anew

They are drawn from `source/FOLDER/pictures.toml` of the demo's materials: a surface, and what lies or hangs
on it, a line each: `kind x y width height turn colour size | text`. Kinds that are not sheets are drawn in
`source/things.svg`. FONTS is the folder `files` of the package @fontsource/caveat (SIL Open Font License),
in which people of the demo write. Light, shadow and grain are the same at each making.
"""

import html
import io
import random
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image, ImageChops, ImageFilter

from tools import browser
from tools.demo_materials import FOLDER, SOURCE

WIDTH, HEIGHT = 960, 720
KEPT = 0.78
"""Of the drawing's size: people look at these on phones, and all of them are in the repository."""
QUALITY = 30
GRAIN = 0.035
"""How much of a picture is noise, as of a sensor indoors."""
SHEETS = {"paper", "lined", "squared", "note", "card", "strip", "chalk", "pen", "print", "poster", "screen"}
RANGES = {
    "latin": "U+0000-00FF, U+2000-206F",
    "latin-ext": "U+0100-02BA, U+1E00-1E9F",
    "cyrillic": "U+0400-045F, U+2116",
}


def main(fonts: str, *folders: str) -> int:
    """Make the pictures. Returns 1 where there is no browser."""
    from playwright.sync_api import sync_playwright

    path = browser.find()
    if path is None:
        print("A browser is needed: make dev", file=sys.stderr)
        return 1
    with sync_playwright() as playwright, TemporaryDirectory() as scratch:
        drawn = Path(scratch, "drawn.html")
        chromium = playwright.chromium.launch(executable_path=path, args=list(browser.ARGUMENTS))
        page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for source in sorted(SOURCE.glob("*/pictures.toml")):
            folder = source.parent.name
            if folders and folder not in folders:
                continue
            (FOLDER / folder).mkdir(exist_ok=True)
            for name, scene in tomllib.loads(source.read_text("utf-8")).items():
                size = (HEIGHT, WIDTH) if scene.get("upright") else (WIDTH, HEIGHT)
                page.set_viewport_size({"width": size[0], "height": size[1]})
                drawn.write_text(_page(name, scene, size, Path(fonts)), "utf-8")
                page.goto(drawn.as_uri())
                page.evaluate("document.fonts.ready")
                made = FOLDER / folder / f"{name}.webp"
                made.write_bytes(_photograph(page.screenshot(), name))
                print(f"{made.stat().st_size:>8}  {made.relative_to(FOLDER)}", flush=True)
        chromium.close()
    return 0


def _page(name: str, scene: dict[str, Any], size: tuple[int, int], fonts: Path) -> str:
    """The scene as HTML. What is not said of the light is drawn from the name."""
    chance = random.Random(name)
    faces = "".join(_face(fonts, script, weight) for script in RANGES for weight in (400, 700))
    surface = scene["on"]
    lie = scene.get("lie", chance.uniform(2, 9) if surface not in ("chalkboard", "whiteboard") else 2)
    turn = scene.get("turn", chance.uniform(-2.2, 2.2))
    style = (SOURCE / "pictures.css").read_text("utf-8")
    things = (SOURCE / "things.svg").read_text("utf-8")
    items = "".join(_item(line, number, chance) for number, line in enumerate(scene["items"]))
    left = chance.random() < 0.5
    return f"""<!doctype html><meta charset="utf-8"><style>{faces}{style}
body {{ width: {size[0]}px; height: {size[1]}px }}
.stage {{ transform: perspective(1500px) rotateX({lie:.2f}deg) rotateZ({turn:.2f}deg) scale(1.03) }}
.light {{ --from: {"0%" if left else "100%"}; --slope: {"-24deg" if left else "24deg"} }}
</style>{things}<div class="stage"><div class="surface {surface}"><svg width="100%" height="100%">
<rect width="100%" height="100%" filter="url(#{surface})"/></svg></div>{items}</div>
<div class="light {scene.get("light", "window" if chance.random() < 0.4 else "lamp")}"></div>
<div class="dark"></div>"""


def _face(fonts: Path, script: str, weight: int) -> str:
    file = (fonts / f"caveat-{script}-{weight}-normal.woff2").as_uri()
    return (
        f"@font-face {{ font-family: Hand; src: url({file}); font-weight: {weight};"
        f" unicode-range: {RANGES[script]} }}"
    )


def _item(line: str, number: int, chance: random.Random) -> str:
    """One line of a scene as HTML."""
    words, _, text = line.partition("|")
    kind, x, y, width, height, *more = words.split()
    turn = float(more[0]) if more else 0.0
    colour = f"--colour: {more[1]};" if len(more) > 1 else ""
    size = f"font-size: {more[2]}px;" if len(more) > 2 else ""
    place = (
        f"left: {x}px; top: {y}px; width: {width}px; height: {height}px; {colour} {size}"
        f"transform: rotate({turn + chance.uniform(-0.6, 0.6):.2f}deg)"
    )
    if kind in SHEETS:
        rows = "".join(
            f'<div style="margin-left: {chance.uniform(0, 6):.1f}px;'
            f' transform: rotate({chance.uniform(-0.8, 0.8):.2f}deg)">{_row(row)}</div>'
            for row in text.strip().split("/")
        )
        return f'<div class="{kind}" style="{place}"><div class="text">{rows}</div></div>'
    return f'<div class="thing" style="{place}"><svg><use href="#{kind}"/></svg></div>'


def _row(row: str) -> str:
    """A row of text: `#` begins a heading, `~` is struck through."""
    words = html.escape(row.strip())
    if words.startswith("#"):
        return f"<b>{words[1:].strip()}</b>"
    return f"<s>{words[1:].strip()}</s>" if words.startswith("~") else words or "&nbsp;"


def _photograph(screenshot: bytes, name: str) -> bytes:
    """A drawing as a phone would have taken it: a little soft, with grain."""
    picture = Image.open(io.BytesIO(screenshot)).convert("RGB").filter(ImageFilter.GaussianBlur(0.5))
    noise = Image.frombytes("L", picture.size, random.Random(name).randbytes(picture.width * picture.height))
    grain = noise.filter(ImageFilter.GaussianBlur(0.9)).convert("RGB")
    picture = Image.blend(picture, ImageChops.soft_light(picture, grain), GRAIN * 6)
    picture = picture.resize([round(side * KEPT) for side in picture.size], Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=QUALITY, method=6)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
