"""Today, and the desk of institute staff and trainers."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Case, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from common import clock
from common.collation import sorted_by_name
from common.paging import page_by_name, page_found, page_of, typed
from common.privacy import SMALLEST_GROUP_SHOWN
from common.searching import name_matches
from community.institutes.models import Institute
from community.people import drafts
from community.posts import counting
from community.spaces.permissions import standing_of
from community.unread.models import token_of
from followup.courses.models import Course, Run
from followup.courses.queries import with_counts
from followup.desk.context import rail_of
from followup.desk.member_spaces import spaces_among, timeline_of, titles_of
from followup.desk.queries import (
    MonthState,
    courses_on_desk,
    in_state,
    months_on_desk,
    with_figures,
    with_label,
)
from followup.desk.run_queries import (
    MONTH_VIEWERS,
    RUN_MANAGERS,
    State,
    institutes_of,
    state_counts,
    trained_spaces,
    with_state,
)
from followup.desk.today import Today
from followup.desk.welcome import sample_timeline

if TYPE_CHECKING:
    from community.people.models import User

DISCARDED_DRAFT_KEY = "discarded"
"""The session key of the draft that was discarded last."""
MONTHS_PER_PAGE = 12
"""Each is a card with a drawing."""
INSTITUTES_SHOWN = 8
"""Institutes above the desk of somebody who works for many."""
COURSES_SHOWN = 9
"""Courses on the welcome page; the list of courses has the rest."""


@login_not_required
def today(request: HttpRequest) -> HttpResponse:
    """Today; for visitors the welcome page."""
    if not request.user.is_authenticated:
        return _welcome(request)
    rail = rail_of(request)
    context = {
        "today": Today(request.user, rail.nearest_spaces, has_desk=rail.desk),
        "date": clock.today(request.user.time_zone),
        "discarded": request.session.get(DISCARDED_DRAFT_KEY) if DISCARDED_DRAFT_KEY in request.GET else None,
    }
    return render(request, "desk/today.html", context)


def _welcome(request: HttpRequest) -> HttpResponse:
    courses = Course.objects.public().select_related("institute")
    own_language_first = Case(When(language=get_language(), then=0), default=1)
    courses = courses.order_by(own_language_first, "-published_at", "-pk")
    context = {
        "courses": courses[:COURSES_SHOWN],
        "sample": sample_timeline(),
    }
    return render(request, "desk/welcome.html", context)


@require_POST
def draft_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Discard a draft; the next page offers to undo it."""
    if draft := request.user.drafts.filter(pk=pk).first():
        discarded = {"place": draft.place, "title": draft.title, "fields": draft.fields}
        request.session[DISCARDED_DRAFT_KEY] = discarded
        drafts.delete_draft(request.user, draft.place)
    return redirect(f"{reverse('today')}?{DISCARDED_DRAFT_KEY}")


@require_POST
def draft_restore(request: HttpRequest) -> HttpResponse:
    """Restore the draft that was just discarded, unless there is a newer one for the same form."""
    discarded = request.session.pop(DISCARDED_DRAFT_KEY, None)
    if discarded and not request.user.drafts.filter(place=discarded["place"]).exists():
        drafts.save(
            user=request.user,
            path=discarded["place"],
            title=discarded["title"],
            fields=discarded["fields"],
        )
    return redirect("today")


def my_months(request: HttpRequest) -> HttpResponse:
    """All spaces of the reader: open ones by their end, then closed ones."""
    q, titles = typed(request), titles_of(request.user)
    found = [each for each in titles if name_matches(each[1], q)] if q else titles
    page = page_of(request, found, MONTHS_PER_PAGE)
    context = {
        "page": page,
        "member_spaces": spaces_among(request.user, [space for space, _title in page]),
        "q": q,
        "is_long": len(titles) > page.paginator.per_page,
    }
    return render(request, "desk/my_months.html", context)


