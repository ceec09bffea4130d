"""The room stands still while its page is loaded, at its newest message or at another one."""

import pytest

from tests.browser.sessions import enter
from tests.site import Site

SETUP = """
import uuid
from tests.browser.sessions import open_sessions
from tests.cast import create_cast
from messaging.chat.actions import post_message
from messaging.chat.models import RoomMember

cast = create_cast()
open_sessions(cast.participant, cast.trainer)
for number in range(100):
    author = (cast.another_participant, cast.trainer)[number // 3 % 2]
    text = f"Message {number + 1}. " + "Some more words. " * (number % 7)
    post_message(room=cast.space.room, author=author, text=text, client_id=uuid.uuid4())
RoomMember.objects.filter(user=cast.participant).update(read_number=70)
"""
RECORD = """
window.moved = 0;
new PerformanceObserver((list) => {
  for (const { value } of list.getEntries()) window.moved += value;
}).observe({ type: "layout-shift", buffered: true });
"""
COMPLETE = """() => [...document.querySelectorAll("room-message")].every((message) => message.dataset.n)
  && document.readyState === "complete"
"""
PAINTED_TWICE = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
PHONE = {"width": 412, "height": 823}
SMALL = 0.05
"""Of the window: a page up to 0.1 counts as steady. The link to the first unread message takes 0.03."""


@pytest.mark.parametrize("where", ["", "?at=71&unread=1#message-71", "?at=30#message-30"])
def test_the_room_hardly_moves_while_it_is_loaded(site: Site, someone, where):
    page = someone(viewport=PHONE)
    page.add_init_script(RECORD)
    enter(page, site, "Petra Participant", f"/spaces/1/room/{where}")
    page.wait_for_function(COMPLETE)
    page.evaluate(PAINTED_TWICE)
    assert page.evaluate("moved") < SMALL


def test_the_page_is_not_painted_before_its_whole_log_is_there(site: Site, someone):
    page = enter(someone(), site, "Petra Participant", "/spaces/1/room/")
    awaited = page.locator("link[rel=expect][blocking=render]").get_attribute("href")
    assert page.evaluate("id => document.querySelector('live-room').nextElementSibling.matches(id)", awaited)
