"""Who is in a space, and who decides it."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from common.access import Refused
from community.institutes.models import Staff
from community.people.actions import suspend
from community.people.models import User
from community.spaces import actions
from community.spaces.models import Membership, Space
from community.spaces.queries import PEOPLE_PER_PAGE, groups_of, people_of
from followup.courses.roles import SpaceRole
from messaging.models import Room
from tests.cast import close_now, join, person
from tests.written import start


def text_in(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def people(client, space):
    return client.get(reverse("space_people", args=[space.pk]))


def groups(space):
    return groups_of(space, people_of(space).members)


def test_people_stand_by_what_they_are_here(cast):
    start(cast.space, cast.coordinator)
    by_role = {group.role.name: [one.name for one in group.members] for group in groups(cast.space)}
    assert by_role == {
        "trainer": ["Tamara Trainer"],
        "participant": ["Aron Awaiting", "Pal Participant", "Petra Participant"],
        "coordinator": ["Cora Coordinator"],
    }


def test_a_role_is_said_once_of_who_has_it_as_an_occupation(as_, cast):
    User.objects.filter(pk=cast.trainer.pk).update(occupation="trainer")
    page = people(as_(cast.participant), cast.space).content.decode()
    (shown,) = (each for each in page.split('<li class="person">') if "Tamara Trainer" in each)
    assert re.findall(r">\s*(trainer)\s*<", shown, re.IGNORECASE) == ["trainer"]


def test_who_waits_for_confirmation_is_marked_for_themselves_the_trainer_and_the_institute(as_, cast):
    for somebody in (cast.awaiting, cast.trainer, cast.coordinator, cast.evaluator):
        assert text_in(people(as_(somebody), cast.space)).count("awaiting confirmation") == 1
    assert "awaiting confirmation" not in text_in(people(as_(cast.participant), cast.space))


def test_a_member_comes_in_once_and_only_trainers_see_who_has_not(as_, cast):
    as_(cast.participant).get(reverse("space", args=[cast.space.pk]))
    came = Membership.objects.get(space=cast.space, user=cast.participant).came_in_at
    assert came
    as_(cast.participant).get(reverse("space", args=[cast.space.pk]))
    assert Membership.objects.get(space=cast.space, user=cast.participant).came_in_at == came
    assert text_in(people(as_(cast.trainer), cast.space)).count("not joined yet") == 2
    for somebody in (cast.participant, cast.coordinator, cast.evaluator):
        assert "not joined yet" not in text_in(people(as_(somebody), cast.space))


def test_who_reads_from_the_institute_is_listed_as_such_and_is_no_member(as_, cast):
    for reader in (cast.evaluator, cast.participant):
        shown = text_in(people(as_(reader), cast.space))
        reading = shown.partition("From the institute, reading along")[2]
        assert "Eva Evaluator evaluator" in reading
        assert "Cora Coordinator coordinator" in reading
        assert "Oscar Coordinator" not in shown
    assert not Membership.objects.filter(user=cast.evaluator).exists()


def test_everybody_who_may_see_a_space_stands_in_its_list_of_people(cast):
    join(cast.space, cast.coordinator, role=SpaceRole.COORDINATOR)
    shown = people_of(cast.space)
    overseeing = [person.user for person, _label in shown.overseers]
    assert overseeing == [cast.evaluator.pk]
    everybody = User.objects.all()
    assert {person.user for person in shown.members} | set(overseeing) == {
        user.pk for user in everybody if Space.objects.visible_to(user).filter(pk=cast.space.pk).exists()
    }


def test_the_office_and_the_suspended_are_not_listed_among_who_reads(cast):
    Staff.objects.create(institute=cast.institute, user=cast.stranger, role=Staff.Role.OFFICE)
    suspend(user=cast.evaluator)
    assert [person.user for person, _label in people_of(cast.space).overseers] == [cast.coordinator.pk]


def test_a_coordinator_dismisses_and_readmits_a_member_with_their_role(as_, cast):
    join(cast.space, person("Tibor Trainer"), role=SpaceRole.TRAINER)
    member = Membership.objects.get(space=cast.space, user=cast.trainer)
    client = as_(cast.coordinator)
    shown = client.post(reverse("member_dismiss", args=[cast.space.pk, member.pk]), follow=True)
    assert "Let back in" in text_in(shown)
    assert not Space.objects.visible_to(cast.trainer).exists()
    client.post(reverse("member_readmit", args=[cast.space.pk, member.pk]))
    member.refresh_from_db()
    assert (member.role, member.dismissed_at) == (SpaceRole.TRAINER, None)
    assert Space.objects.visible_to(cast.trainer).exists()


@pytest.mark.parametrize("who", ["participant", "trainer", "evaluator", "other_coordinator"])
def test_nobody_but_a_coordinator_decides_who_is_here(cast, who):
    for action in (actions.dismiss_member, actions.readmit):
        with pytest.raises(Refused):
            action(space=cast.space, user=cast.another_participant, by=cast.who(who))


def test_a_member_of_another_space_is_not_removed_through_this_one(as_, cast):
    other = Space.objects.create(
        kind="follow-up",
        institute=cast.other_institute,
        title="Other",
        language="pl",
        room=Room.objects.create(),
    )
    theirs = join(other, cast.stranger)
    url = reverse("member_dismiss", args=[cast.space.pk, theirs.pk])
    assert as_(cast.coordinator).post(url).status_code == 404


def test_awaiting_is_over_with_the_end(cast):
    assert cast.space in Space.objects.visible_to(cast.awaiting)
    close_now(cast.space)
    assert cast.space not in Space.objects.visible_to(cast.awaiting)


def test_after_the_end_nobody_is_said_to_be_available(as_, cast):
    path = reverse("space_people", args=[cast.space.pk])
    assert "Available to answer" in text_in(as_(cast.participant).get(path))
    close_now(cast.space)
    shown = text_in(as_(cast.participant).get(path))
    assert "Available to answer" not in shown
    assert "Trainers" in shown


def test_the_last_day_is_the_day_before_the_local_midnight_of_the_end(cast):
    assert cast.space.last_day == cast.month.opened_on + dt.timedelta(days=31)


def test_posts_of_a_dismissed_member_keep_their_name(as_, cast):
    thread = start(cast.space, cast.participant)
    actions.dismiss_member(space=cast.space, user=cast.participant, by=cast.coordinator)
    shown = text_in(as_(cast.trainer).get(reverse("thread", args=[thread.pk])))
    assert "Petra Participant" in shown
    assert as_(cast.participant).get(reverse("thread", args=[thread.pk])).status_code == 404


def test_empty_lists_explain_themselves_and_link_to_the_form(as_, cast):
    client = as_(cast.participant)
    for name, offer in {
        "space": "Start a conversation",
        "space_questions": "Ask a question",
        "space_practices": "Write the first one",
    }.items():
        assert text_in(client.get(reverse(name, args=[cast.space.pk]))).count(offer) == 1, name


def test_people_are_searched_by_the_beginning_of_a_name_whatever_its_diacritics(as_, cast):
    join(cast.space, person("Łukasz Pawlik"))
    client = as_(cast.participant)
    assert "Who are you looking for?" not in text_in(people(client, cast.space))
    found = text_in(client.get(reverse("space_people", args=[cast.space.pk]), {"q": "LUK"}))
    assert "Łukasz Pawlik" in found
    assert "Tamara Trainer" not in found
    nobody = text_in(client.get(reverse("space_people", args=[cast.space.pk]), {"q": "x<b>"}))
    assert "No one here has a name that begins with" in nobody
    for number in range(10):
        join(cast.space, person(f"Number {number}"))
    assert "Who are you looking for?" in text_in(people(client, cast.space))


def test_people_are_sorted_by_the_readers_alphabet(space):
    for name in ("Bognár Ida", "Bíró Zita", "Ádám Pál", "łukasz Nowy"):
        join(space, person(name))
    names = [one.name for group in groups(space) if group.role.name == "participant" for one in group.members]
    here = [name for name in names if name.split()[0] in ("Ádám", "Bíró", "Bognár", "łukasz")]
    assert here == ["Ádám Pál", "Bíró Zita", "Bognár Ida", "łukasz Nowy"]


def test_many_people_stand_on_several_pages_each_under_what_they_are(
    as_, cast, django_assert_max_num_queries
):
    client = as_(cast.participant)
    people(client, cast.space)
    with django_assert_max_num_queries(9) as few:
        people(client, cast.space)
    for number in range(PEOPLE_PER_PAGE):
        join(cast.space, person(f"Number {number:03}"))
    with django_assert_max_num_queries(len(few)):
        first = text_in(people(client, cast.space))
    second = text_in(client.get(reverse("space_people", args=[cast.space.pk]), {"page": 2}))
    assert "Tamara Trainer" in first
    assert "Number 059" not in first
    assert "Participants" in second
    assert "Number 059" in second
    assert "Tamara Trainer" not in second
