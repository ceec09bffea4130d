"""Courses: their public pages, and the forms of coordinators."""

import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.access import Refused
from followup.courses import actions
from followup.courses.models import Course, Module, Run, WeeklyPrompt


def form_of(**changes) -> dict[str, str]:
    """A whole form of a course as a browser sends it: two modules, no weekly ideas."""
    rows = {
        "modules-TOTAL_FORMS": "5",
        "modules-INITIAL_FORMS": "0",
        "modules-0-title": "Exit tickets",
        "modules-0-hours": "8",
        "modules-3-title": "Talking about marks",
        "modules-3-hours": "4.5",
        "prompts-TOTAL_FORMS": "0",
        "prompts-INITIAL_FORMS": "0",
    }
    fields = {
        "title": "Seeing what they learn",
        "language": "en",
        "aim": "To see it.",
        "audience": "Teachers.",
        "accrediting_body": "Board of Education",
        "accredited_on": "2012-10-19",
        "accreditation_number": "K-12",
        "follow_up_months": "2",
        "sharing_guide": "Show **one** thing.",
    }
    return {**fields, **rows, **changes}


def test_a_course_is_created_with_its_modules_and_is_not_public_yet(as_, coordinator):
    response = as_(coordinator).post(reverse("course_new"), form_of(), follow=True)
    course = Course.objects.get(slug="seeing-what-they-learn")
    page = response.content.decode()
    assert [(module.title, float(module.hours)) for module in course.modules.all()] == [
        ("Exit tickets", 8),
        ("Talking about marks", 4.5),
    ]
    assert course.published_at is None
    for shown in ("12.5", "Board of Education", "19 October 2012", "K-12", "<strong>one</strong>"):
        assert shown in page


def test_a_new_course_has_the_language_of_its_institute_and_fields_in_groups(as_, coordinator, institute):
    institute.language = "hu"
    institute.save()
    form = as_(coordinator).get(reverse("course_new")).context["form"]
    assert form["language"].value() == "hu"
    grouped = [field.name for group in form.groups() for field in group.fields]
    assert sorted(grouped) == sorted(field.name for field in form.visible_fields())


@pytest.mark.parametrize("months", ["0", "-1", ""])
def test_no_course_has_less_than_a_month_of_follow_up(as_, coordinator, months):
    response = as_(coordinator).post(reverse("course_new"), form_of(follow_up_months=months))
    assert "A follow-up lasts at least one month." in response.content.decode()
    assert not Course.objects.filter(slug="seeing-what-they-learn").exists()


def test_the_database_refuses_less_than_a_month_too(course):
    with pytest.raises(IntegrityError), transaction.atomic():
        Course.objects.filter(pk=course.pk).update(follow_up_months=0)


def test_more_rows_work_without_scripts_and_typed_text_is_kept_without_errors(as_, coordinator):
    data = form_of(more="modules", title="", **{"modules-1-title": "Half a row"})
    page = as_(coordinator).post(reverse("course_new"), data).content.decode()
    assert 'name="modules-7-title"' in page
    assert 'value="Half a row"' in page
    assert "field--invalid" not in page
    assert not Course.objects.filter(aim="To see it.").exists()


def test_a_module_without_hours_is_an_error(as_, coordinator):
    data = form_of(**{"modules-1-title": "Half a row"})
    page = as_(coordinator).post(reverse("course_new"), data).content.decode()
    assert "Please correct the marked row below." in page
    assert not Course.objects.filter(aim="To see it.").exists()


def test_an_edit_keeps_removes_and_adds_rows(as_, course, coordinator):
    prompt = WeeklyPrompt.objects.create(
        course=course, position=1, title="Try", text="Try one.", step="tried"
    )
    first = course.modules.get()
    data = form_of(
        **{
            "modules-TOTAL_FORMS": "3",
            "modules-INITIAL_FORMS": "1",
            "modules-0-pk": str(first.pk),
            "modules-0-title": first.title,
            "modules-0-hours": str(first.hours),
            "modules-1-title": "Second",
            "modules-1-hours": "3",
            "prompts-TOTAL_FORMS": "2",
            "prompts-INITIAL_FORMS": "1",
            "prompts-0-pk": str(prompt.pk),
            "prompts-0-title": "Try",
            "prompts-0-text": "Try one.",
            "prompts-0-step": "tried",
            "prompts-0-DELETE": "on",
            "prompts-1-title": "Look back",
            "prompts-1-text": "What stayed?",
            "prompts-1-step": "looked-back",
        }
    )
    as_(coordinator).post(reverse("course_edit", kwargs={"slug": course.slug}), data)
    assert [module.title for module in course.modules.all()] == [first.title, "Second"]
    assert course.modules.first().pk == first.pk
    assert [(one.title, one.step) for one in course.weekly_prompts.all()] == [("Look back", "looked-back")]
    course.refresh_from_db()
    assert course.slug == "formative-assessment"


def inputs_of(page: str) -> dict[str, str]:
    """The row fields of a form as a browser without JavaScript sends them back."""
    tags = re.findall(r"<input[^>]*>", page)
    found = {}
    for tag in tags:
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1].startswith(("modules-", "prompts-")) and "checkbox" not in tag:
            found[name[1]] = value[1] if value else ""
    return found


