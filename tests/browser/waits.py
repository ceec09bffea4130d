"""Fake time and round trips for browser tests, to assert that something did not happen without sleeping."""

from playwright.sync_api import Page

from tests.waiting import wait_until

_ROUND_TRIP = "fetch('/health/').then((response) => response.text())"
_FRAME_AFTER_ALL_OTHERS = """() => new Promise((resolve) => {
    document.addEventListener("live:unknown", () => resolve(), { once: true });
    const detail = { stream: "room:999999", after: 0 };
    document.dispatchEvent(new CustomEvent("live:follow", { detail }));
})"""

_DRAFTS_ARE_SAVED = """Object.keys(localStorage).filter((name) => name.startsWith('draft '))
    .every((name) => JSON.parse(localStorage.getItem(name)).synced)"""


def load_with_clock(page: Page, path: str) -> None:
    """Load a page whose timers pass_time() can fire. They also run by themselves, as time passes."""
    page.clock.install()
    page.goto(path)


def pass_time(page: Page, seconds: float) -> None:
    """Fire all timers due within `seconds`, and wait for the answers to their requests."""
    page.clock.run_for(int(seconds * 1000))
    round_trip(page)


def round_trip(page: Page) -> None:
    """Return when a request made now was answered; by then the page has handled the answers before it."""
    page.evaluate(_ROUND_TRIP)


def wait_for_saved_drafts(page: Page) -> None:
    """Return when the account has every draft that this device has."""
    wait_until(lambda: bool(page.evaluate(_DRAFTS_ARE_SAVED)), "Drafts on the account")


def drain_socket(page: Page) -> None:
    """Return when the page has received every frame the server has sent so far: they come in order."""
    page.evaluate(_FRAME_AFTER_ALL_OTHERS)
