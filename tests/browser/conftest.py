"""A real browser against a real server. What the browser complains about fails the test it happened in."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    expect,
    sync_playwright,
)

from tests.site import Site
from tests.waiting import PATIENCE_MS
from tools import browser as installed

ARGUMENTS = (
    "--no-sandbox",  # root may not have one, and everything shown is ours
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of this run."""
    path = installed.find()
    assert path, "No browser was found: make test installs one, or says why it cannot."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A fresh installation with its server running, on SQLite unless the tests of a file name another.

    What a browser shows does not depend on it: the journeys are made on both, and all else on either.
    """
    site = Site(getattr(request, "param", "sqlite"))
    site.start()
    yield site
    site.stop()


@pytest.fixture
def someone(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """`someone()` opens a browser of one's own, with nothing remembered; `someone(locale="pl")` in Polish,
    `someone(at=server.url)` on another server of the site.

    Errors in the console (a broken security policy is one), uncaught exceptions and answers of 500 and
    above fail the test, whatever else it saw.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        # A refusal or a dead line that a test asked for is in the console as well, and is no complaint.
        asked_for = re.search(
            r"the server responded with a status of 4|ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED)",
            message.text,
        )
        if message.type == "error" and not asked_for:
            complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def look(response: Response) -> None:
        if response.status >= 500:
            complaints.append(f"{response.status} from {response.url}")

    def arrive(locale: str = "en", at: str = "", **settings: object) -> Page:
        context = chromium.new_context(base_url=at or site.url, locale=locale, **settings)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", complain)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("response", look)
        contexts.append(context)
        return context.new_page()

    yield arrive
    for context in contexts:
        context.close()
    assert not complaints, "\n".join([*complaints, "", site.log.read_text()[-4000:]])


@pytest.fixture
def page(someone: Callable[..., Page]) -> Page:
    """One browser window, in English."""
    return someone()
