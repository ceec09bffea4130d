"""The files a browser fetches on a first visit, with static files as in production: few, compressed and
immutable."""

import signal
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request

from tests.browser.test_room import ROOM, SETUP, sign_in
from tests.site import Site, manage

STYLES = ["css/site.css", "css/dark.css"]
SCRIPTS = ["js/site.js"]
PAGES = {
    "/": STYLES + SCRIPTS,
    "/spaces/1/": STYLES + SCRIPTS,
    ROOM: [*STYLES, *SCRIPTS, "js/room.js"],
}


class ProductionFilesSite(Site):
    """An installation in demo mode, which serves static files as production does."""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"AFTERCOURSE_MODE": "demo"}


@pytest.fixture(scope="module")
def hashed() -> Iterator[Site]:
    hashed = ProductionFilesSite("sqlite")
    manage(hashed.environment, "collectstatic", "--no-input", "--clear", "--verbosity=0")
    hashed.manage("shell", "-c", SETUP)
    hashed.start()
    yield hashed
    hashed.stop(signal.SIGKILL)


@pytest.fixture
def site(hashed: Site) -> Site:
    return hashed


def files_of(page: Page, path: str) -> list[Request]:
    """The requests for style sheets and scripts until the page has loaded."""
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    page.goto(path, wait_until="load")
    return [each for each in requests if each.url.endswith((".css", ".js"))]


def plain_name(request: Request) -> str:
    """`/static/js/site.0123456789ab.js` as `js/site.js`."""
    stem, _hash, extension = urlsplit(request.url).path.removeprefix("/static/").rsplit(".", 2)
    return f"{stem}.{extension}"


def test_the_sign_in_page_loads_style_sheets_only(site: Site, someone):
    assert sorted(map(plain_name, files_of(someone(), "/account/login/"))) == sorted(STYLES)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_few_files_that_are_compressed_and_immutable(site: Site, someone, path):
    cookies = sign_in(someone(), "petra.participant").context.storage_state()
    files = files_of(someone(storage_state=cookies), path)
    assert sorted(map(plain_name, files)) == sorted(PAGES[path])
    for each in files:
        headers = each.response().all_headers()
        assert "immutable" in headers["cache-control"]
        assert headers["content-encoding"] in ("br", "gzip")


def test_a_collapsed_room_loads_its_script_when_it_opens(site: Site, someone):
    page = sign_in(someone(), "petra.participant")
    page.goto("/spaces/1/")
    with page.expect_request("**/js/room.*.js"):
        page.get_by_role("link", name="The chat").click()
    page.locator("live-room:defined").wait_for()
