"""The licence of a write-up, its line of credit with and without a script, and the way to permission."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.sessions import enter
from tests.site import Site

pytestmark = pytest.mark.parametrize("site", ["sqlite"], indirect=True)
PHONE = {"width": 375, "height": 800}

SETUP = """
from tests.browser.sessions import open_sessions
from tests.cast import create_cast
from tests.written import publish

cast = create_cast()
open_sessions(cast.participant, cast.another_participant, cast.coordinator)
publish(cast.space, cast.participant, licence="by-nc")
terms = {"own_terms": "For teaching, with the source.", "not_for_profit": True, "permission_first": True}
publish(cast.space, cast.participant, licence="own", **terms)
"""


def test_the_line_of_credit_is_copied_by_a_button_or_selected(site: Site, someone):
    reader = enter(someone(viewport=PHONE), site, "Pal Participant")
    reader.goto("/practices/1/")
    expect(reader.get_by_role("link", name="CC BY-NC 4.0")).to_be_visible()
    reader.get_by_text("Credit it when you reuse it").click()
    reader.get_by_role("button", name="Copy").click()
    expect(reader.get_by_role("button", name="Copied")).to_be_visible()
    box = "document.querySelector('#credit')"
    assert reader.evaluate(f"{box}.selectionEnd - {box}.selectionStart == {box}.value.length")

    plain = enter(someone(java_script_enabled=False, viewport=PHONE), site, "Pal Participant")
    plain.goto("/practices/2/")
    plain.get_by_text("Credit it when you reuse it").click()
    expect(plain.get_by_label("How to credit it")).to_have_value(
        re.compile("^“Two minutes of silence”, Petra")
    )
    plain.get_by_role("link", name="Ask for permission").click()
    expect(plain.get_by_label("A question to the author")).to_be_checked()
