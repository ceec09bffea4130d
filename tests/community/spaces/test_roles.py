"""What comes with a role at the institute ends and comes back with it."""

import datetime as dt
import uuid

import pytest
from django.core.management import CommandError, call_command

from common.access import SYSTEM, Refused
from community.institutes import actions as institutes
from community.institutes.models import Staff
from community.people.actions import suspend, unsuspend
from community.people.models import User
from community.spaces import actions as spaces
from community.spaces.consistency_actions import find_differences, repair
from community.spaces.models import Membership, Space
from community.spaces.permissions import can_answer_here, can_dismiss
from followup.courses import run_actions
from followup.courses.models import Enrolment, RunTrainer
from messaging.chat import actions as chat
from messaging.chat.models import Entry, RoomMember
from messaging.live import streams
from messaging.live.models import Revocation
from messaging.live.streams import Stream
from tests.cast import Cast, join, person
from tests.two_connections import concurrent


@pytest.fixture
def second(cast: Cast) -> User:
    """Another coordinator of the institute, so that either can be removed; a member of the space."""
    second = person("Stefan Second")
    institutes.give_role(institute=cast.institute, user=second, role="coordinator", by=cast.coordinator)
    spaces.admit_writing_staff(space=cast.space, user=second)
    return second


def is_in(space: Space, user: User) -> bool:
    user = User.objects.get(pk=user.pk)
    page = Space.objects.visible_to(user).filter(pk=space.pk).exists()
    room = streams.may_follow(user.pk, Stream("room", space.room_id)) is not None
    assert page == room == RoomMember.objects.current().filter(room=space.room, user=user).exists()
    return page


def role_of(cast: Cast, user: User) -> Staff:
    return cast.institute.staff.get(user=user)


def remove(cast: Cast, user: User) -> None:
    institutes.remove_staff(staff=role_of(cast, user), by=cast.coordinator)


def change_to_office(cast: Cast, user: User) -> None:
    institutes.change_role(staff=role_of(cast, user), role="office", by=cast.coordinator)


def delete_the_row(cast: Cast, user: User) -> None:
    role_of(cast, user).delete()


def delete_by_queryset(cast: Cast, user: User) -> None:
    Staff.objects.filter(user=user).delete()


@pytest.mark.parametrize("end", [remove, change_to_office, delete_the_row, delete_by_queryset])
def test_the_end_of_a_role_ends_the_membership_that_came_with_it(cast, second, end):
    message = chat.post_message(
        room=cast.space.room, author=cast.participant, text="Hi", client_id=uuid.uuid4()
    )
    assert is_in(cast.space, second)
    Revocation.objects.all().delete()
    end(cast, second)
    assert not is_in(cast.space, second)
    assert Revocation.objects.filter(person=second.pk).exists()
    assert Entry.objects.latest("number").kind == Entry.Kind.LEAVE
    with pytest.raises(Refused):
        chat.post_message(room=cast.space.room, author=second, text="Still here", client_id=uuid.uuid4())
    with pytest.raises(Refused):
        chat.withdraw_message(room=cast.space.room, number=message.number, by=second)


@pytest.mark.parametrize("end", [remove, change_to_office])
def test_a_role_given_again_restores_the_memberships_that_ended_with_it(cast, second, end):
    end(cast, second)
    institutes.give_role(institute=cast.institute, user=second, role="coordinator", by=cast.coordinator)
    assert is_in(cast.space, second)
    assert Membership.objects.get(space=cast.space, user=second).role == "coordinator"


def test_a_role_given_again_does_not_undo_a_dismissal(cast, second):
    spaces.dismiss_member(space=cast.space, user=second, by=cast.coordinator)
    remove(cast, second)
    institutes.give_role(institute=cast.institute, user=second, role="coordinator", by=cast.coordinator)
    assert not RoomMember.objects.current().filter(user=second).exists()


def test_a_dismissal_after_the_end_of_the_role_stays_when_the_role_is_given_again(cast, second):
    remove(cast, second)
    spaces.dismiss(space=cast.space, user=second, by=cast.coordinator)
    institutes.give_role(institute=cast.institute, user=second, role="coordinator", by=cast.coordinator)
    assert not RoomMember.objects.current().filter(user=second).exists()


