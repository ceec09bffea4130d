"""Course groups: their days, who trains them, who is enrolled."""

import datetime as dt
import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from common import clock, privacy
from common.access import Refused
from community.people.models import Invitation, User
from community.spaces.models import Membership, Space
from community.spaces.permissions import can_enter
from followup.courses import run_actions
from followup.courses.forms import PeopleForm
from followup.courses.models import CompletionBatch, Enrolment, Run, RunQuerySet, RunTrainer
from followup.months.models import MonthRun
from tests.cast import person


def page_of(name: str, run: Run, **more) -> str:
    return reverse(name, kwargs={"pk": run.pk, **more})


def in_space(cast, user) -> bool:
    return Membership.objects.current().filter(space=cast.space, user=user).exists()


def test_a_group_is_set_up_and_changed(as_, course, coordinator):
    client = as_(coordinator)
    data = {"starts_on": "2026-03-02", "ends_on": "2026-03-04", "place": "Pécs", "label": "Spring"}
    client.post(reverse("run_new", kwargs={"slug": course.slug}), data)
    run = Run.objects.get(label="Spring")
    client.post(page_of("run_edit", run), {**data, "ends_on": "2026-03-05"})
    run.refresh_from_db()
    assert (run.starts_on, run.ends_on) == (dt.date(2026, 3, 2), dt.date(2026, 3, 5))


def test_submitting_the_form_twice_creates_one_group(as_, course, coordinator):
    client, new = as_(coordinator), reverse("run_new", kwargs={"slug": course.slug})
    client_id = re.search(r'name="client_id" value="([^"]+)"', client.get(new).text).group(1)
    data = {"starts_on": "2026-03-02", "ends_on": "2026-03-04", "label": "Spring", "client_id": client_id}
    first, again = (client.post(new, data) for _click in range(2))
    assert Run.objects.filter(label="Spring").count() == 1
    assert first.headers["Location"] == again.headers["Location"]
    # Back in the browser, then another group from the same form.
    client.post(new, data | {"label": "Summer"})
    assert Run.objects.filter(client_id__isnull=False).count() == 2


def test_of_two_concurrent_submissions_the_second_returns_the_group_of_the_first(
    course, coordinator, monkeypatch
):
    days = {"starts_on": dt.date(2026, 3, 2), "ends_on": dt.date(2026, 3, 4)}
    client_id = uuid.uuid4()

    def created_meanwhile(_runs):
        monkeypatch.undo()
        Run.objects.create(course=course, client_id=client_id, **days)

    monkeypatch.setattr(RunQuerySet, "first", created_meanwhile)
    run = run_actions.create_run(course=course, by=coordinator, client_id=client_id, **days)
    assert list(Run.objects.filter(client_id=client_id)) == [run]


def test_a_group_cannot_end_before_it_begins(as_, course, coordinator):
    data = {"starts_on": "2026-03-04", "ends_on": "2026-03-02"}
    page = as_(coordinator).post(reverse("run_new", kwargs={"slug": course.slug}), data).content.decode()
    assert "The last day can’t be before the first." in page


def test_a_trainer_added_after_the_opening_is_admitted_and_dismissed_when_removed(as_, cast):
    client = as_(cast.coordinator)
    earlier = Run.objects.create(course=cast.course, starts_on=cast.run.starts_on, ends_on=cast.run.ends_on)
    Enrolment.objects.create(run=earlier, user=cast.stranger)  # so that the institute knows them
    data = {"trainer-name": "Anyone", "trainer-address": cast.stranger.email}
    client.post(page_of("run_trainer_add", cast.run), data)
    assert Membership.objects.current().get(space=cast.space, user=cast.stranger).role == "trainer"
    response = client.post(page_of("run_trainer_remove", cast.run, user_pk=cast.stranger.pk))
    assert not in_space(cast, cast.stranger)
    note = response.headers["Location"].partition("?undo=")[2]
    client.post(page_of("run_trainer_restore", cast.run), {"note": note})
    assert in_space(cast, cast.stranger)


def test_a_trainer_who_is_new_here_is_invited(run, coordinator):
    trainer, _added = run_actions.add_trainer(
        run=run, by=coordinator, name="Nora New", address="nora.new@school.test"
    )
    assert Invitation.objects.get(user=trainer.user).next_path == page_of("run", run)


