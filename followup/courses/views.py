"""Pages of courses: the public ones, and the forms of coordinators."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from common import clock
from common.access import require
from common.paging import page_of, rows_found, typed
from community.institutes.models import Institute
from followup.courses import actions, catalogue_queries
from followup.courses.forms import EMPTY_ROWS, CourseForm, ModuleRows, Rows, WeeklyPromptRows
from followup.courses.models import Course
from followup.courses.permissions import can_create_run, can_edit_course
from followup.courses.queries import counts_of


@login_not_required
def courses(request: HttpRequest) -> HttpResponse:
    """The list of public courses, by language and institute, those in the reader's language first."""
    q, language, institute = typed(request), request.GET.get("language", ""), request.GET.get("institute", "")
    every = catalogue_queries.public_courses()
    of_institute = [row for row in every if institute in ("", row.institute_slug)]
    found = rows_found(of_institute, q, catalogue_queries.TEXTS_FROM)
    page = page_of(request, [row for row in found if language in ("", row.language)])
    context = {
        "page": page,
        "groups": catalogue_queries.grouped(catalogue_queries.courses_of(page)),
        "has_courses": bool(every),
        "q": q,
        "language": language,
        "institute": institute,
        "languages": catalogue_queries.languages_of(found),
        "institutes": catalogue_queries.institutes_of(every),
        "may_create": request.user.is_authenticated
        and Institute.objects.coordinated_by(request.user).exists(),
    }
    return render(request, "courses/course_list.html", context)


@login_not_required
def course(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of a course."""
    course = get_object_or_404(
        Course.objects.visible_to(request.user)
        .select_related("institute")
        .prefetch_related("modules", "weekly_prompts"),
        slug=slug,
    )
    today = clock.today(course.institute.time_zone)
    coming = course.runs.filter(ends_on__gte=today).order_by("starts_on")[:20]
    may_create_run = can_create_run(request.user, course)
    groups = None
    if may_create_run:
        runs = course.runs.select_related("month_run__month__space").order_by("-ends_on", "-pk")
        groups = page_of(request, runs)
        listed = list(groups)
        counts = counts_of([run.pk for run in listed])
        groups.object_list = [(run, counts[run.pk]) for run in listed]
    context = {
        "course": course,
        "hours": sum(module.hours for module in course.modules.all()),
        "coming": coming,
        "may_edit": can_edit_course(request.user, course),
        "may_create_run": may_create_run,
        "groups": groups,
    }
    return render(request, "courses/course_detail.html", context)


def course_new(request: HttpRequest) -> HttpResponse:
    """Create a course."""
    institutes = Institute.objects.coordinated_by(request.user)
    require(institutes.exists(), gettext("Only a coordinator of an institute can create a course."))
    return _course_form(request, Course(), institutes)


def course_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a course."""
    course = get_object_or_404(Course.objects.managed_by(request.user).select_related("institute"), slug=slug)
    require(
        can_edit_course(request.user, course), gettext("Only a coordinator of the institute can change this.")
    )
    return _course_form(request, course, Institute.objects.filter(pk=course.institute_id))


def _course_form(request: HttpRequest, course: Course, institutes: Any) -> HttpResponse:
    initial_rows: dict[str, list[Any]] = {"modules": [], "prompts": []}
    if course.pk:
        initial_rows["modules"] = list(course.modules.values("pk", "title", "hours"))
        initial_rows["prompts"] = list(course.weekly_prompts.values("pk", "step", "title", "text"))
    posted = _with_more_rows(request) if request.method == "POST" else None
    form = CourseForm(posted, instance=course, institutes=institutes)
    # Posted rows carry their primary keys; the rows in the database may have changed since.
    modules = ModuleRows(posted, initial=None if posted else initial_rows["modules"], prefix="modules")
    prompts = WeeklyPromptRows(posted, initial=None if posted else initial_rows["prompts"], prefix="prompts")
    if posted is not None and "more" in posted:
        form.clear_errors()
        modules.clear_errors()
        prompts.clear_errors()
    elif posted is not None and all([form.is_valid(), modules.is_valid(), prompts.is_valid()]):
        return _save(request, course, form, modules, prompts)
    invalid = form.errors or modules.total_error_count() or prompts.total_error_count()
    context = {"course": course, "form": form, "modules": modules, "prompts": prompts}
    return render(request, "courses/course_form.html", context, status=400 if invalid else 200)


def _with_more_rows(request: HttpRequest) -> Any:
    posted = request.POST.copy()
    if (prefix := posted.get("more")) in ("modules", "prompts"):
        count = posted.get(f"{prefix}-TOTAL_FORMS", "0")
        posted[f"{prefix}-TOTAL_FORMS"] = str((int(count[:4]) if count.isdecimal() else 0) + EMPTY_ROWS)
    return posted


def _save(
    request: HttpRequest, course: Course, form: CourseForm, modules: Rows, prompts: Rows
) -> HttpResponse:
    fields = dict(form.cleaned_data)
    if course.pk:
        course = actions.edit_course(
            course=course,
            by=request.user,
            fields=fields,
            modules=modules.rows(),
            prompts=prompts.rows(),
            removed_modules=modules.removed(),
            removed_prompts=prompts.removed(),
        )
    else:
        course = actions.create_course(
            institute=fields.pop("institute"),
            by=request.user,
            fields=fields,
            modules=modules.rows(),
            prompts=prompts.rows(),
        )
    messages.success(request, gettext("Saved."))
    return redirect("course", slug=course.slug)


@require_POST
def course_publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a course its public page."""
    course = get_object_or_404(Course.objects.managed_by(request.user), slug=slug)
    actions.publish_course(course=course, by=request.user)
    messages.success(request, gettext("Everyone can see this course now."))
    return redirect("course", slug=slug)


@require_POST
def course_unpublish(request: HttpRequest, slug: str) -> HttpResponse:
    """Remove the public page."""
    course = get_object_or_404(Course.objects.managed_by(request.user), slug=slug)
    actions.unpublish_course(course=course, by=request.user)
    messages.success(request, gettext("Only the institute sees this course now."))
    return redirect("course", slug=slug)
