"""The administrator's pages: behind our own sign-in, and without anything that members wrote."""

from urllib.parse import unquote

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from common import clock
from community.people.models import User
from community.spaces.actions import admit_writing_staff
from config.administration import site
from config.named_lookups import NamedLookups
from messaging.jobs import due
from messaging.jobs.models import Failure
from messaging.live.models import Revocation
from messaging.notifications.models import Mail
from tests.cast import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(cast):
    return person("Ada Administrator", is_staff=True, is_superuser=True)


def test_only_people_institutes_courses_and_what_fails_are_in_it():
    assert {model._meta.label for model in site._registry} == {
        "community.User",
        "community.Institute",
        "followup.Course",
        "messaging.Failure",
        "messaging.Mail",
    }


def test_a_visitor_signs_in_on_our_own_page_and_comes_back(client):
    answer = client.get(reverse("admin:index"), follow=True)
    assert unquote(answer.redirect_chain[-1][0]) == reverse("account_login") + "?next=/admin/"


def test_who_is_not_an_administrator_is_refused(coordinator, as_):
    assert as_(coordinator).get(reverse("admin:index")).status_code == 403


@pytest.mark.parametrize("name", ["community_user", "community_institute", "followup_course"])
def test_its_lists_and_forms_open_under_the_strict_policy(administrator, cast, as_, name):
    thing = {"community_user": cast.participant, "community_institute": cast.institute}.get(name, cast.course)
    for address in (reverse(f"admin:{name}_changelist"), reverse(f"admin:{name}_change", args=[thing.pk])):
        response = as_(administrator).get(address)
        assert response.status_code == 200
        assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_people_are_not_deleted_or_created_there_and_their_addresses_are_their_own(
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


@pytest.mark.parametrize(
    ("page", "lookup"),
    [
        ("community_user", "password__startswith=pbkdf2"),
        ("community_user", "password__gt=a"),
        ("community_user", "last_login__gte=2020-01-01"),
        ("community_user", "last_login__isnull=0"),
        ("community_user", "memberships__came_in_at__isnull=0"),
        ("community_user", "emailaddress__verified__exact=1"),
        ("community_user", "id__exact=1"),
        ("community_user", "key__startswith=a"),
        ("messaging_mail", "text__contains=code"),
        ("messaging_mail", "subject__startswith=Your"),
        ("messaging_mail", "html__regex=a"),
        ("messaging_mail", "user__password__startswith=a"),
        ("messaging_failure", "error__startswith=a"),
        ("followup_course", "sharing_guide__contains=a"),
        ("community_institute", "staff__user__password__startswith=a"),
    ],
)
def test_no_query_reads_what_the_page_does_not_show(page, lookup, administrator, as_):
    assert as_(administrator).get(f"{reverse(f'admin:{page}_changelist')}?{lookup}").status_code == 400


@pytest.mark.parametrize(
    ("page", "lookup"),
    [
        ("community_user", "is_staff__exact=1"),
        ("community_user", "occupation__exact=teacher"),
        ("community_user", "language__exact=en"),
        ("community_user", "q=Ada"),
        ("community_user", "o=1"),
        ("followup_course", "institute__id__exact=1"),
        ("messaging_mail", "kind__exact=invitation"),
        ("messaging_mail", "give_up_reason__exact=refused"),
        ("messaging_failure", "kind__exact=months"),
    ],
)
def test_the_filters_of_the_pages_work(page, lookup, administrator, as_):
    assert as_(administrator).get(f"{reverse(f'admin:{page}_changelist')}?{lookup}").status_code == 200


def test_every_page_of_rows_has_named_lookups_only():
    assert all(isinstance(page, NamedLookups) for page in site._registry.values())


def test_a_password_is_changed_on_our_own_page(administrator, as_):
    answer = as_(administrator).get(reverse("admin:password_change"))
    assert answer.headers["Location"] == reverse("account_change_password")


def person_data(user, **more):
    return {
        "name": user.name,
        "occupation": user.occupation,
        "language": user.language,
        "time_zone": "Europe/Budapest",
    } | more


def test_a_suspension_there_ends_sockets_and_tickets_and_can_be_undone(administrator, participant, as_):
    address = reverse("admin:community_user_change", args=[participant.pk])
    client = as_(administrator)
    for suspended in (False, True, False):
        data = person_data(participant, **({"suspended": "on"} if suspended else {}))
        assert client.post(address, data).status_code == 302
        participant.refresh_from_db()
        assert participant.is_active is not suspended
        assert set(Revocation.objects.values_list("person", flat=True)) == {participant.pk}
        assert Revocation.objects.filter(ends=True).exists() is suspended
        Revocation.objects.all().delete()


def institute_data(institute, *roles, deleted=()):
    staff = list(institute.staff.order_by("pk"))
    rows = [
        {"id": one.pk, "institute": institute.pk} | ({"DELETE": "on"} if one.user in deleted else {})
        for one in staff
    ] + [{"institute": institute.pk, "user": user.pk, "role": role} for user, role in roles]
    fields = {
        f"staff-{number}-{name}": value for number, row in enumerate(rows) for name, value in row.items()
    }
    return fields | {
        "name": institute.name,
        "slug": institute.slug,
        "country": institute.country,
        "language": institute.language,
        "time_zone": institute.time_zone,
        "rights_holder": institute.rights_holder,
        "staff-TOTAL_FORMS": len(rows),
        "staff-INITIAL_FORMS": len(staff),
    }


def test_removing_a_role_there_ends_its_memberships(administrator, cast, stranger, as_):
    admit_writing_staff(space=cast.space, user=cast.coordinator)
    address = reverse("admin:community_institute_change", args=[cast.institute.pk])
    data = institute_data(cast.institute, (stranger, "coordinator"), deleted=[cast.coordinator])
    assert as_(administrator).post(address, data).status_code == 302
    assert list(cast.institute.staff.filter(role="coordinator").values_list("user", flat=True)) == [
        stranger.pk
    ]
    assert not cast.space.room.members.current().filter(user=cast.coordinator).exists()


def test_the_last_coordinator_cannot_be_removed_there(administrator, cast, as_):
    address = reverse("admin:community_institute_change", args=[cast.institute.pk])
    page = as_(administrator).post(address, institute_data(cast.institute, deleted=[cast.coordinator]))
    assert page.status_code == 200
    assert "An institute needs a coordinator." in page.content.decode()
    assert cast.institute.staff.filter(user=cast.coordinator).exists()


def test_who_has_not_joined_yet_does_not_replace_the_last_coordinator_there(administrator, cast, as_):
    invited = User.objects.create_user("Nora New", "nora@school.test")
    address = reverse("admin:community_institute_change", args=[cast.institute.pk])
    data = institute_data(cast.institute, (invited, "coordinator"), deleted=[cast.coordinator])
    assert "wait until they have joined" in as_(administrator).post(address, data).content.decode()
    assert cast.institute.staff.filter(user=cast.coordinator).exists()
    first = institute_data(cast.institute, (invited, "coordinator"))
    assert as_(administrator).post(address, first).status_code == 302


def test_an_institute_gets_no_address_of_another_page_there(administrator, cast, as_):
    address = reverse("admin:community_institute_change", args=[cast.institute.pk])
    page = as_(administrator).post(address, institute_data(cast.institute) | {"slug": "new"})
    assert "Another page has this address." in page.content.decode()
    cast.institute.refresh_from_db()
    assert cast.institute.slug != "new"


def test_modules_are_read_only_there(administrator, course, as_):
    page = as_(administrator).get(reverse("admin:followup_course_change", args=[course.pk]))
    assert "Exit tickets" in page.content.decode()
    assert 'name="modules-0-title"' not in page.content.decode()


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
    assert "1 job will be tried again" in client.post(address, chosen, follow=True).content.decode()
    failure.refresh_from_db()
    assert failure.next_attempt_at <= clock.now()
    assert client.get(reverse("admin:messaging_failure_add")).status_code == 403
    assert client.get(reverse("admin:messaging_failure_delete", args=[failure.pk])).status_code == 403


def test_mails_that_were_not_sent_are_listed_without_what_they_say_and_sent_again(administrator, as_):
    about = {"kind": "month-prompt", "subject": "Private words", "text": "Private words"}
    refused = Mail.objects.create(
        key="refused",
        address="failed@school.test",
        given_up_at=clock.now(),
        give_up_reason=Mail.GiveUpReason.REFUSED,
        last_error="No such mailbox",
        **about,
    )
    Mail.objects.create(key="waiting", address="waiting@school.test", **about)
    Mail.objects.create(key="sent", address="sent@school.test", sent_at=clock.now(), **about)
    client, address = as_(administrator), reverse("admin:messaging_mail_changelist")
    page = client.get(address).content.decode()
    assert "failed@school.test" in page
    assert "No such mailbox" in page
    assert not {"waiting@school.test", "sent@school.test", "Private words"} & set(page.split())
    assert "Private" not in page
    chosen = {"action": "send_again_now", "_selected_action": refused.pk}
    assert "1 email will be sent again" in client.post(address, chosen, follow=True).content.decode()
    assert set(Mail.objects.due()) == set(Mail.objects.exclude(key="sent"))
    one = client.get(reverse("admin:messaging_mail_change", args=[refused.pk])).content.decode()
    assert "failed@school.test" in one
    assert "Private" not in one


def test_an_empty_to_field_in_the_address_names_no_field(administrator, cast, as_):
    page = as_(administrator).get(f"/admin/followup/course/{cast.course.pk}/change/?_to_field=")
    assert page.status_code == 200
