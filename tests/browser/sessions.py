"""Sessions that a setup script opens, for tests that are not about signing in: see `enter`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page

from tests.site import Site

if TYPE_CHECKING:
    from community.people.models import User

FILE = "sessions.json"


def open_sessions(*users: "User") -> None:
    """In a script that runs in a site: open a session for each user. Copies of the site have it too."""
    from django.conf import settings
    from django.test import Client

    cookies = {}
    for user in users:
        client = Client()
        client.force_login(user)
        cookies[user.name] = client.cookies[settings.SESSION_COOKIE_NAME].value
    Path(settings.VAR_DIR, FILE).write_text(json.dumps(cookies))


def enter(page: Page, site: Site, name: str, path: str = "/") -> Page:
    """Open a page as this user, who has a session."""
    cookies = json.loads((site.folder / FILE).read_text())
    page.context.add_cookies([{"name": "sessionid", "value": cookies[name], "url": site.url}])
    page.goto(path)
    return page
