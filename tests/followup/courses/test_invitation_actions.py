"""What a coordinator sees and does when an invitation did not arrive."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from community.institutes.models import Staff
from community.people.models import User
from followup.courses.models import Course, Enrolment, Run
from followup.courses.run_actions import add_trainer
from messaging.notifications.models import Mail
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def guest(cast: Cast) -> User:
    """Enrolled, and invited as well (as the trainer of the group), but the invitation did not arrive."""
    trainer, _new = add_trainer(
        run=cast.run, by=cast.coordinator, name="Nora New", address="nora@school.test"
    )
    Enrolment.objects.create(run=cast.run, user=trainer.user)
    Mail.objects.filter(kind="invitation").update(given_up_at=clock.now(), give_up_reason="refused")
    return trainer.user


def page(client, cast):
    return client.get(reverse("run", args=[cast.run.pk])).content.decode()


def test_the_page_of_the_group_says_that_an_invitation_did_not_arrive(cast, guest, as_):
    seen = page(as_(cast.coordinator), cast)
    assert "there is no such mailbox" in seen
    assert reverse("run_invitation_address", args=[cast.run.pk, guest.pk]) in seen
    assert "there is no such mailbox" not in page(as_(cast.trainer), cast)


def test_today_and_the_desk_say_so_too(cast, guest, as_):
    today = as_(cast.coordinator).get(reverse("today")).content.decode()
    assert "Invitations that couldn’t be delivered" in today
    assert "1 person got no invitation" in today
    desk = as_(cast.coordinator).get(reverse("desk")).content.decode()
    assert "3 have joined" in desk


def test_the_address_is_corrected_on_a_page(cast, guest, as_):
    url = reverse("run_invitation_address", args=[cast.run.pk, guest.pk])
    client = as_(cast.coordinator)
    assert "nora@school.test" in client.get(url).content.decode()
    response = client.post(url, {"address": "nora.new@school.test"}, follow=True)
    assert "The address of Nora New has been corrected." in response.content.decode()
    assert Mail.objects.get(kind="invitation", address="nora.new@school.test").given_up_at is None
    assert "Invitations that couldn’t be delivered" not in client.get(reverse("today")).content.decode()


def test_a_taken_or_wrong_address_is_refused_on_the_same_page(cast, guest, as_):
    url = reverse("run_invitation_address", args=[cast.run.pk, guest.pk])
    response = as_(cast.coordinator).post(url, {"address": cast.participant.email})
    assert response.status_code == 403
    assert "Someone in this course group already has this address" in response.content.decode()
    assert as_(cast.coordinator).post(url, {"address": "nora"}).status_code == 400


def test_inviting_again_is_braked_with_a_sentence(cast, guest, as_):
    url = reverse("run_invitation_again", args=[cast.run.pk, guest.pk])
    client = as_(cast.coordinator)
    assert "less than a day ago" in client.post(url, follow=True).content.decode()
    with clock.at(clock.now() + dt.timedelta(days=2)):
        assert "Another invitation is on its way" in client.post(url, follow=True).content.decode()
    assert Mail.objects.get(kind="invitation").given_up_at is None


def test_who_another_institute_expects_as_well_is_not_redirected_to_another_mailbox(cast, guest, as_):
    """Whoever gets the new invitation would get what waits for them at the other institute."""
    course = Course.objects.create(
        institute=cast.other_institute, title="Another", slug="another", language="en"
    )
    today = clock.today("UTC")
    elsewhere = Run.objects.create(course=course, starts_on=today, ends_on=today)
    Enrolment.objects.create(run=elsewhere, user=guest)
    url = reverse("run_invitation_address", args=[cast.run.pk, guest.pk])
    client = as_(cast.coordinator)
    for _expected in ("as a participant", "as staff"):
        response = client.post(url, {"address": "mine@attacker.test"})
        assert response.status_code == 403
        assert "Another institute also expects Nora New" in response.content.decode()
        Enrolment.objects.filter(run=elsewhere).delete()
        Staff.objects.get_or_create(institute=cast.other_institute, user=guest, role="office")
    guest.refresh_from_db()
    assert guest.email == "nora@school.test"


def test_who_is_not_of_the_group_is_not_found(cast, as_):
    for name in ("run_invitation_again", "run_invitation_address"):
        url = reverse(name, args=[cast.run.pk, cast.stranger.pk])
        assert as_(cast.coordinator).post(url).status_code == 404


def test_the_page_of_the_group_costs_the_same_with_more_invitations(cast, as_, django_assert_max_num_queries):
    client = as_(cast.coordinator)
    with CaptureQueriesContext(connection) as before:
        page(client, cast)
    for number in range(8):
        add_trainer(
            run=cast.run, by=cast.coordinator, name=f"Guest {number}", address=f"guest{number}@school.test"
        )
    with django_assert_max_num_queries(len(before) + 2):
        page(client, cast)
