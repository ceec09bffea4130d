"""The page of the bell."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from common.paging import page_of
from messaging.notifications import bell, queries
from messaging.notifications.models import Notification


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """The reader's notifications, the newest first."""
    page = page_of(request, queries.items_of(request.user))
    lines = queries.with_text(request.user, page.object_list)
    return render(request, "news/news_list.html", {"page": page, "lines": lines})


@require_safe
def news_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Redirect to the page a notification links to, and mark it as seen, unless the browser only prefetches
    it."""
    notification = get_object_or_404(Notification.objects.active().filter(user=request.user), pk=pk)
    thing = (notification.thing_kind, notification.thing_id)
    if not bell.visible_things(request.user, [thing]):
        raise Http404
    if _is_navigation(request):
        bell.mark_seen(user=request.user, things=[thing])
    return HttpResponseRedirect(notification.path)


@require_POST
def news_seen(request: HttpRequest) -> HttpResponse:
    """Mark all as seen."""
    bell.mark_all_seen(user=request.user)
    return redirect("news")


def _is_navigation(request: HttpRequest) -> bool:
    """Whether the user follows the link. Browsers send headers when they prefetch, and with the destination
    of a request."""
    purpose = request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or ""
    loaded_as = request.headers.get("Sec-Fetch-Dest", "document")
    return request.method == "GET" and "prefetch" not in purpose and loaded_as == "document"
