"""Whatever people do on a real server, and whatever of it fails: no name, no address and nothing that lets
somebody in is in its log, in its metrics or in the address of a socket."""

import base64
import json
import re
import urllib.parse
import uuid
from collections.abc import Iterator

import pytest

from tests.large_files import MARK, Library, database
from tests.post_office import PostOffice, open_post_office
from tests.site import Site

NAME, SURNAME = "Zsófika", "Különlegesi"
ADDRESS = "zsofika.kulonlegesi@iskola-valahol.test"
STRANGER = "idegen.ismeretlen@masutt-valahol.test"
FILE = f"{SURNAME} {NAME} dolgozata.pdf"
TITLE = "Egyedülálló-cím"
ROW = "Listán-Szereplő"
PASSWORD = "a long enough one"
LAY = f"""
from allauth.account.models import EmailAddress
from community.spaces.models import Membership
from django.core.files.base import ContentFile
from django.db import connection
from followup.courses.models import Run
from followup.materials.models import Material
from messaging.files.actions import store_upload
trainer = Membership.objects.filter(role="trainer").first().user
reader = Membership.objects.filter(role="participant").first().user
for user in (trainer, reader):
    user.name = "{SURNAME} {NAME}"
    user.save()
EmailAddress.objects.filter(user=reader).update(email="{ADDRESS}")
reader.email = "{ADDRESS}"
reader.set_password("{PASSWORD}")
reader.save()
material = Material.objects.create(run=Run.objects.first(), title="{TITLE}")
upload = ContentFile(b"%PDF-1", name="{FILE}")
file = store_upload(kind="material", thing_id=material.pk, upload=upload, by=trainer)
file.blob.storage.delete(file.blob.name)
with connection.cursor() as cursor:
    if connection.vendor == "sqlite":
        cursor.execute('''CREATE TRIGGER refuse BEFORE INSERT ON community_thread
            BEGIN SELECT json_extract('{{}}', NEW.title); END''')
    else:
        cursor.execute('''CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE EXCEPTION 'refused: %', NEW.title; END $$''')
        cursor.execute('''CREATE TRIGGER refuse BEFORE INSERT ON community_thread
            FOR EACH ROW EXECUTE FUNCTION refuse()''')
print(file.get_absolute_url())
"""
"""A trainer and a participant with a name of their own, a file whose bytes are gone, and a database that
refuses every conversation with a sentence that quotes it."""
SECRETS = (NAME, SURNAME, ADDRESS, STRANGER, ROW, TITLE, "dolgozata", "valahol")


class Telling(Site):
    """An installation whose log is for programs and whose mail goes to a mail server."""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"AFTERCOURSE_LOG": "json", "AFTERCOURSE_MAIL_AT_ONCE": "yes"}


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A mail server that quotes whom it refuses."""
    with open_post_office() as opened:
        for address in (ADDRESS, STRANGER):
            opened.refusals[address] = f"550 5.1.1 <{address}> user unknown, {NAME}"
        yield opened


@pytest.fixture
def library(office: PostOffice) -> Iterator[Library]:
    site = Telling(database(), mail_url=office.url)
    laid = Library(site, 1000)
    laid.path = site.manage("shell", "-v0", "-c", LAY).splitlines()[-1]
    site.start()
    yield laid
    site.stop()


def post(library: Library, path: str, **fields: object) -> int:
    body = urllib.parse.urlencode({"csrfmiddlewaretoken": MARK} | fields).encode()
    head = library.head(
        "POST", path, f"Content-Length: {len(body)}", "Content-Type: application/x-www-form-urlencoded"
    )
    return library.ask(head, body)[0]


def get(library: Library, path: str, *headers: str) -> tuple[int, str]:
    status, _headers, body = library.ask(library.head("GET", path, *headers))
    return status, body.decode(errors="replace")


def quoted(text: str) -> str:
    return urllib.parse.quote(text)


def test_no_name_and_no_address_leaves_the_server(library, office):
    visitor = Library.__new__(Library)
    visitor.site, visitor.cookie = library.site, f"Cookie: csrftoken={MARK}\r\n"
    assert post(visitor, "/account/login/", login=ADDRESS, password=f"{NAME} wrong") in (200, 400)
    for address in (ADDRESS, STRANGER):
        assert post(visitor, "/account/login/code/", email=address) == 302
        assert post(visitor, "/account/password/reset/", email=address) == 302
        assert post(visitor, "/invitations/again/", email=address) == 302
    assert post(visitor, "/account/login/", login=ADDRESS, password=PASSWORD) == 302
    for path in (
        f"/files/1/{quoted(FILE)}",
        f"/files/999/{quoted(FILE)}",
        f"/nowhere/{quoted(NAME)}?address={quoted(ADDRESS)}",
        f"/invitations/{quoted(NAME)}:signed/",
        f"/mail/stop/{quoted(ADDRESS)}:signed/",
        f"/account/password/reset/key/{quoted(SURNAME)}-x/",
        f"/live/?t={quoted(NAME)}",
    ):
        get(visitor, path)
        get(library, path)
    assert get(library, library.path)[0] == 404, "its bytes are gone"
    form = {"title": TITLE, "text": NAME, "language": "hu", "client_id": uuid.uuid4()}
    assert post(library, f"/spaces/1/threads/new/?{quoted(NAME)}", **form) in (500, 503)
    assert post(library, "/drafts/", place=f"/{NAME}", title=TITLE) < 600
    broken = library.head("GET", f"/{quoted(NAME)}").replace(b"Host: localhost", f"Host: {ADDRESS}".encode())
    assert library.ask(broken)[0] == 400
    assert library.flood(f"/{quoted(NAME)}", 3_000_000, chunked=False) == 413
    assert library.ask(library.head("TRACE", f"/{quoted(NAME)}"))[0] == 405
    csv = f"email,name\n{STRANGER},{ROW}\nnot an address,{ROW}\n"
    assert library.upload(2000) in (302, 400)
    post(library, f"/runs/{library.run}/completions/upload/", file=csv)
    status, page = get(library, "/me/")
    assert (status, SURNAME in page) == (200, True)
    [ticket] = re.findall(r'data-ticket="([^"]+)"', page)
    sealed = base64.urlsafe_b64decode(ticket + "=" * (-len(ticket) % 4))
    assert not any(secret.encode() in sealed for secret in SECRETS)
    _status, metrics = get(library, "/metrics/")
    assert "aftercourse_page_requests_total" in metrics
    library.site.stop()

    written = library.site.log.read_text()
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    told = {line["logger"] for line in lines if line["level"] in ("WARNING", "ERROR")}
    assert {"django.request", "aftercourse.mail", "aftercourse.files", "aftercourse.server"} <= told
    for secret in (*SECRETS, library.session, MARK, ticket):
        for form in (secret, quoted(secret), json.dumps(secret)[1:-1], secret.lower()):
            assert form not in written
            assert form not in metrics
