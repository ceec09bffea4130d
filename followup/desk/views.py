"""Today, and the desk of institute staff and trainers."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from common import clock
from common.collation import sorted_by_name
from common.paging import page_of, rows_found, typed
from community.people import drafts
from followup.courses import catalogue_queries
from followup.desk.context import rail_of
from followup.desk.member_spaces import spaces_among, titles_of
from followup.desk.queries import (
    InstituteLink,
    MonthState,
    listed_months,
    names_of_institutes,
    titles_of_courses,
)
from followup.desk.run_queries import (
    MONTH_VIEWERS,
    RUN_MANAGERS,
    State,
    institutes_of,
    listed_runs,
    local_days,
    trained_spaces,
)
from followup.desk.shown import shown_courses, shown_months, shown_runs, works_at_several
from followup.desk.today import Today
from followup.desk.welcome import picture
from messaging.chat.history import end_of
from messaging.live import ticket

if TYPE_CHECKING:
    from community.people.models import User

DISCARDED_DRAFT_KEY = "discarded"
"""The session key of the draft that was discarded last."""
MONTHS_PER_PAGE = 12
"""Each is a card with a drawing."""
INSTITUTES_SHOWN = 8
"""Institutes above the desk of somebody who works for many."""
STATE = 1
"""The column of `listed_runs`."""
COURSES_SHOWN = 6
"""Courses on the welcome page; the list of courses has the rest."""


@login_not_required
def today(request: HttpRequest) -> HttpResponse:
    """Today; for visitors the welcome page."""
    if not request.user.is_authenticated:
        return _welcome(request)
    rail = rail_of(request)
    shown = Today(request.user, rail.nearest_spaces, has_desk=rail.desk)
    for each in shown.followed:
        ticket.allow_stream(request, each.stream, end_of(each.membership.ends_at(each.space.closes_at)))
    context = {
        "today": shown,
        "date": clock.today(request.user.time_zone),
        "discarded": request.session.get(DISCARDED_DRAFT_KEY) if DISCARDED_DRAFT_KEY in request.GET else None,
    }
    return render(request, "desk/today.html", context)


def _welcome(request: HttpRequest) -> HttpResponse:
    every = catalogue_queries.public_courses()
    own = [course for course in every if course.language == get_language()]
    context = {
        "picture": picture(clock.today("UTC").toordinal()),
        "has_courses": bool(every),
        "courses": catalogue_queries.courses_of(own[:COURSES_SHOWN]),
        "languages": catalogue_queries.languages_of(every),
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
    page = page_of(request, rows_found(titles, q), MONTHS_PER_PAGE)
    context = {
        "page": page,
        "member_spaces": spaces_among(request.user, [space for space, _title in page]),
        "q": q,
        "is_long": len(titles) > page.paginator.per_page,
    }
    return render(request, "desk/my_months.html", context)


def desk(request: HttpRequest) -> HttpResponse:
    """The course groups of the reader's desk."""
    user, q = _desk_owner(request), typed(request)
    runs = listed_runs(user, *local_days(), searched=bool(q))
    found = rows_found(runs, q, STATE + 1)
    numbers, selected = Counter(run[STATE] for run in found), request.GET.get("state", "")
    occurring = {run[STATE] for run in runs}
    if selected in State.values:
        found = [run for run in found if run[STATE] == selected]
    page = page_of(request, found)
    context = {
        "page": page,
        "several": works_at_several(user),
        "rows": shown_runs(user, {run[0]: State(run[STATE]) for run in page}),
        "states": [(state, numbers[state]) for state in State if state in occurring],
        "selected": selected,
        "q": q,
        "is_long": len(runs) > page.paginator.per_page,
    }
    return render(request, "desk/desk_runs.html", context | _tabs(request))


def desk_months(request: HttpRequest) -> HttpResponse:
    """The months of the reader's desk."""
    user, q = _desk_owner(request), typed(request)
    selected = MonthState.CLOSED if request.GET.get("talk") == MonthState.CLOSED else MonthState.OPEN
    institutes = sorted(institutes_of(user, MONTH_VIEWERS))
    found = rows_found(listed_months(user, institutes, talk=selected, searched=bool(q)), q)
    page = page_of(request, found, MONTHS_PER_PAGE)
    context = {
        "page": page,
        "rows": shown_months(user, [pk for pk, *_texts in page]),
        "talks": MonthState,
        "selected": selected,
        "q": q,
        "is_long": page.paginator.num_pages > 1,
    }
    return render(request, "desk/desk_months.html", context | _tabs(request))


def desk_courses(request: HttpRequest) -> HttpResponse:
    """The courses of the reader's institutes."""
    user, q = _desk_owner(request), typed(request)
    institutes = sorted(institutes_of(user, MONTH_VIEWERS))
    if not institutes:
        raise Http404
    titles = rows_found(titles_of_courses(institutes), q)
    page = page_of(request, sorted_by_name(titles, lambda course: course[1]))
    context = {
        "page": page,
        "rows": shown_courses(user, [pk for pk, _title in page]),
        "q": q,
        "is_long": page.paginator.num_pages > 1,
    }
    return render(request, "desk/desk_courses.html", context | _tabs(request))


def desk_institutes(request: HttpRequest) -> HttpResponse:
    """The institutes of the reader, when they are more than stand above the desk."""
    q, institutes = typed(request), _institutes(_desk_owner(request))
    if not institutes:
        raise Http404
    page = page_of(request, rows_found([(each, each.name) for each in institutes], q))
    context = {"page": page, "q": q, "is_long": len(institutes) > page.paginator.per_page}
    return render(request, "desk/desk_institutes.html", context)


def _desk_owner(request: HttpRequest) -> "User":
    """The reader. Raises Http404 if they have no desk."""
    if not rail_of(request).desk:
        raise Http404
    return request.user


def _institutes(user: "User") -> list[InstituteLink]:
    """The institutes whose months the reader may see, by name."""
    viewed = sorted(institutes_of(user, MONTH_VIEWERS))
    return sorted_by_name(names_of_institutes(viewed) if viewed else [], lambda institute: institute.name)


def _tabs(request: HttpRequest) -> dict[str, Any]:
    """Which lists and buttons the reader's desk has."""
    user = request.user
    institutes = _institutes(user)
    return {
        "has_courses": bool(institutes),
        "institutes": tuple(institutes[:INSTITUTES_SHOWN]),
        "more_institutes": len(institutes[INSTITUTES_SHOWN:]),
        "has_months": bool(institutes or trained_spaces(user)),
        "may_create": bool(institutes_of(user, RUN_MANAGERS & MONTH_VIEWERS)),
    }
