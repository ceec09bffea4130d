"""The page behind the bell."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from common.paging import page_of
from messaging.notifications import bell, log
from messaging.notifications.models import Notification


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """What concerns the reader, the newest first."""
    page = page_of(request, log.lines_of(request.user))
    lines = log.written(request.user, page.object_list)
    return render(request, "news/news_list.html", {"page": page, "lines": lines})


@require_safe
def news_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Go where a piece of news leads; it has been seen then."""
    one = get_object_or_404(Notification.objects.standing().filter(user=request.user), pk=pk)
    thing = (one.thing_kind, one.thing_id)
    if not bell.visible_things(request.user, [thing]):
        raise Http404
    bell.seen(user=request.user, things=[thing])
    return HttpResponseRedirect(one.path)


@require_POST
def news_seen(request: HttpRequest) -> HttpResponse:
    """Nothing is new any more, says the reader."""
    bell.seen_all(user=request.user)
    return redirect("news")