def test_a_former_coordinator_is_not_readmitted_as_one(cast, second):
    spaces.dismiss_member(space=cast.space, user=second, by=cast.coordinator)
    remove(cast, second)
    with pytest.raises(Refused):
        spaces.readmit(space=cast.space, user=second, by=cast.coordinator)
    with pytest.raises(Refused):
        spaces.admit(space=cast.space, user=second, role="coordinator", by=cast.coordinator)
    assert not is_in(cast.space, second)


def test_a_role_at_one_institute_ends_nothing_in_the_spaces_of_another(cast, second):
    other = spaces.open_space(
        kind="follow-up",
        institute=cast.other_institute,
        title="Other",
        language="en",
        closes_at=None,
        time_zone="Europe/Budapest",
    )
    institutes.give_role(
        institute=cast.other_institute, user=second, role="coordinator", by=cast.other_coordinator
    )
    spaces.admit_writing_staff(space=other, user=User.objects.get(pk=second.pk))
    remove(cast, second)
    assert is_in(other, second)
    assert not is_in(cast.space, second)


def test_the_end_of_another_role_ends_no_membership(cast, second):
    institutes.give_role(institute=cast.institute, user=second, role="evaluator", by=cast.coordinator)
    institutes.remove_staff(
        staff=cast.institute.staff.get(user=second, role="evaluator"), by=cast.coordinator
    )
    assert is_in(cast.space, second)


@pytest.mark.parametrize("why", ["completed", "trains"])
def test_who_is_in_the_space_for_a_reason_of_their_own_stays_without_the_rights_of_the_role(
    cast, second, why
):
    if why == "trains":
        RunTrainer.objects.create(run=cast.run, user=second)
    else:
        Enrolment.objects.create(run=cast.run, user=second, completed_at=cast.space.opened_at)
    Revocation.objects.all().delete()
    remove(cast, second)
    assert is_in(cast.space, second)
    member = RoomMember.objects.get(room=cast.space.room, user=second)
    assert (member.role, member.keeps_order) == {
        "trains": ("trainer", True),
        "completed": ("participant", False),
    }[why]
    assert Revocation.objects.filter(person=second.pk).exists()


def test_a_coordinator_who_is_named_trainer_answers_and_stays_without_the_role_at_the_institute(cast, second):
    Revocation.objects.all().delete()
    run_actions.add_trainer(run=cast.run, by=cast.coordinator, name=second.name, address=second.email)
    again = User.objects.get(pk=second.pk)
    assert can_answer_here(again, cast.space)
    assert can_dismiss(again, cast.space)
    assert Revocation.objects.filter(person=second.pk).exists()
    remove(cast, second)
    assert is_in(cast.space, second)
    again = User.objects.get(pk=second.pk)
    assert can_answer_here(again, cast.space)
    assert not can_dismiss(again, cast.space)
    assert RoomMember.objects.get(room=cast.space.room, user=second).keeps_order


def test_a_trainer_who_is_admitted_as_coordinator_remains_trainer(cast, second):
    spaces.admit(space=cast.space, user=second, role="trainer", by=SYSTEM)
    membership, changed = spaces.admit(space=cast.space, user=second, role="coordinator", by=second)
    assert (membership.role, changed) == ("trainer", False)


@pytest.mark.parametrize("completed", [True, False])
def test_a_former_trainer_stays_only_as_a_participant(cast, completed):
    if completed:
        Enrolment.objects.create(run=cast.run, user=cast.trainer, completed_at=cast.space.opened_at)
    join(cast.space, person("Tibor Trainer"), role="trainer")
    trainer = RunTrainer.objects.get(user=cast.trainer)
    run_actions.remove_trainer(trainer=trainer, by=cast.coordinator)
    assert is_in(cast.space, cast.trainer) is completed
    assert not RoomMember.objects.filter(user=cast.trainer, dismissed_at=None, keeps_order=True).exists()
    run_actions.restore_trainer(run=cast.run, user=cast.trainer, by=cast.coordinator)
    assert Membership.objects.current().get(space=cast.space, user=cast.trainer).role == "trainer"


def test_a_deleted_person_leaves_nothing_behind(cast, second):
    second.delete()
    assert not find_differences()


def test_a_suspended_person_is_in_no_room_until_readmitted(cast):
    stream = Stream("room", cast.space.room_id)
    suspend(user=cast.participant)
    assert streams.may_follow(cast.participant.pk, stream) is None
    assert Revocation.objects.filter(person=cast.participant.pk, ends=True).exists()
    with pytest.raises(Refused):
        chat.post_message(room=cast.space.room, author=cast.participant, text="Hi", client_id=uuid.uuid4())
    unsuspend(user=cast.participant)
    assert streams.may_follow(cast.participant.pk, stream) is not None