def test_people_are_enrolled_one_by_one_and_by_a_pasted_list(as_, run, coordinator):
    client = as_(coordinator)
    data = {"person-name": "1. Anna Nagy\u200b,", "person-address": "<Anna@school.test>"}
    client.post(page_of("enrolment_add", run), data)
    pasted = "Anna Nagy <anna@school.test>\n\nbela@school.test; Kis Béla\r\nCili\tcili@school.test\n"
    page = client.post(page_of("enrolment_list", run), {"people": pasted}, follow=True).content.decode()
    assert "2 people are enrolled." in page
    assert "1 person was already enrolled." in page
    assert {"Anna Nagy", "Kis Béla", "Cili"} <= {one.user.name for one in run.enrolments.all()}
    assert not Invitation.objects.exists()


def test_an_unreadable_line_is_reported_and_nobody_is_enrolled(as_, run, coordinator):
    before = run.enrolments.count()
    data = {"people": "Anna Nagy, anna@school.test\nBéla\n"}
    response = as_(coordinator).post(page_of("enrolment_list", run), data)
    assert response.status_code == 400
    page = response.content.decode()
    assert "Line 2: The email address is missing." in page
    assert "Anna Nagy, anna@school.test" in page
    assert run.enrolments.count() == before


def test_completed_people_cannot_be_removed_and_others_can_be_restored(as_, cast):
    client = as_(cast.coordinator)
    done = cast.run.enrolments.get(user=cast.participant)
    assert client.post(page_of("enrolment_remove", cast.run, enrolment_pk=done.pk)).status_code == 403
    waiting = cast.run.enrolments.get(user=cast.awaiting)
    response = client.post(page_of("enrolment_remove", cast.run, enrolment_pk=waiting.pk))
    assert not in_space(cast, cast.awaiting)
    note = response.headers["Location"].partition("?undo=")[2]
    client.post(page_of("enrolment_restore", cast.run), {"note": note})
    assert cast.run.enrolments.filter(user=cast.awaiting).exists()
    assert in_space(cast, cast.awaiting)
    assert Membership.objects.get(space=cast.space, user=cast.awaiting).is_awaiting


def test_a_member_enrolled_in_two_groups_of_a_month_stays_when_removed_from_one(cast):
    second = Run.objects.create(course=cast.course, starts_on=cast.run.starts_on, ends_on=cast.run.ends_on)
    MonthRun.objects.create(month=cast.month, run=second)
    run_actions.enrol(run=second, by=cast.coordinator, people=[(cast.awaiting.name, cast.awaiting.email)])
    run_actions.unenrol(enrolment=cast.run.enrolments.get(user=cast.awaiting), by=cast.coordinator)
    assert in_space(cast, cast.awaiting)
    run_actions.unenrol(enrolment=second.enrolments.get(user=cast.awaiting), by=cast.coordinator)
    assert not in_space(cast, cast.awaiting)


@pytest.mark.parametrize("who", ["trainer", "evaluator", "other_coordinator", "participant"])
def test_only_the_institute_changes_a_group(who, cast):
    somebody = getattr(cast, who)
    for change in (
        lambda: run_actions.edit_run(run=cast.run, by=somebody, place="Elsewhere"),
        lambda: run_actions.add_trainer(run=cast.run, by=somebody, name="N", address="n@x.test"),
        lambda: run_actions.enrol(run=cast.run, by=somebody, people=[("N", "n@x.test")]),
        lambda: run_actions.create_run(course=cast.course, by=somebody, starts_on=None, ends_on=None),
    ):
        with pytest.raises(Refused):
            change()


def test_the_page_of_a_group_takes_the_same_queries_for_many(as_, cast):
    client = as_(cast.coordinator)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(page_of("run", cast.run))
        return len(captured)

    # One of each, so that empty and full are not compared.
    CompletionBatch.objects.create(run=cast.run, source="file", started_at=cast.run.completed_at)
    Enrolment.objects.create(run=cast.run, user=User.objects.create_user("Not joined yet"))
    before = queries()
    for number in range(60):
        user = User.objects.create_user(f"Person {number}")
        Enrolment.objects.create(run=cast.run, user=user)
        RunTrainer.objects.create(run=cast.run, user=user)
        CompletionBatch.objects.create(
            run=cast.run, source="file", started_at=cast.run.completed_at, made_by=cast.coordinator
        )
    assert queries() == before


@given(st.text(max_size=200))
def test_any_pasted_text_is_parsed_or_refused_without_an_error(text):
    form = PeopleForm({"people": text})
    if form.is_valid():
        assert all(name and "@" in address for name, address in form.cleaned_data["people"])


