"""Every page of a demo, by person: what the gallery takes pictures of and tests of all pages go through.

Runs in the demo's own process (`manage.py shell -c "from tools import pages; pages.write_list()"`): it opens
a session for each person, follows links as they would, and keeps one page of each URL name, or several where
pages of one name differ much.
"""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from community.people.models import User

FILE = "pages.json"
"""The list, in the demo's folder."""
VISITOR = "visitor"
SEVERAL = {"space": 3, "thread": 3, "practice": 2, "space_room": 2, "demo_mail": 2}
"""How many pages of a URL name are listed; one of all others."""
NOT_PAGES = {
    "file",
    "picture",
    "take_along",
    "demo_mail_body",
    "completion_refused",
    "news_open",
    "demo_sample",
    "demo_second",
}
"""URL names behind links that answer with no page of their own."""
LINK = re.compile(r'<a\b[^>]*\shref="(/[^"#]*)')
TEMPLATE = re.compile(r"<template\b.*?</template>", re.S)
"""What scripts make parts of: its links lead nowhere yet."""
MISSING = "/threads/987654/"
AFTER_PROOF = {"account_email", "account_set_password"}
"""Pages that ask who it is when that was proved a while ago."""


@dataclass(frozen=True)
class Person:
    """Somebody who looks at pages: a session, and the path of each page they come by, by its name."""

    key: str
    role: str
    session: str
    pages: dict[str, str]


def read_list(folder: Path) -> list[Person]:
    """The people of a demo in this folder, after `write_list`."""
    return [Person(**each) for each in json.loads((folder / FILE).read_text(encoding="utf-8"))]


def write_list() -> None:
    """In the demo's process: write the list into its folder."""
    from django.conf import settings

    found = [asdict(each) for each in everyone()]
    Path(settings.VAR_DIR, FILE).write_text(json.dumps(found, indent=1), encoding="utf-8")


def everyone() -> Iterator[Person]:
    """The visitor, then each person that one can be in the demo."""
    from followup.demo.people import sign_in_choices

    yield Person(VISITOR, VISITOR, "", pages_of(None) | dict(letters()))
    taken = {VISITOR}
    for cast in sign_in_choices():
        for choice in cast.choices:
            key = choice.person.key
            if key in taken:
                key = f"{cast.programme.institute.slug}-{key}"
            taken.add(key)
            session, pages = signed_in(choice.user)
            yield Person(key, choice.person.role, session, pages)


def signed_in(user: "User") -> tuple[str, dict[str, str]]:
    """A session of this user, and the pages they come by from Today."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    prove([session])
    others = {"account_reauthenticate": reverse("account_reauthenticate"), "missing": MISSING}
    return session, pages_of(client) | others


def pages_of(client: Any) -> dict[str, str]:
    """The pages that links lead to, nearest first, by name; a visitor's without a client."""
    from django.db import transaction
    from django.test import Client

    # Whoever opens a page has read what is on it; here nobody has.
    with transaction.atomic():
        found = linked_pages(client or Client(SERVER_NAME="localhost"), "today" if client else "home")
        transaction.set_rollback(True)
    return found


def linked_pages(client: Any, first: str) -> dict[str, str]:
    """The pages that links lead to from the first one and from the demo's people, by name."""
    waiting, found = ["/", "/demo/"], {first: "/", "demo": "/demo/"}
    seen = set(waiting)
    while waiting:
        path = waiting.pop(0)
        response = client.get(path, follow=True)
        links = (
            LINK.findall(TEMPLATE.sub("", response.content.decode()))
            if "text/html" in response.headers["Content-Type"]
            else []
        )
        if response.redirect_chain:
            # The page it leads to is listed under its own name.
            found = {name: known for name, known in found.items() if known != path}
            links.insert(0, response.redirect_chain[-1][0])
        for link in map(html.unescape, links):
            bare = link.partition("?")[0]
            name = "" if bare in seen else name_for(bare, found)
            if name:
                found[name] = link
                waiting.append(link)
                seen.add(bare)
    return found


def name_for(path: str, found: dict[str, str]) -> str:
    """The name under which a path is listed: its URL name, with a number from the second on; empty if it is
    no page, or there are enough of them."""
    from django.urls import Resolver404, resolve

    try:
        name = resolve(path).url_name or ""
    except Resolver404:
        return ""
    if not name or name in NOT_PAGES:
        return ""
    names = [name, *(f"{name}-{number}" for number in range(2, SEVERAL.get(name, 1) + 1))]
    return next((each for each in names if each not in found), "")


def letters() -> Iterator[tuple[str, str]]:
    """Pages to which only a mail leads."""
    from django.urls import reverse

    from community.people import invitations
    from community.people.models import Invitation

    open_ones = Invitation.objects.filter(accepted_at=None, revoked_at=None, user__joined_at=None)
    if invitation := open_ones.select_related("user").order_by("pk").first():
        yield "invitation", re.sub(r"^\w+://[^/]+", "", invitations.link_to(invitation))
    yield "invitation_closed", reverse("invitation", args=["nothing"])
    yield "invitation_again", reverse("invitation_again")
    yield "invitation_sent", reverse("invitation_sent")
    yield "missing_sign_in", MISSING


def speak(language: str) -> None:
    """In the demo's process: let everybody read in this language, unless it is empty."""
    from community.people.models import User

    if language:
        User.objects.update(language=language)


def prove(sessions: list[str]) -> None:
    """In the demo's process: note in these sessions that it was proved just now who it is."""
    from common import clock
    from common.sessions import SessionStore

    for key in filter(None, sessions):
        session = SessionStore(key)
        session["proved_at"] = clock.now().timestamp()
        session.save()
