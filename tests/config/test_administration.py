"""The administrator's pages: behind our own sign-in, and without anything that members wrote."""

from urllib.parse import unquote

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from common import clock
from config.administration import site
from messaging.jobs import due
from messaging.jobs.models import Failure
from messaging.live.models import Revocation
from tests.cast import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(cast):
    return person("Ada Administrator", is_staff=True, is_superuser=True)


def test_only_people_institutes_courses_and_failures_are_in_it():
    assert {model._meta.label for model in site._registry} == {
        "community.User",
        "community.Institute",
        "followup.Course",
        "messaging.Failure",
    }


def test_a_visitor_signs_in_on_our_own_page_and_comes_back(client):
    answer = client.get(reverse("admin:index"), follow=True)
    assert unquote(answer.redirect_chain[-1][0]) == reverse("account_login") + "?next=/admin/"


def test_who_does_not_run_the_installation_is_refused(coordinator, as_):
    assert as_(coordinator).get(reverse("admin:index")).status_code == 403


@pytest.mark.parametrize("name", ["community_user", "community_institute", "followup_course"])
def test_its_lists_and_forms_open_under_the_strict_policy(administrator, cast, as_, name):
    thing = {"community_user": cast.participant, "community_institute": cast.institute}.get(name, cast.course)
    for address in (reverse(f"admin:{name}_changelist"), reverse(f"admin:{name}_change", args=[thing.pk])):
        response = as_(administrator).get(address)
        assert response.status_code == 200
        assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_people_are_not_thrown_away_or_made_there_and_their_addresses_are_their_own(
    administrator, participant, as_
):
    client = as_(administrator)
    assert client.get(reverse("admin:community_user_add")).status_code == 403
    assert client.get(reverse("admin:community_user_delete", args=[participant.pk])).status_code == 403
    page = client.get(reverse("admin:community_user_change", args=[participant.pk]))
    assert not {"email", "password"} & set(page.context["adminform"].form.fields)


def test_nobody_is_watched_there_and_guides_are_written_where_they_are_rendered(administrator, cast, as_):
    person_page = as_(administrator).get(reverse("admin:community_user_change", args=[cast.participant.pk]))
    assert "last_login" not in person_page.content.decode()
    course_page = as_(administrator).get(reverse("admin:followup_course_change", args=[cast.course.pk]))
    assert "sharing_guide" not in course_page.context["adminform"].form.fields


def test_a_time_zone_is_chosen_there_and_cannot_be_mistyped(administrator, cast, as_):
    for name, thing in (("community_user", cast.participant), ("community_institute", cast.institute)):
        page = as_(administrator).get(reverse(f"admin:{name}_change", args=[thing.pk]))
        field = page.context["adminform"].form.fields["time_zone"]
        assert field.clean("Europe/Budapest") == "Europe/Budapest"
        with pytest.raises(ValidationError):
            field.clean("Europe/Budapesht")
        assert '<option value="Europe/Budapest" selected>' in page.content.decode()


def test_who_is_suspended_there_has_no_socket_and_no_ticket_any_more(administrator, cast, as_):
    address = reverse("admin:community_user_change", args=[cast.participant.pk])
    client = as_(administrator)
    kept = {"name": cast.participant.name, "occupation": cast.participant.occupation}
    more = {"language": cast.participant.language, "time_zone": "Europe/Budapest"}
    for suspended, ends in ((("", ""), False), (("2026-01-01", "10:00:00"), True)):
        moment = dict(zip(("suspended_at_0", "suspended_at_1"), suspended, strict=True))
        assert client.post(address, kept | more | moment).status_code == 302
        assert Revocation.objects.latest("pk").ends is ends
        assert Revocation.objects.latest("pk").person == cast.participant.pk


def test_rows_that_fail_are_listed_and_tried_again_and_nothing_else_can_be_done_to_them(administrator, as_):
    due.note_failure("months", 17, RuntimeError("Petra wrote something"))
    client, address = as_(administrator), reverse("admin:messaging_failure_changelist")
    page = client.get(address).content.decode()
    assert "months" in page
    assert "RuntimeError" in page
    assert "Petra" not in page
    failure = Failure.objects.get()
    assert failure.next_attempt_at > clock.now()
    chosen = {"action": "try_again_now", "_selected_action": failure.pk}
    assert "1 job is tried again" in client.post(address, chosen, follow=True).content.decode()
    failure.refresh_from_db()
    assert failure.next_attempt_at <= clock.now()
    assert client.get(reverse("admin:messaging_failure_add")).status_code == 403
    assert client.get(reverse("admin:messaging_failure_delete", args=[failure.pk])).status_code == 403
