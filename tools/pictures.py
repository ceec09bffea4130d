"""`make pictures`: the pictures of README.md and docs/, taken from a new demo into docs/pictures.

They are the first programme's, in English, in the light theme. A test holds that each is shown somewhere,
that none is missing, and that all together stay small.
"""

import base64
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.site import DemoSite
from tools import browser, messages, pages
from tools.pages import Person

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"
MAX_BYTES = 600_000
"""Of all pictures together."""
QUALITY = 75
PATIENCE_MS = 60_000
SPACE = "Where did the questions go?"
"""The space that is shown: the demo's first, in the middle of its follow-up."""
ROW = "row: "
COMPLETED = """\
name,email
Ida Brandt,ida.brandt@school.example
Marek Novotný,marek.novotny@school.example
Sofia Rossi,sofia.rossi at school.example
"""
"""A list whose last row has no address."""


def follow(*steps: str) -> Callable[[Any], None]:
    """From one page to another, by links of these names; after ROW, by the row with these words."""

    def click(view: Any) -> None:
        for step in steps:
            words = step.removeprefix(ROW)
            rows = view.locator("li", has_text=words).locator("h3 a")
            link = view.get_by_role("link", name=words) if words == step else rows
            with view.expect_navigation():
                link.first.click()

    return click


def preview(view: Any) -> None:
    """From the page on which completions are recorded to the preview of a pasted list."""
    view.locator("textarea").fill(COMPLETED)
    with view.expect_navigation():
        view.locator("form", has=view.locator("textarea")).locator("button[type=submit]").click()


@dataclass(frozen=True)
class Picture:
    """What a picture shows: whose page, and how large a part of it."""

    role: str
    page: str
    width: int
    height: int
    before: Callable[[Any], None] | None = None


PICTURES = {
    "space": Picture("participant", "today", 1280, 880, follow(SPACE)),
    "phone": Picture("participant", "today", 375, 760),
    "write-up": Picture("participant", "today", 1280, 900, follow(SPACE, "Write-ups", ROW + "worked in")),
    "chat": Picture("participant", "today", 1280, 800, follow(SPACE, "Chat")),
    "trainer": Picture("trainer", "today", 1280, 860),
    "completions": Picture("coordinator", "completions", 1280, 900, preview),
}


def main() -> int:
    """Lay a demo and take the pictures, or those named on the command line."""
    executable = browser.find() or browser.install()
    if not executable:
        return 1
    from playwright.sync_api import sync_playwright

    messages.compile_all()
    print("Laying a demo", flush=True)
    site = DemoSite("sqlite")
    site.lay("en")
    site.start()
    people = pages.read_list(site.folder)
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(browser.ARGUMENTS))
        for name in sys.argv[1:] or PICTURES:
            file = FOLDER / f"{name}.webp"
            file.write_bytes(take(chromium, site.url, people, PICTURES[name]))
            print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1000:.0f} KB", flush=True)
        chromium.close()
    site.stop()
    return 0


def take(chromium: Any, url: str, people: list[Person], picture: Picture) -> bytes:
    """One picture as WebP."""
    person = next(each for each in people if each.role == picture.role and picture.page in each.pages)
    context = chromium.new_context(
        base_url=url,
        locale="en",
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": "sessionid", "value": person.session, "url": url}])
    view = context.new_page()
    view.goto(person.pages[picture.page], wait_until="load")
    if picture.before:
        picture.before(view)
    # Who is in the chat is asked for by a script.
    view.wait_for_load_state("networkidle")
    taken = context.new_cdp_session(view).send(
        "Page.captureScreenshot", {"format": "webp", "quality": QUALITY}
    )
    context.close()
    return base64.b64decode(taken["data"])


if __name__ == "__main__":
    sys.exit(main())