def spoil_the_role(cast: Cast) -> None:
    RoomMember.objects.filter(user=cast.participant).update(role="trainer", keeps_order=True)


def spoil_the_time(cast: Cast) -> None:
    RoomMember.objects.filter(user=cast.awaiting).update(until=None)


def leave_in_the_room(cast: Cast) -> None:
    Membership.objects.filter(user=cast.participant).update(dismissed_at=cast.space.opened_at)


def leave_out_of_the_room(cast: Cast) -> None:
    RoomMember.objects.filter(user=cast.participant).delete()


def put_into_the_room(cast: Cast) -> None:
    RoomMember.objects.create(room=cast.space.room, user=cast.stranger)


def take_the_role_away(cast: Cast) -> None:
    join(cast.space, cast.coordinator, role="coordinator")
    Staff.objects.filter(user=cast.coordinator).update(role="office")


def move_the_end(cast: Cast) -> None:
    Space.objects.filter(pk=cast.space.pk).update(closes_at=None)


@pytest.mark.parametrize(
    ("spoil", "who"),
    [
        (spoil_the_role, "participant"),
        (spoil_the_time, "awaiting"),
        (leave_in_the_room, "participant"),
        (leave_out_of_the_room, None),
        (put_into_the_room, "stranger"),
        (take_the_role_away, "coordinator"),
        (move_the_end, None),
    ],
)
def test_the_command_finds_and_repairs_a_difference(cast, spoil, who, capsys):
    call_command("check_memberships")
    assert capsys.readouterr().out == "Memberships and rooms agree.\n"
    spoil(cast)
    with pytest.raises(CommandError):
        call_command("check_memberships")
    assert f"space {cast.space.pk}" in capsys.readouterr().out
    call_command("check_memberships", "--mend")
    assert who is None or Revocation.objects.filter(person=cast.who(who).pk).exists()
    call_command("check_memberships")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("spoil", [spoil_the_role, leave_out_of_the_room])
def test_repair_does_not_readmit_who_is_dismissed_meanwhile(cast, spoil):
    spoil(cast)
    with concurrent(repair) as start:
        spaces.dismiss(space=cast.space, user=cast.participant, by=cast.coordinator)
        start()
    assert not RoomMember.objects.current().filter(user=cast.participant).exists()
    assert not find_differences()


@pytest.mark.django_db(transaction=True)
def test_repair_keeps_an_end_that_moves_meanwhile(cast):
    move_the_end(cast)
    later = cast.space.closes_at + dt.timedelta(days=3)
    with concurrent(repair) as start:
        spaces.move_end(space=cast.space, closes_at=later)
        start()
    assert Space.objects.get(pk=cast.space.pk).closes_at == later
    assert not find_differences()


def test_the_comparison_takes_as_many_queries_for_many_members(cast, django_assert_num_queries):
    with django_assert_num_queries(5):
        find_differences()
    for number in range(30):
        join(cast.space, person(f"Member {number}"))
    with django_assert_num_queries(5):
        find_differences()


def test_many_are_admitted_in_as_many_statements_as_one(cast, django_assert_max_num_queries):
    def admit(users):
        return spaces.admit_all(space=cast.space, users=users, role="participant", by=SYSTEM)

    users = [person(f"Person {number}") for number in range(40)]
    spaces.dismiss(space=cast.space, user=cast.participant, by=SYSTEM)
    with django_assert_max_num_queries(13):
        admit(users[:1])
    with django_assert_max_num_queries(13):
        admit(users)
    admitted = admit([*users, cast.trainer, cast.awaiting, cast.participant])
    changed = {membership.user for membership, is_changed in admitted if is_changed}
    assert changed == {cast.awaiting, cast.participant}
    by_user = {membership.user: membership for membership, _changed in admitted}
    assert by_user[cast.trainer].role == "trainer"
    assert by_user[cast.awaiting].awaiting_until is None
    assert Membership.objects.current().filter(space=cast.space, user__in=users).count() == 40
    in_room = cast.space.room.members.filter(dismissed_at=None, role="participant", until=None)
    assert in_room.count() == 43
    assert find_differences() == []
