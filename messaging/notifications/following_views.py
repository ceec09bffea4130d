"""Following and muting a thing, and the list of what one follows and has muted."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from common.paging import page_of, typed
from messaging.notifications import bell, following_actions, following_queries
from messaging.notifications.bell import Thing


@require_safe
def following(request: HttpRequest) -> HttpResponse:
    """What the reader follows, or has muted."""
    muted, searched = request.GET.get("show") == "muted", typed(request)
    page = page_of(request, following_queries.followed_by(request.user, typed=searched, muted=muted))
    context = {"page": page, "things": following_queries.shown(page), "muted": muted, "q": searched}
    context["show"] = "muted" if muted else ""
    return render(request, "news/following.html", context)


@require_POST
def follow(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Follow a thing."""
    thing = _thing_or_404(request, kind, pk)
    following_actions.follow(user=request.user, thing=thing)
    messages.success(request, gettext("You’ll be told when something new is written here."))
    return _back(request, thing)


@require_POST
def mute(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Mute a thing."""
    thing = _thing_or_404(request, kind, pk)
    following_actions.mute(user=request.user, thing=thing)
    messages.success(request, gettext("Muted. You’ll only be told when someone mentions you."))
    return _back(request, thing)


def _thing_or_404(request: HttpRequest, kind: str, pk: int) -> Thing:
    thing = (kind, pk)
    if not following_queries.is_followable(kind) or not bell.visible_things(request.user, [thing]):
        raise Http404
    return thing


def _back(request: HttpRequest, thing: Thing) -> HttpResponse:
    """To the list if it came from there, and otherwise to the thing."""
    return redirect("following" if "list" in request.GET else following_queries.path_to(thing))