def test_the_form_sent_back_unchanged_keeps_every_module_row(as_, course, coordinator):
    Module.objects.create(course=course, position=2, title="Second", hours=3)
    before = list(course.modules.values_list("pk", "title", "hours", "position"))
    client, url = as_(coordinator), reverse("course_edit", kwargs={"slug": course.slug})
    rows = inputs_of(client.get(url).content.decode())
    assert client.post(url, {**form_of(), **rows}).status_code == 302
    assert list(course.modules.values_list("pk", "title", "hours", "position")) == before


def test_rows_keep_their_ids_when_they_are_edited_and_reordered(course, coordinator):
    first = course.modules.get()
    second = Module.objects.create(course=course, position=2, title="Second", hours=3)
    rows = [
        {"pk": second.pk, "title": "Second", "hours": 4},
        {"title": "Between", "hours": 1},
        {"pk": first.pk, "title": "Renamed", "hours": first.hours},
    ]
    actions.edit_course(course=course, by=coordinator, fields={}, modules=rows, prompts=[])
    found = [(one.title, one.pk, one.position) for one in course.modules.all()]
    assert found[0] == ("Second", second.pk, 1)
    assert found[1][0] == "Between"
    assert found[2] == ("Renamed", first.pk, 3)


def test_a_concurrent_edit_loses_no_module(as_, course, coordinator):
    client, url = as_(coordinator), reverse("course_edit", kwargs={"slug": course.slug})
    rows = inputs_of(client.get(url).content.decode())
    added = Module.objects.create(course=course, position=2, title="Added meanwhile", hours=3)
    client.post(url, {**form_of(), **rows, "modules-0-title": "Renamed"})
    assert [one.title for one in course.modules.all()] == ["Renamed", "Added meanwhile"]
    assert course.modules.last() == added
    added.delete()
    stale = {
        **rows,
        "modules-1-pk": str(added.pk),
        "modules-1-title": "Added meanwhile",
        "modules-1-hours": "3",
    }
    client.post(url, {**form_of(), **stale})
    assert course.modules.count() == 1, "what another editor deleted stays deleted"


def test_a_row_of_another_course_cannot_be_changed(course, coordinator, institute):
    other = actions.create_course(
        institute=institute,
        by=coordinator,
        fields={"title": "Other", "language": "en", "aim": "a", "audience": "a"},
        modules=[{"title": "Theirs", "hours": 1}],
    )
    row = {"pk": other.modules.get().pk, "title": "Mine", "hours": 9}
    actions.edit_course(
        course=course,
        by=coordinator,
        fields={},
        modules=[row],
        prompts=[],
        removed_modules=[other.modules.get().pk],
    )
    assert other.modules.get().title == "Theirs"


def test_two_courses_of_one_title_at_once_get_two_slugs(institute, coordinator, monkeypatch):
    fields = {"title": "Twice", "language": "en", "aim": "a", "audience": "a"}
    actions.create_course(institute=institute, by=coordinator, fields=fields)
    stale = iter(["twice", "twice-2"])
    monkeypatch.setattr(actions, "slug_for", lambda title: next(stale))
    assert actions.create_course(institute=institute, by=coordinator, fields=fields).slug == "twice-2"


def test_slugs_are_unique_and_never_reserved_ones(institute, coordinator):
    def slug_of(title: str) -> str:
        fields = {"title": title, "language": "ru", "aim": "a", "audience": "a"}
        return actions.create_course(institute=institute, by=coordinator, fields=fields).slug

    assert [slug_of("New"), slug_of("New")] == ["new-2", "new-3"]
    assert slug_of("Адресное наставничество") == "course-2"
    assert slug_of("Курс") == "course-3"
    assert slug_of("A" * 200) == "a" * 70


def test_a_course_is_public_only_while_it_is_published(as_, course, coordinator):
    client, url = as_(coordinator), reverse("course", kwargs={"slug": course.slug})
    assert as_(None).get(url).status_code == 200
    client.post(reverse("course_unpublish", kwargs={"slug": course.slug}))
    assert as_(None).get(url).status_code == 404
    assert client.get(url).status_code == 200
    assert course.title not in as_(None).get(reverse("courses")).content.decode()
    client.post(reverse("course_publish", kwargs={"slug": course.slug}))
    assert as_(None).get(url).status_code == 200


def test_only_a_coordinator_of_the_institute_makes_or_changes_its_courses(course, other_coordinator):
    with pytest.raises(Refused):
        actions.create_course(institute=course.institute, by=other_coordinator, fields={"title": "Mine"})
    with pytest.raises(Refused):
        actions.edit_course(course=course, by=other_coordinator, fields={}, modules=[], prompts=[])
    with pytest.raises(Refused):
        actions.unpublish_course(course=course, by=other_coordinator)


def test_a_course_takes_the_same_queries_for_many_groups(as_, course, run, coordinator):
    client, url = as_(coordinator), reverse("course", kwargs={"slug": course.slug})

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        return len(captured)

    before = queries()
    for number in range(30):
        Run.objects.create(course=course, starts_on=run.starts_on, ends_on=run.ends_on)
        Module.objects.create(course=course, position=number, title="More", hours=1)
    assert queries() == before


def test_a_guide_that_is_too_long_is_refused_with_a_sentence_and_kept(as_, course, coordinator, settings):
    long = form_of(sharing_guide="x" * (settings.TEXT_LIMIT_CHARS + 1))
    response = as_(coordinator).post(reverse("course_edit", args=[course.slug]), long)
    assert response.status_code == 400
    assert "over the limit of" in response.content.decode()
