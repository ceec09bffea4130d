"""A second kind of space works with all subjects, without changes outside its own folder."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.access import SYSTEM, Refused
from community.people.models import User
from community.posts import actions as posts
from community.practices.models import Practice
from community.spaces import actions, kinds
from community.spaces.models import Space
from community.spaces.permissions import can_keep_order, can_talk, rights_in
from community.spaces.queries import groups_of, people_of
from community.threads import actions as threads
from community.threads.models import Thread
from messaging.chat import actions as chat
from messaging.live import socket, streams
from messaging.live.streams import Stream
from messaging.notifications.models import Notification
from tests.cast import Cast, person
from tests.community.spaces.staffroom.kind import STAFFROOM
from tests.written import ask, publish, reply_to, say, start

As = Callable[..., Client]


@dataclass
class Staffroom:
    space: Space
    lead: User
    colleague: User
    other_colleague: User


@pytest.fixture
def registered() -> Iterator[None]:
    """The kind is known, as an owner would have it at start-up."""
    kinds.register(STAFFROOM)
    yield
    del kinds._kinds["staffroom"]


@pytest.fixture
def staffroom(registered: None, cast: Cast) -> Staffroom:
    """A staffroom with a lead and two colleagues, in the world of the cast."""
    space = actions.open_space(
        kind="staffroom", title="Staffroom of the Oak School", language="en", time_zone="Europe/Budapest"
    )
    people = {
        "lead": person("Lena Lead"),
        "colleague": person("Carl Colleague"),
        "other_colleague": person("Cleo Colleague"),
    }
    for name, user in people.items():
        actions.admit(space=space, user=user, role=name.removeprefix("other_"), by=SYSTEM)
    return Staffroom(space, **people)


def again(user: User) -> User:
    """As the next request would load them."""
    return User.objects.get(pk=user.pk)


def pages(staffroom: Staffroom) -> list[str]:
    """The address of every page that a space has."""
    space = staffroom.space.pk
    thread, practice = start(staffroom.space, staffroom.lead), publish(staffroom.space, staffroom.lead)
    say(staffroom.space, staffroom.lead)
    return [
        *(
            reverse(name, args=[space])
            for name in (
                "space",
                "space_questions",
                "space_practices",
                "space_people",
                "space_room",
                "thread_new",
                "question_new",
                "practice_new",
            )
        ),
        reverse("room_search", args=[space]) + "?q=go",
        reverse("thread", args=[thread.pk]),
        reverse("practice", args=[practice.pk]),
    ]


@pytest.mark.parametrize("who", ["lead", "colleague"])
@pytest.mark.parametrize("language", ["en", "hu"])
def test_every_page_is_shown_to_a_member_without_an_end_or_anybody_of_a_course(
    staffroom, as_: As, who, language
):
    user = getattr(staffroom, who)
    User.objects.filter(pk=user.pk).update(language=language)
    client = as_(again(user))
    for address in pages(staffroom):
        response = client.get(address)
        assert response.status_code == 200, address
        page = response.content.decode()
        assert staffroom.space.title in page
        if language == "en":
            words = page.partition("<main")[2].lower()
            for word in ("trainer", "coordinator", "institute", "the course", "days left", "confirmation"):
                assert word not in words, f"{word} at {address}"


def test_it_is_unknown_to_everybody_else(staffroom, cast, as_: As):
    for address in pages(staffroom):
        for who in ("stranger", "participant", "coordinator", "evaluator", "moderator"):
            assert as_(cast.who(who)).get(address).status_code == 404, f"{who} at {address}"


def test_todays_page_and_the_mails_page_show_it_beside_a_month(staffroom, cast, as_: As):
    actions.admit(space=staffroom.space, user=cast.participant, role="colleague", by=SYSTEM)
    for address in (reverse("today"), reverse("mail_preferences"), reverse("take_along"), reverse("news")):
        for user in (staffroom.colleague, cast.participant):
            assert as_(user).get(address).status_code == 200, address


def test_people_stand_by_the_roles_of_the_kind(staffroom, as_: As):
    groups = groups_of(staffroom.space, people_of(staffroom.space).members)
    headings = [(str(group.role.heading), len(group.members)) for group in groups]
    assert headings == [("Leads", 1), ("Colleagues", 2)]
    page = as_(staffroom.colleague).get(reverse("space_people", args=[staffroom.space.pk])).content.decode()
    assert page.index("Leads") < page.index("Lena Lead") < page.index("Colleagues")
    assert '<span class="badge badge--answers">lead</span>' in page


def test_members_talk_and_add_practices(staffroom, as_: As):
    client, space = as_(staffroom.colleague), staffroom.space.pk
    words = {"title": "Year 7", "text": "They are loud.", "language": "en"}
    assert client.post(reverse("thread_new", args=[space]), words).status_code == 302
    thread = Thread.objects.get(title="Year 7")
    assert (
        as_(staffroom.lead).post(reverse("thread", args=[thread.pk]), {"text": "So is mine."}).status_code
        == 302
    )
    told = {"title": "Silence", "context": "Year 7", "tried": "Two minutes", "happened": "It helped"}
    written = told | {"language": "en", "publish": "1"}
    assert client.post(reverse("practice_new", args=[space]), written).status_code == 302
    assert Practice.objects.get(title="Silence").space == staffroom.space


def test_members_chat_over_the_socket_by_post_and_by_polling(staffroom, cast, as_: As):
    room = Stream("room", staffroom.space.room_id)
    poll = reverse("live_poll")
    assert streams.may_follow(staffroom.colleague.pk, room) == 0.0
    assert streams.may_follow(cast.coordinator.pk, room) is None
    address = reverse("space_room", args=[staffroom.space.pk])
    assert as_(staffroom.colleague).post(address, {"text": "Tea."}).status_code == 302
    (frame,) = as_(staffroom.lead).get(poll, {"s": f"{room},0"}).json()["frames"]
    assert [entry["m"]["by"]["name"] for entry in frame["e"]] == ["Carl Colleague"]
    edit = {"t": "edit", "room": room.id, "n": 1, "text": "Coffee?", "cid": str(uuid.uuid4())}
    socket._as_user(socket._commands["edit"], staffroom.colleague.pk, edit)
    with pytest.raises(Refused):
        socket._as_user(socket._commands["edit"], cast.coordinator.pk, edit)
    (frame,) = as_(cast.coordinator).get(poll, {"s": f"{room},0"}).json()["frames"]
    assert frame["t"] == "unknown"


def test_a_question_for_those_who_answer_is_between_its_author_and_them(staffroom):
    thread = ask(staffroom.space, staffroom.colleague, audience=Thread.Audience.ANSWERERS)
    assert thread.for_answerers_only
    for user, sees in (
        (staffroom.lead, True),
        (staffroom.colleague, True),
        (staffroom.other_colleague, False),
    ):
        assert Thread.objects.visible_to(user).filter(pk=thread.pk).exists() is sees
    assert list(Notification.objects.values_list("user", flat=True)) == [staffroom.lead.pk]
    reply = reply_to(thread, again(staffroom.lead))
    threads.accept_answer(reply=reply, by=again(staffroom.colleague))


def test_the_question_form_has_the_sentences_of_the_kind(staffroom, as_: As):
    page = as_(staffroom.colleague).get(reverse("question_new", args=[staffroom.space.pk])).content.decode()
    assert "Only those who answer questions here" in page


def test_a_lead_keeps_order_and_a_colleague_does_not(staffroom):
    thread = start(staffroom.space, staffroom.colleague)
    said = say(staffroom.space, staffroom.colleague)
    room = staffroom.space.room
    for refused in (
        lambda: threads.pin(thread=thread, by=staffroom.other_colleague),
        lambda: posts.withdraw(post=thread, by=staffroom.other_colleague),
        lambda: chat.withdraw_message(room=room, number=said.number, by=staffroom.other_colleague),
    ):
        with pytest.raises(Refused):
            refused()
    threads.pin(thread=thread, by=staffroom.lead)
    posts.withdraw(post=thread, by=staffroom.lead)
    chat.withdraw_message(room=room, number=said.number, by=staffroom.lead)
    assert can_keep_order(staffroom.lead, staffroom.space)


def test_a_lead_decides_who_is_in_it(staffroom):
    room = Stream("room", staffroom.space.room_id)
    with pytest.raises(Refused):
        actions.dismiss_member(space=staffroom.space, user=staffroom.lead, by=staffroom.colleague)
    actions.dismiss_member(space=staffroom.space, user=staffroom.colleague, by=staffroom.lead)
    assert streams.may_follow(staffroom.colleague.pk, room) is None
    assert not can_talk(again(staffroom.colleague), staffroom.space)
    actions.readmit(space=staffroom.space, user=staffroom.colleague, by=staffroom.lead)
    assert streams.may_follow(staffroom.colleague.pk, room) is not None


def test_a_role_that_the_kind_does_not_have_is_an_error(staffroom, cast):
    with pytest.raises(KeyError):
        actions.admit(space=staffroom.space, user=cast.stranger, role="trainer", by=SYSTEM)
    with pytest.raises(ValueError, match="no end"):
        actions.move_end(space=staffroom.space, closes_at=cast.space.closes_at)


def test_a_role_name_of_one_kind_gives_no_right_in_another(staffroom, cast):
    """A membership is read with the kind of its space: "lead" answers in a staffroom only."""
    answering = kinds.roles_where(lambda role: kinds.Right.ANSWER in role.rights)
    mine = cast.space.memberships.filter(answering).values_list("user", flat=True)
    assert set(mine) == {cast.trainer.pk}


def test_all_rights_in_spaces_of_two_kinds_are_read_with_two_queries(staffroom, cast):
    actions.admit(space=staffroom.space, user=cast.participant, role="colleague", by=SYSTEM)
    reader = again(cast.participant)
    with CaptureQueriesContext(connection) as asked:
        for space in (staffroom.space, cast.space):
            rights_in(reader, space)
    assert len(asked) == 2


def test_a_role_that_sees_nothing_is_not_registered():
    blind = kinds.Role(name="blind", label="", heading="", rights=frozenset())
    with pytest.raises(ValueError, match="right to see"):
        kinds.register(kinds.SpaceKind(name="blind", roles=(blind,)))
