"""A real browser against a real server. An error in the browser fails the test in which it happens."""

import re
import signal
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

from tests.site import Site, prepare
from tests.waiting import PATIENCE_MS
from tools import browser as installed

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of this process."""
    path = installed.find()
    assert path, "No browser was found: make test installs one, or says why it cannot."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(installed.ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A new installation with its server running, on SQLite unless a module names another database.

    What a browser shows does not depend on the database: the journeys run on both, all else on either.
    It holds what the module's SETUP script writes, if it has one.
    """
    database = getattr(request, "param", "sqlite")
    site = Site(database, prepared=prepare(database, getattr(request.module, "SETUP", "")))
    site.start()
    yield site
    site.stop(signal.SIGKILL)  # nothing of it is needed any more


@pytest.fixture
def someone(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """`someone()` opens a page in a browser context of its own; `someone(locale="pl")` in Polish,
    `someone(at=server.url)` on another server of the site.

    Errors in the console (violations of the security policy included), uncaught exceptions and responses with
    a status of 500 or more fail the test.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        # The console also shows refusals and broken connections that a test wants.
        expected = re.search(
            r"the server responded with a status of 4|ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED)",
            message.text,
        )
        if message.type == "error" and not expected:
            errors.append(f"{message.text} ({message.location.get('url', '')})")

    def on_response(response: Response) -> None:
        if response.status >= 500:
            errors.append(f"{response.status} from {response.url}")

    def open_page(locale: str = "en", at: str = "", **settings: object) -> Page:
        context = chromium.new_context(base_url=at or site.url, locale=locale, **settings)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", on_console)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.on("response", on_response)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert not errors, "\n".join([*errors, "", site.log.read_text()[-4000:]])


@pytest.fixture
def page(someone: Callable[..., Page]) -> Page:
    """One page, in English."""
    return someone()
