"""An institute's page and its staff."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from common import clock, privacy
from common.access import SYSTEM, Refused
from community.institutes import actions
from community.institutes.models import Institute, Staff
from community.people.models import Invitation, User
from community.spaces.actions import admit_writing_staff
from messaging.chat.models import RoomMember
from messaging.notifications.models import Mail
from tests.cast import Cast, person
from tests.two_connections import concurrent


def staff_of(institute) -> set[tuple[str, str]]:
    return {(one.user.name, one.role) for one in institute.staff.select_related("user")}


def page_of(institute, name="institute", **more) -> str:
    return reverse(name, kwargs={"slug": institute.slug, **more})


def test_somebody_new_is_added_by_address_and_invited(as_, institute, coordinator):
    data = {"name": "Nora New", "address": "Nora.New@school.test", "role": "office"}
    page = as_(coordinator).post(page_of(institute, "staff_add"), data, follow=True).content.decode()
    assert "We’ve emailed an invitation." in page
    invitation = Invitation.objects.get(user__name="Nora New")
    assert (invitation.address, invitation.next_path) == ("nora.new@school.test", page_of(institute))
    assert Mail.objects.filter(address="nora.new@school.test", kind="invitation").count() == 1


def test_somebody_known_is_added_without_an_invitation_and_twice_is_once(institute, coordinator, trainer):
    for _again in range(2):
        actions.add_staff(
            institute=institute, by=coordinator, name="Anyone", address=trainer.email, role="office"
        )
    assert (trainer.name, "office") in staff_of(institute)
    assert institute.staff.filter(user=trainer).count() == 1
    assert not Invitation.objects.exists()


def test_a_wrong_address_is_named_in_the_form(as_, institute, coordinator):
    data = {"name": "Nora", "address": "nowhere", "role": "office"}
    response = as_(coordinator).post(page_of(institute, "staff_add"), data)
    assert response.status_code == 400
    assert "This isn’t an email address." in response.content.decode()
    assert not User.objects.filter(name="Nora").exists()


def test_removed_staff_can_be_restored_for_ten_minutes(as_, institute, coordinator, evaluator):
    client, staff = as_(coordinator), institute.staff.get(user=evaluator)
    response = client.post(page_of(institute, "staff_remove", pk=staff.pk))
    assert (evaluator.name, "evaluator") not in staff_of(institute)
    note = response.headers["Location"].partition("?undo=")[2]
    assert "was removed." in client.get(response.headers["Location"]).content.decode()
    with clock.at(clock.now() + dt.timedelta(minutes=11)):
        client.post(page_of(institute, "staff_restore"), {"note": note})
        assert (evaluator.name, "evaluator") not in staff_of(institute)
    client.post(page_of(institute, "staff_restore"), {"note": note})
    assert (evaluator.name, "evaluator") in staff_of(institute)


def test_a_note_that_somebody_made_up_puts_nobody_back(as_, institute, coordinator, stranger):
    as_(coordinator).post(page_of(institute, "staff_restore"), {"note": "made:up"})
    assert not institute.staff.filter(user=stranger).exists()


def test_an_institute_keeps_a_coordinator(institute, coordinator):
    staff = institute.staff.get(user=coordinator)
    with pytest.raises(Refused):
        actions.remove_staff(staff=staff, by=coordinator)
    with pytest.raises(Refused):
        actions.change_role(staff=staff, role="office", by=coordinator)
    assert (coordinator.name, "coordinator") in staff_of(institute)


@pytest.fixture
def invited(institute, coordinator) -> Staff:
    """A coordinator who was invited, perhaps at a wrong address."""
    added = {"name": "Nora New", "address": "typo@school.test", "role": "coordinator"}
    return actions.add_staff(institute=institute, by=coordinator, **added)[0]


def test_who_has_not_joined_yet_does_not_replace_the_last_coordinator(institute, coordinator, invited):
    staff = institute.staff.get(user=coordinator)
    with pytest.raises(Refused, match="wait until they have joined"):
        actions.remove_staff(staff=staff, by=coordinator)
    with pytest.raises(Refused, match="wait until they have joined"):
        actions.change_role(staff=staff, role="office", by=coordinator)
    assert "wait until they have joined" in privacy.obstacles_of(coordinator)[0]
    User.objects.filter(pk=invited.user_id).update(joined_at=clock.now())
    assert not privacy.obstacles_of(coordinator)
    actions.remove_staff(staff=staff, by=coordinator)


def test_who_has_not_joined_yet_can_be_removed_while_another_coordinator_is_there(
    other_institute, institute, coordinator, invited
):
    actions.remove_staff(staff=invited, by=coordinator)
    assert not institute.staff.filter(user=invited.user).exists()
    other_institute.staff.all().delete()
    first, second = (
        actions.add_staff(
            institute=other_institute, by=SYSTEM, name="F", address=f"{who}@school.test", role="coordinator"
        )[0]
        for who in ("typo", "right")
    )
    actions.remove_staff(staff=first, by=SYSTEM)
    with pytest.raises(Refused):
        actions.remove_staff(staff=second, by=SYSTEM)


def test_a_role_can_be_changed(as_, institute, coordinator, evaluator):
    staff = institute.staff.get(user=evaluator)
    as_(coordinator).post(page_of(institute, "staff_role", pk=staff.pk), {"role": "office"})
    assert (evaluator.name, "office") in staff_of(institute)


def test_each_label_names_the_field_of_its_own_row(as_, institute, coordinator, evaluator):
    page = as_(coordinator).get(page_of(institute)).content.decode()
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(set(ids)) == len(ids)
    for row in (coordinator, evaluator):
        assert f"role-{Staff.objects.get(user=row).pk}" in ids


@pytest.mark.parametrize("who", ["evaluator", "other_coordinator", "stranger"])
def test_only_its_coordinators_change_an_institute(who, cast):
    somebody = getattr(cast, who)
    with pytest.raises(Refused):
        actions.update_institute(institute=cast.institute, by=somebody, name="Mine now")
    with pytest.raises(Refused):
        actions.add_staff(institute=cast.institute, by=somebody, name="N", address="n@x.test", role="office")


def test_the_description_is_edited_in_a_form(as_, institute, coordinator):
    data = {"name": "New Name", "language": "hu", "time_zone": "Europe/Vilnius", "about": "About us."}
    as_(coordinator).post(page_of(institute, "institute_edit"), data)
    institute.refresh_from_db()
    assert (institute.name, institute.language, institute.time_zone) == ("New Name", "hu", "Europe/Vilnius")


def test_the_staff_list_takes_the_same_queries_for_many(
    as_, institute, coordinator, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = as_(coordinator)
    Staff.objects.create(institute=institute, user=User.objects.create_user("Invited"), role="office")
    with CaptureQueriesContext(connection) as few:
        client.get(page_of(institute))
    for number in range(30):
        user = User.objects.create_user(f"Person {number}")
        Staff.objects.create(institute=institute, user=user, role=Staff.Role.OFFICE)
    with django_assert_num_queries(len(few)):
        client.get(page_of(institute))


def test_a_person_gets_and_loses_what_an_institute_keeps_of_them(evaluator, institute):
    exported = privacy.export_for(evaluator)["institutes"]
    assert [(one["institute"], one["role"]) for one in exported["staff"]] == [(institute.name, "evaluator")]
    privacy.erase(evaluator)
    assert not institute.staff.filter(user=evaluator).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_coordinators_who_remove_each_other_at_once_one_stays(cast):
    second = person("Stefan Second")
    actions.give_role(institute=cast.institute, user=second, role="coordinator", by=cast.coordinator)
    mine, theirs = (cast.institute.staff.get(user=user) for user in (cast.coordinator, second))

    def remove_the_first() -> None:
        with pytest.raises(Refused):
            actions.remove_staff(staff=mine, by=second)

    with concurrent(remove_the_first) as start:
        Institute.objects.select_for_update().get(pk=cast.institute.pk)
        start()
        actions.remove_staff(staff=theirs, by=cast.coordinator)
    assert staff_of(cast.institute) == {
        (cast.coordinator.name, "coordinator"),
        (cast.evaluator.name, "evaluator"),
    }


@pytest.fixture
def second(cast: Cast) -> User:
    """Another coordinator of the institute, who is a member of the space."""
    second = person("Stefan Second")
    actions.give_role(institute=cast.institute, user=second, role="coordinator", by=cast.coordinator)
    admit_writing_staff(space=cast.space, user=second)
    return second


def is_in_room(cast: Cast, user: User) -> bool:
    return RoomMember.objects.current().filter(room=cast.space.room, user=user).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by", ["coordinator", SYSTEM])
def test_a_removal_that_waits_for_a_change_of_role_ends_what_the_new_role_brought(cast, second, by):
    staff = cast.institute.staff.get(user=second)
    actions.change_role(staff=staff, role="office", by=cast.coordinator)
    assert not is_in_room(cast, second)
    as_office = cast.institute.staff.select_related("institute", "user").get(user=second)

    def remove() -> None:
        actions.remove_staff(staff=as_office, by=cast.coordinator if by == "coordinator" else by)

    with concurrent(remove) as start:
        actions.change_role(staff=staff, role="coordinator", by=cast.coordinator)
        start()
    assert not cast.institute.staff.filter(user=second).exists()
    assert not is_in_room(cast, second)


@pytest.mark.django_db(transaction=True)
def test_a_change_of_role_that_waits_for_another_ends_what_the_other_brought(cast, second):
    staff = cast.institute.staff.get(user=second)
    actions.change_role(staff=staff, role="office", by=cast.coordinator)
    as_office = cast.institute.staff.select_related("institute", "user").get(user=second)

    def make_evaluator() -> None:
        actions.change_role(staff=as_office, role="evaluator", by=cast.coordinator)

    with concurrent(make_evaluator) as start:
        actions.change_role(staff=staff, role="coordinator", by=cast.coordinator)
        start()
    assert (second.name, "evaluator") in staff_of(cast.institute)
    assert not is_in_room(cast, second)


@pytest.mark.django_db(transaction=True)
def test_the_last_coordinator_stays_when_the_row_was_read_before_the_role_was_given(cast, second):
    """The role that is judged is the one under the lock."""
    staff = cast.institute.staff.get(user=second)
    actions.change_role(staff=staff, role="office", by=cast.coordinator)
    as_office = cast.institute.staff.select_related("institute", "user").get(user=second)

    def remove() -> None:
        with pytest.raises(Refused):
            actions.remove_staff(staff=as_office, by=SYSTEM)

    with concurrent(remove) as start:
        actions.change_role(staff=staff, role="coordinator", by=cast.coordinator)
        actions.remove_staff(staff=cast.institute.staff.get(user=cast.coordinator), by=SYSTEM)
        start()
    assert (second.name, "coordinator") in staff_of(cast.institute)


@pytest.mark.django_db(transaction=True)
def test_a_change_of_role_that_waits_for_a_removal_is_refused(cast, second):
    staff = cast.institute.staff.select_related("institute", "user").get(user=second)

    def make_evaluator() -> None:
        with pytest.raises(Refused, match="no longer on the staff"):
            actions.change_role(staff=staff, role="evaluator", by=cast.coordinator)

    with concurrent(make_evaluator) as start:
        actions.remove_staff(staff=cast.institute.staff.get(user=second), by=cast.coordinator)
        start()
    assert not cast.institute.staff.filter(user=second).exists()


def test_who_was_removed_is_removed_again_without_an_effect(cast, second):
    staff = cast.institute.staff.get(user=second)
    actions.remove_staff(staff=cast.institute.staff.get(user=second), by=cast.coordinator)
    actions.remove_staff(staff=staff, by=cast.coordinator)
    assert not cast.institute.staff.filter(user=second).exists()
