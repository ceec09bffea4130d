"""`make gallery`: a picture of every page of a new demo, by person, width, theme and language.

python -m tools.gallery --pages space,today --people nora --widths 375 --themes dark --languages hu

Without a choice: one person of each role, and all of the rest. They go into .gallery (or --to FOLDER) with
index.html, which shows them as a contact sheet. What is wrong with a page is said as well: wider than the
window, errors in the console, answers of 400 and more.
"""

import asyncio
import json
import os
import shutil
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.site import DemoSite
from tools import browser, messages, pages
from tools.pages import Person

ROOT = Path(__file__).resolve().parent.parent
SHEET = Path(__file__).with_name("gallery.html")
FOLDER = ROOT / ".gallery"
WIDTHS = {320: 640, 375: 812, 1280: 800, 1920: 1080}
"""Widths in pixels, with the height of such a window."""
THEMES = ("light", "dark")
LANGUAGES = ("en", "hu", "lt", "pl", "ru")
TALLEST = 12_000
"""Pixels of a page that are shown; the rest of a longer one is cut off."""
PATIENCE_MS = 60_000
WIDER = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return "";
  const outside = [...document.querySelectorAll("main *, header *, nav *")]
    .filter((each) => each.getBoundingClientRect().right > room + 1).pop();
  return outside ? `${outside.localName}.${outside.className}` : "something";
}"""
"""What reaches beyond the window."""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@dataclass
class Picture:
    """One page as one person sees it, with what is wrong with it."""

    person: str
    role: str
    page: str
    path: str
    language: str
    width: int
    theme: str
    file: str
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Choice:
    """What to take pictures of."""

    pages: set[str]
    people: set[str]
    widths: list[int]
    themes: list[str]
    languages: list[str]
    folder: Path
    at_once: int

    def people_of(self, everyone: list[Person]) -> list[Person]:
        """Those named by their key or as the first of a role; all; without a name the first of each role."""
        if "all" in self.people:
            return everyone
        first: dict[str, Person] = {}
        for each in everyone:
            first.setdefault(each.role, each)
        wanted = self.people or set(first)
        return [
            each
            for each in everyone
            if each.key in wanted or (first[each.role] is each and each.role in wanted)
        ]

    def pages_of(self, person: Person) -> Iterator[tuple[str, str]]:
        """The pages of a person with their paths; `space` also means `space-2`."""
        for name, path in person.pages.items():
            if not self.pages or {name, name.partition("-")[0]} & self.pages:
                yield name, path


def main() -> int:
    """Lay a demo, take the pictures, write the sheet; return 1 if something is wrong with a page."""
    choice = read_choice(arguments())
    found = browser.find() or browser.install()
    if not found:
        return 1
    shutil.rmtree(choice.folder, ignore_errors=True)
    choice.folder.mkdir(parents=True)
    taken = asyncio.run(take(choice, found))
    write_sheet(choice.folder, taken)
    wrong = sorted({f"{each.person} {each.path}: {what}" for each in taken for what in each.problems})
    print("\n".join(["", *wrong, f"{len(taken)} pictures in {choice.folder / 'index.html'}"]), flush=True)
    return 1 if wrong else 0


def arguments() -> Namespace:
    """The arguments of the command line."""
    parser = ArgumentParser(prog="python -m tools.gallery", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--pages", default="", help="URL names with commas, such as space,today")
    parser.add_argument("--people", default="", help="keys (nora) or roles (trainer) with commas, or all")
    parser.add_argument("--widths", default=",".join(map(str, WIDTHS)))
    parser.add_argument("--themes", default=",".join(THEMES))
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    parser.add_argument("--to", default=str(FOLDER), help="the folder, which is emptied first")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 2, help="pages open at a time")
    return parser.parse_args()


def read_choice(given: Namespace) -> Choice:
    """The arguments as what they mean."""
    return Choice(
        pages=set(filter(None, given.pages.split(","))),
        people=set(filter(None, given.people.split(","))),
        widths=[int(each) for each in given.widths.split(",")],
        themes=given.themes.split(","),
        languages=given.languages.split(","),
        folder=Path(given.to),
        at_once=given.at_once,
    )


async def take(choice: Choice, executable: str) -> list[Picture]:
    """All pictures, one language after another.

    Whoever opens a page has read it, so each language begins with the demo as it was laid.
    """
    from playwright.async_api import async_playwright

    messages.compile_all()
    print("Laying a demo", flush=True)
    site = DemoSite("sqlite")
    site.lay()
    database = site.folder / "site.sqlite3"
    laid = shutil.copy(database, site.folder / "laid.sqlite3")
    people = choice.people_of(pages.read_list(site.folder))
    jobs = [(person, *page) for person in people for page in choice.pages_of(person)]
    jobs.sort(key=lambda job: job[1] not in pages.AFTER_PROOF)
    sessions = [person.session for person in people]
    taken: list[Picture] = []
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=executable, args=list(browser.ARGUMENTS))
        for language in choice.languages:
            for old in site.folder.glob("site.sqlite3*"):
                old.unlink()
            shutil.copy(laid, database)
            site.manage(
                "shell", "-c", f"from tools import pages; pages.speak({language!r}); pages.prove({sessions})"
            )
            site.start()
            round_ = Round(site.url, chromium, choice, language, jobs)
            taken += await round_.run()
            site.stop()
        await chromium.close()
    return taken


class Round:
    """The pictures in one language."""

    def __init__(
        self, url: str, chromium: Any, choice: Choice, language: str, jobs: list[tuple[Person, str, str]]
    ) -> None:
        self.url, self.chromium, self.choice, self.language = url, chromium, choice, language
        self.waiting, self.count = list(jobs), len(jobs)
        self.taken: list[Picture] = []
        self.began = time.monotonic()

    async def run(self) -> list[Picture]:
        """Take them, several pages at a time, in the order of the people and of their pages."""
        (self.choice.folder / self.language).mkdir()
        await asyncio.gather(*(self.work() for _ in range(self.choice.at_once)))
        return self.taken

    async def work(self) -> None:
        """Open one page after another, each person's in a context of their own."""
        whose, context = None, None
        while self.waiting:
            person, name, path = self.waiting.pop(0)
            if person is not whose:
                if context:
                    await context.close()
                whose, context = person, await self.context_of(person)
            assert context
            shown = await self.shoot(context, person, name, path)
            self.taken += shown
            self.report(person, name, shown)
        if context:
            await context.close()

    async def context_of(self, person: Person) -> Any:
        """A browser context in which this person is signed in."""
        context = await self.chromium.new_context(
            base_url=self.url, locale=self.language, reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE_MS)
        cookies = [{"name": "django_language", "value": self.language, "url": self.url}]
        if person.session:
            cookies.append({"name": "sessionid", "value": person.session, "url": self.url})
        await context.add_cookies(cookies)
        return context

    async def shoot(self, context: Any, person: Person, name: str, path: str) -> list[Picture]:
        """The page in every width and theme, from one visit."""
        view = await context.new_page()
        problems: list[str] = []
        missing = "missing" in name or name == "invitation_closed"
        view.on("pageerror", lambda error: problems.append(str(error)))
        view.on(
            "console",
            lambda said: (
                problems.append(said.text)
                if said.type == "error" and "status of 404" not in said.text
                else None
            ),
        )
        view.on(
            "response",
            lambda answer: (
                problems.append(f"{answer.status} from {answer.url.removeprefix(self.url)}")
                if answer.status >= 400 and not (missing and answer.status == 404)
                else None
            ),
        )
        shown: list[Picture] = []
        try:
            await view.set_viewport_size(self.window(self.choice.widths[0]))
            await view.goto(path, wait_until="load")
            for width in self.choice.widths:
                await view.set_viewport_size(self.window(width))
                for theme in self.choice.themes:
                    await view.emulate_media(color_scheme=theme)
                    await view.evaluate(PAINTED)
                    file = f"{self.language}/{person.key}-{name}-{width}-{theme}.jpg"
                    picture = Picture(
                        person.key, person.role, name, path, self.language, width, theme, file, list(problems)
                    )
                    if outside := await view.evaluate(WIDER):
                        picture.problems.append(f"at {width} wider than the window ({outside})")
                    await self.save(view, width, self.choice.folder / file)
                    shown.append(picture)
        except Exception as error:
            problems.append(f"{type(error).__name__}: {str(error).splitlines()[0]}")
        if problems and not shown:
            shown.append(Picture(person.key, person.role, name, path, self.language, 0, "", "", problems))
        await view.close()
        return shown

    def window(self, width: int) -> dict[str, int]:
        """The window of this width."""
        return {"width": width, "height": WIDTHS.get(width, 800)}

    async def save(self, view: Any, width: int, file: Path) -> None:
        """A picture of the whole page."""
        height = await view.evaluate("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, TALLEST)}
        await view.screenshot(path=file, type="jpeg", quality=70, full_page=True, clip=clip)

    def report(self, person: Person, name: str, shown: list[Picture]) -> None:
        """One line of progress, and what is wrong with the page."""
        done = self.count - len(self.waiting)
        wrong = sorted({what for each in shown for what in each.problems})
        seconds = time.monotonic() - self.began
        print(f"{self.language} {done}/{self.count} {seconds:4.0f} s  {person.key} {name}", flush=True)
        for what in wrong:
            print(f"    {what}", flush=True)


def write_sheet(folder: Path, taken: list[Picture]) -> None:
    """The contact sheet, with its pictures in the order of people and pages."""
    listed = json.dumps([asdict(each) for each in taken]).replace("<", "\\u003c")
    sheet = SHEET.read_text(encoding="utf-8").replace("[/* pictures */]", listed)
    (folder / "index.html").write_text(sheet, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
