"""Mail preferences: one's own page, and the link in a mail, which works without signing in."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from common.languages import language_for
from messaging.notifications import following_actions, following_queries
from messaging.notifications.bell import Thing
from messaging.notifications.following_queries import followed_thing
from messaging.notifications.forms import MailPreferencesForm
from messaging.notifications.mail_preferences import (
    DEFAULT_FREQUENCY,
    EVERYWHERE,
    Frequency,
    frequencies_of,
    read_unsubscribe_link,
    scopes_of,
    set_frequency,
    unsubscribe,
)

if TYPE_CHECKING:
    from community.people.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def mail_preferences(request: HttpRequest) -> HttpResponse:
    """How often the reader wants mail, for each of their scopes."""
    scopes = scopes_of(request.user).values()
    form = MailPreferencesForm(request.POST or None, scopes=scopes, frequencies=frequencies_of(request.user))
    if request.method == "POST" and form.is_valid():
        for scope, frequency in form.cleaned_data.items():
            set_frequency(user=request.user, scope=scope, frequency=frequency)
        messages.success(request, gettext("Saved."))
        return redirect("mail_preferences")
    return render(request, "news/mail_preferences.html", {"form": form, "any": bool(scopes)})


# The link itself is the permission, and a mail program that posts to it has no page of ours and no token.
@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mail_stop(request: HttpRequest, signed: str) -> HttpResponse:
    """Unsubscribe by the link at the end of a mail. GET changes nothing, because mail scanners follow links.

    A mail program's own button posts `List-Unsubscribe=One-Click` (RFC 8058) and must not be redirected.
    """
    user, scope = _read(signed)
    if (thing := followed_thing(scope)) is not None:
        return _mute(request, user, thing, signed)
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    if request.method == "POST":
        frequency = Frequency.NEVER if one_click else request.POST.get("frequency")
        if frequency == Frequency.NEVER:
            unsubscribe(user=user, scope=scope)
        elif frequency in Frequency.values and scope != EVERYWHERE:
            set_frequency(user=user, scope=scope, frequency=frequency)
        else:
            return HttpResponseBadRequest()
        if not one_click:
            return redirect("mail_stop", signed=signed)
    scopes, frequencies = scopes_of(user), frequencies_of(user)
    context = {
        "place": scopes.get(scope),
        "everywhere": scope == EVERYWHERE,
        "stopped": all(frequencies.get(each, DEFAULT_FREQUENCY) != Frequency.DAILY for each in scopes),
        "frequency": frequencies.get(scope, DEFAULT_FREQUENCY),
        "frequencies": Frequency.choices,
    }
    # In the language of the mail, not of the browser.
    with translation.override(language_for(user.language)):
        return render(request, "news/mail_stop.html", context)


def _mute(request: HttpRequest, user: "User", thing: Thing, signed: str) -> HttpResponse:
    """The same for a mail about one thing, which is muted."""
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    if request.method == "POST":
        if one_click or request.POST.get("frequency") == Frequency.NEVER:
            following_actions.mute(user=user, thing=thing)
        else:
            following_actions.follow(user=user, thing=thing)
        if not one_click:
            return redirect("mail_stop", signed=signed)
    context = {
        "thing": following_queries.found(user, thing),
        "follows": following_queries.follows(user, thing),
    }
    with translation.override(language_for(user.language)):
        return render(request, "news/mail_mute.html", context)


def _read(signed: str) -> "tuple[User, str]":
    try:
        user_pk, scope = read_unsubscribe_link(signed)
    except signing.BadSignature:
        raise Http404 from None
    user: User | None = get_user_model().objects.filter(pk=user_pk).first()
    if user is None:
        raise Http404
    return user, scope
