"""Modules of static/js/lib in a blank document: no page of ours, no server, and a clock that stands still."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

STATIC = Path(__file__).parents[3] / "static"
MODULES = sorted(path.relative_to(STATIC).as_posix() for path in (STATIC / "js" / "lib").glob("*.js"))
IMPORTS = ", ".join(f'"{name}": "/{name}"' for name in MODULES)
BLANK = f"""<!doctype html><html lang="en">
<script type="importmap">{{"imports": {{{IMPORTS}}}}}</script><body></body>"""
FAKES = """
globalThis.area = () => {
    const kept = new Map();
    const methods = {
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, value) => kept.set(key, String(value)),
        removeItem: (key) => kept.delete(key),
    };
    const listed = { enumerable: true, configurable: true };
    return new Proxy(methods, { ownKeys: () => [...kept.keys()], getOwnPropertyDescriptor: () => listed });
};
globalThis.missing = () => null;
globalThis.broken = () => { throw new DOMException("storage is switched off", "SecurityError"); };
globalThis.full = () => ({ getItem: () => null, removeItem: () => null,
    setItem: () => { throw new DOMException("full", "QuotaExceededError"); } });
globalThis.answer = (body, status = 200) =>
    new Response(status === 204 ? null : JSON.stringify(body), { status });
globalThis.settle = () => new Promise((done) => { const { port1, port2 } = new MessageChannel();
    port2.onmessage = done; port1.postMessage(0); });
"""

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def document(chromium: Browser) -> Iterator[Page]:
    """A blank document for all tests, at an address that counts as secure. Its clock stands still."""

    def serve(route: Route) -> None:
        path = urlsplit(route.request.url).path[1:]
        if path in MODULES:
            route.fulfill(path=STATIC / path, content_type="text/javascript")
        else:
            route.fulfill(body=BLANK, content_type="text/html; charset=utf-8")

    context = chromium.new_context(base_url="http://localhost", locale="en")
    context.route("**/*", serve)
    context.add_init_script(FAKES)
    page = context.new_page()
    page.clock.install(time=dt.datetime(2026, 11, 20, tzinfo=dt.UTC))
    page.goto("/")
    page.clock.pause_at(dt.datetime(2026, 11, 20, 1, tzinfo=dt.UTC))
    yield page
    context.close()


@pytest.fixture
def page(document: Page) -> Page:
    """The same, with nothing kept from the test before."""
    document.evaluate("localStorage.clear(); document.body.replaceChildren()")
    document.context.clear_cookies()
    return document


@pytest.fixture
def run(page: Page) -> Run:
    """`run("outbox", "return new Outbox(...)", argument)`: a function body with all that modules export."""

    def run(modules: str, body: str, argument: object = None) -> Any:
        return page.evaluate(
            """async ([modules, body, argument]) => {
                const found = await Promise.all(modules.map((name) => import(`js/lib/${name}.js`)));
                const names = Object.assign({ argument }, ...found);
                const AsyncFunction = (async () => {}).constructor;
                return new AsyncFunction(...Object.keys(names), body)(...Object.values(names));
            }""",
            [modules.split(), body, argument],
        )

    return run
