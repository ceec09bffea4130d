"""Servers are killed while files, drafts and posts are on their way: what was accepted is there, once."""

import http.client
import json
import signal
import threading
import time
import urllib.parse
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.faults.crowd import CSRF_TOKEN, Member
from tests.faults.scene import FORMS, Scene
from tests.waiting import PATIENCE_SECONDS, wait_until

FILE_BYTES, PIECE_BYTES = 120_000, 8_000
PIECE = "application/offset+octet-stream"
LOG = """
import hashlib, json
from community.people.models import Draft
from messaging.models import File, Upload
from community.models import Thread
files = [[file.key.hex, file.thing_id, file.size, hashlib.sha256(file.blob.read()).hexdigest()]
         for file in File.objects.order_by("pk")]
threads = list(Thread.objects.order_by("pk").values_list("pk", "title"))
drafts = list(Draft.objects.values_list("user", "place", "fields"))
print(json.dumps([files, threads, drafts, Upload.objects.count()]))
"""


@dataclass
class Writer:
    """A person whose page goes on where the server stopped."""

    member: Member
    posted: list[str] = field(default_factory=list)
    """The titles of conversations that were accepted."""
    drafted: str = ""
    """The text of the last draft that was accepted."""

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
        """The response and its body; asked for again until there is one."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            address = urllib.parse.urlsplit(self.member.address)
            connection = http.client.HTTPConnection(address.netloc, timeout=10)
            more = {name.replace("_", "-"): value for name, value in headers.items()}
            cookie = f"sessionid={self.member.session}; csrftoken={CSRF_TOKEN}"
            usual = {"Cookie": cookie, "X-CSRFToken": CSRF_TOKEN, "Accept": "application/json"}
            try:
                connection.request(method, path, body, {**usual, **more})
                response = connection.getresponse()
                content = response.read()
                if response.status < 500 and response.status != 423:
                    return response, content
            except (OSError, http.client.HTTPException):
                self.member.addresses.append(self.member.addresses.pop(0))
            finally:
                connection.close()
            time.sleep(0.1)
            if method == "PATCH":
                # What became of the piece is not known.
                return None, b""
        raise TimeoutError(path)

    def upload(self, content: bytes) -> str:
        """The key of the file that these bytes became."""
        announced = {"name": "list.csv", "size": len(content), "client_id": str(uuid.uuid4())}
        begin = json.dumps(announced).encode()
        _response, said = self.send("POST", "/files/uploads/", begin, Content_Type="application/json")
        where = json.loads(said)["url"]
        while True:
            head, _nothing = self.send("HEAD", where)
            offset = int(head.headers["Upload-Offset"])
            while True:
                piece = content[offset : offset + PIECE_BYTES]
                response, said = self.send(
                    "PATCH", where, piece, Content_Type=PIECE, Upload_Offset=str(offset)
                )
                if response is None or response.status == 409:
                    break
                if response.status == 200:
                    file = json.loads(said)
                    if "key" in file:
                        return str(file["key"])
                    assert file.get("again"), file
                    break
                offset = int(response.headers["Upload-Offset"])

    def write(self, number: int) -> None:
        """Upload a file, save a draft that names it, and post a conversation with it."""
        key = self.upload(f"{self.member.id};{number}\n".encode().ljust(FILE_BYTES, b"x"))
        page, title = f"/spaces/{self.member.space}/threads/new/", f"{number} of {self.member.id}"
        draft = {"place": page + "?draft", "title": title, "fields": {"title": title, "files": key}}
        response, _said = self.send(
            "POST", "/drafts/", json.dumps(draft).encode(), Content_Type="application/json"
        )
        assert response.status == 204
        self.drafted = title
        form = {"title": title, "text": "", "language": "en", "client_id": str(uuid.uuid4()), "files": key}
        sent = urllib.parse.urlencode(form).encode()
        response, _said = self.send("POST", page, sent, Content_Type="application/x-www-form-urlencoded")
        assert response.status == 302, response.status
        self.posted.append(title)


@pytest.mark.parametrize("scene", FORMS, indirect=True)
def test_killing_servers_while_files_drafts_and_posts_are_on_their_way_loses_and_doubles_nothing(
    scene: Scene,
) -> None:
    writers = [Writer(member) for member in scene.start().people(4)]
    is_over = threading.Event()

    def work(writer: Writer) -> None:
        number = 0
        while not is_over.is_set():
            writer.write(number)
            number += 1

    def done() -> int:
        return sum(len(writer.posted) for writer in writers)

    with ThreadPoolExecutor(len(writers)) as pool:
        running = [pool.submit(work, writer) for writer in writers]
        try:
            for number in range(4):
                server, before = scene.servers[number % len(scene.servers)], done()
                wait_until(lambda before=before: done() > before, "Posts", scene.log)
                server.stop(signal.SIGKILL)
                server.start()
        finally:
            is_over.set()
        for one in running:
            one.result()
    files, threads, drafts, unfinished = json.loads(scene.site.manage("shell", "-v", "0", "-c", LOG))
    posted = sorted(title for writer in writers for title in writer.posted)
    assert sorted(title for _pk, title in threads) == posted
    things = [thing for _key, thing, _size, _digest in files]
    assert sorted(things) == sorted(pk for pk, _title in threads), "each has its file, and there is no other"
    assert len({digest for *_rest, digest in files}) == len(files)
    assert {size for _key, _thing, size, _digest in files} == {FILE_BYTES}
    assert unfinished == 0
    kept = {user: fields["title"] for user, place, fields in drafts if place.endswith("?draft")}
    assert kept == {writer.member.id: writer.drafted for writer in writers}
