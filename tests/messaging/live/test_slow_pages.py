"""Pages that take long, and others that wait behind them, delay no message."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from config.thread_pool import PAGE_THREADS
from tests.messaging.live.slow_pages import ARRIVED, PATH, RELEASED
from tests.messaging.live.test_socket import Installation, follow, receive, send
from tests.site import Site
from tests.waiting import wait_until


@pytest.fixture
def server():
    site = Site("sqlite")
    site.servers[0].program = ("-m", "tests.messaging.live.slow_pages")
    site.start()
    yield Installation(site)
    (site.folder / RELEASED).touch()
    site.stop()


def test_messages_are_taken_and_delivered_while_all_page_threads_compute(server):
    folder = server.site.folder
    pages = PAGE_THREADS + 2
    with ThreadPoolExecutor(pages) as readers:
        asked = [readers.submit(server.ask, "", PATH) for _page in range(pages)]
        wait_until(lambda: len(list(folder.glob(ARRIVED))) == PAGE_THREADS, "A computing page in each thread")
        with (
            server.open(server.session("Petra Participant")) as petra,
            server.open(server.session("Tamara Trainer")) as tamara,
        ):
            for socket in (petra, tamara):
                receive(socket, "welcome")
                follow(socket, server.room)
                send(socket, "ping")
                receive(socket, "pong")
            for number in range(5):
                send(petra, "send", room=server.number, text=f"Message {number}", cid=str(uuid.uuid4()))
                sent = receive(petra, "ack")["n"]
                while not any(entry["n"] == sent for entry in receive(tamara, "entries")["e"]):
                    pass
        assert not any(page.done() for page in asked)
        assert len(list(folder.glob(ARRIVED))) == PAGE_THREADS, "the others wait for a thread"
        (folder / RELEASED).touch()
        assert [page.result() for page in asked] == [(200, "at last")] * pages