def test_rows_of_a_spreadsheet_are_enrolled_by_their_columns(as_, run, coordinator):
    pasted = "Vezetéknév\tKeresztnév\tTelefon\tE-mail\nTóth\tIlona\t+36 30 123\tToth@school.test\n"
    as_(coordinator).post(page_of("enrolment_list", run), {"people": pasted})
    assert run.enrolments.filter(user__name="Tóth Ilona", user__email="toth@school.test").exists()


def test_half_of_every_name_is_not_enrolled(as_, run, coordinator):
    pasted = "Imię\tE-mail\nJoanna\tjoanna@school.test\n"
    response = as_(coordinator).post(page_of("enrolment_list", run), {"people": pasted})
    assert response.status_code == 400
    assert "“Imię” holds only part of the name." in response.content.decode()


@pytest.mark.parametrize("year", ["0026", "9999"])
def test_a_group_of_another_age_is_refused(as_, course, coordinator, year):
    data = {"starts_on": f"{year}-03-02", "ends_on": f"{year}-03-04", "label": "Another age"}
    page = as_(coordinator).post(reverse("run_new", kwargs={"slug": course.slug}), data).content.decode()
    assert "Please look at the year again" in page
    assert not Run.objects.filter(label="Another age").exists()


def test_the_page_of_a_group_links_completions_for_those_who_may_see_them(as_, run, coordinator, evaluator):
    batch = CompletionBatch.objects.create(run=run, source="file", started_at=clock.now())
    address = reverse("completion_batch", kwargs={"pk": batch.pk})
    assert address in as_(coordinator).get(page_of("run", run)).content.decode()
    assert address not in as_(evaluator).get(page_of("run", run)).content.decode()


def test_the_page_of_a_group_names_who_is_still_to_be_confirmed(as_, cast):
    shown = as_(cast.coordinator).get(page_of("run", cast.run)).content.decode()
    assert shown.count("awaiting confirmation") == 1
    named = shown.index(f'person__name">{cast.awaiting.name}<')
    assert "person__name" not in shown[named + 20 : shown.index("awaiting confirmation")]
    Membership.objects.filter(user=cast.awaiting).update(awaiting_until=clock.now() - dt.timedelta(days=1))
    assert "awaiting confirmation" not in as_(cast.coordinator).get(page_of("run", cast.run)).content.decode()


def test_the_office_gets_no_link_to_the_space(as_, cast):
    cast.institute.staff.create(user=cast.stranger, role="office")
    batch = CompletionBatch.objects.create(
        run=cast.run, source="file", started_at=clock.now(), applied_at=clock.now()
    )
    pages = (page_of("run", cast.run), reverse("completion_batch", kwargs={"pk": batch.pk}))
    links = {
        who: [
            reverse("space", args=[cast.space.pk]) in as_(cast.who(who)).get(page).content.decode()
            for page in pages
        ]
        for who in ("stranger", "coordinator", "trainer")
    }
    assert links == {"stranger": [False, False], "coordinator": [True, True], "trainer": [True, True]}
    assert page_of("run_materials", cast.run) not in as_(cast.stranger).get(pages[0]).content.decode()


def test_can_enter_agrees_with_visible_to(cast):
    cast.institute.staff.create(user=cast.stranger, role="office")
    for name in (
        "stranger",
        "awaiting",
        "participant",
        "trainer",
        "coordinator",
        "evaluator",
        "moderator",
        "visitor",
    ):
        somebody = cast.who(name)
        listed = Space.objects.visible_to(somebody).filter(pk=cast.space.pk).exists()
        assert can_enter(somebody, cast.space) == listed, name


def test_a_persons_enrolments_are_exported_and_their_trainings_erased(cast):
    exported = privacy.export_for(cast.participant)["courses"]
    assert [enrolment["course"] for enrolment in exported["enrolments"]] == [cast.course.title]
    privacy.erase(cast.trainer)
    assert not RunTrainer.objects.filter(user=cast.trainer).exists()


def test_the_people_of_a_large_course_group_can_be_searched(cast, as_):
    for number in range(51):
        Enrolment.objects.create(run=cast.run, user=person(f"Guest {number}"))
    url = reverse("run", args=[cast.run.pk])
    client = as_(cast.coordinator)
    everybody = client.get(url).context
    assert len(everybody["page"].object_list) == 50
    found = client.get(url + "?q=gues+17")
    assert [enrolment.user.name for enrolment in found.context["page"]] == ["Guest 17"]
    assert found.context["enrolled"] == everybody["enrolled"]
    assert "begin with “zebra”" in client.get(url + "?q=zebra").content.decode()
    refused = client.post(reverse("enrolment_add", args=[cast.run.pk]), {})
    assert f'method="get" action="{url}"' in refused.content.decode()
