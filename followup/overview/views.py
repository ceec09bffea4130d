"""What was said in a month: on one day of it (one week of a long one), and by one of its people."""

import datetime as dt

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import get_current_timezone_name  # noqa: TID251 the active zone, not the time
from django.views.decorators.http import require_safe

from common import clock
from common.dates import to_date
from community.spaces.kinds import kind_of
from community.spaces.lookup import MemberRequest
from community.spaces.models import Membership
from followup.months.lookup import month_or_404
from followup.overview.day_queries import said_between, said_by
from followup.overview.day_shown import day_shown, link_to, weeks_shown
from followup.overview.header import header_of


@require_safe
def month_day(request: MemberRequest, pk: int, day: str) -> HttpResponse:
    """What was said on a day, by the reader's clock, as far as the reader may read it."""
    month = month_or_404(request, pk)
    space, header = month.space, header_of(request, month.space)
    timeline = header.days
    try:
        date = dt.date.fromisoformat(day)
    except ValueError as no_date:
        raise Http404 from no_date
    cell = timeline.cell_of(date)
    # Python reads other forms of ISO 8601 as well; a day has one address.
    if cell is None or date.isoformat() != day:
        raise Http404
    header.selected = cell.first
    zone = get_current_timezone_name()
    found = said_between.first(
        request.user,
        space.pk,
        clock.start_of_day(cell.first, zone),
        clock.start_of_day(cell.last + dt.timedelta(1), zone),
    )
    cells = timeline.readable
    place = cells.index(cell)
    context = {
        "month": month,
        "space": space,
        "timeline": timeline,
        "cell": cell,
        "title": timeline.days_in_words(cell),
        "before": link_to(timeline, cells[place - 1]) if place else None,
        "after": link_to(timeline, cells[place + 1]) if place + 1 < len(cells) else None,
        "day": day_shown(found, space, of_one_day=not timeline.is_weekly) if found else None,
        "hours": [hour for hour in header.hours if cell.first <= to_date(hour.starts_at) <= cell.last],
        "weeks": weeks_shown(timeline, cell),
    }
    return render(request, "overview/month_day.html", context)


@require_safe
def month_person(request: MemberRequest, pk: int, person: int) -> HttpResponse:
    """What one of the people wrote here, as far as the reader may read it."""
    month = month_or_404(request, pk)
    space = month.space
    members = Membership.objects.current().filter(space=space).select_related("user")
    member = get_object_or_404(members, user=person)
    found = said_by.first(request.user, space.pk, member.user_id)
    context = {
        "space": space,
        "person": member.user,
        "role": kind_of(space).role(member.role),
        "day": day_shown(found, space, of_one_day=False) if found else None,
    }
    return render(request, "overview/month_person.html", context)