def desk(request: HttpRequest) -> HttpResponse:
    """The course groups of the reader's desk."""
    runs = with_state(Run.objects.visible_to(_desk_owner(request)))
    states, selected = state_counts(runs), request.GET.get("state", "")
    counts = dict(states)
    total = sum(counts.values())
    listed, listed_total = runs, total
    if selected in State.values:
        listed, listed_total = runs.filter(state=selected), counts.get(State(selected), 0)
    listed = listed.select_related("course__institute", "month_run__month__space")
    fields = ["course__title", "label", "place"]
    page = page_found(request, listed.order_by("-ends_on", "-pk"), fields, total=listed_total)
    context = {
        "page": page,
        "rows": _rows(request.user, with_counts(page.object_list)),
        "states": states,
        "selected": selected,
        "q": typed(request),
        "is_long": total > page.paginator.per_page,
    }
    return render(request, "desk/desk_runs.html", context | _tabs(request))


def _rows(user: "User", runs: list[Any]) -> list[dict[str, Any]]:
    viewed, managed = institutes_of(user, MONTH_VIEWERS), institutes_of(user, RUN_MANAGERS)
    trained, rows = trained_spaces(user), []
    for run in runs:
        institute = run.course.institute_id
        month = run.month_run.month if hasattr(run, "month_run") else None
        may_see_month = month is not None and (institute in viewed or month.space_id in trained)
        rows.append(
            {
                "run": run,
                "state": State(run.state),
                "may_complete": run.state == State.WAITING and institute in managed,
                "space": month.space if month and may_see_month else None,
            }
        )
    return rows


def desk_months(request: HttpRequest) -> HttpResponse:
    """The months of the reader's desk."""
    months = months_on_desk(_desk_owner(request))
    selected = MonthState.CLOSED if request.GET.get("talk") == MonthState.CLOSED else MonthState.OPEN
    listed = with_label(with_figures(in_state(months, selected))).select_related("space__institute", "course")
    listed = listed.annotate(token=token_of("space__"))
    page = page_found(request, listed, ["space__title", "label"], MONTHS_PER_PAGE)
    posts = counting.by_day({month.space_id: month.token for month in page})
    context = {
        "page": page,
        "rows": [(month, timeline_of(month, posts[month.space_id])) for month in page],
        "talks": MonthState,
        "selected": selected,
        "smallest_group": SMALLEST_GROUP_SHOWN,
        "q": typed(request),
        "is_long": page.paginator.num_pages > 1,
    }
    return render(request, "desk/desk_months.html", context | _tabs(request))


def desk_courses(request: HttpRequest) -> HttpResponse:
    """The courses of the reader's institutes."""
    user = _desk_owner(request)
    if not institutes_of(user, MONTH_VIEWERS):
        raise Http404
    courses = courses_on_desk(user).select_related("institute")
    page = page_by_name(request, courses, "title")
    context = {"page": page, "q": typed(request), "is_long": page.paginator.num_pages > 1}
    return render(request, "desk/desk_courses.html", context | _tabs(request))


def _desk_owner(request: HttpRequest) -> "User":
    """The reader. Raises Http404 if they have no desk."""
    if not rail_of(request).desk:
        raise Http404
    return request.user


def _tabs(request: HttpRequest) -> dict[str, Any]:
    """Which lists and buttons the reader's desk has."""
    viewed = institutes_of(request.user, MONTH_VIEWERS)
    institutes = sorted_by_name(
        Institute.objects.filter(pk__in=viewed).order_by("pk"), lambda institute: institute.name
    )
    return {
        "has_courses": bool(viewed),
        "institutes": institutes[:INSTITUTES_SHOWN],
        "more_institutes": len(institutes[INSTITUTES_SHOWN:]),
        "has_months": bool(viewed or trained_spaces(request.user)),
        "may_create": bool(institutes_of(request.user, RUN_MANAGERS & MONTH_VIEWERS)),
        "coordinates": institutes_of(request.user, RUN_MANAGERS & MONTH_VIEWERS),
        "several": len({institute for institute, _ in standing_of(request.user).staff}) > 1,
    }
