"""How often mail comes: one's own page, and the link in a mail, which works without signing in."""

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

from messaging.notifications import pace
from messaging.notifications.forms import PacesForm

if TYPE_CHECKING:
    from community.people.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def mail_choices(request: HttpRequest) -> HttpResponse:
    """How often the reader wants mail, for each of their places."""
    places = pace.places_of(request.user).values()
    form = PacesForm(request.POST or None, places=places, chosen=pace.paces_of(request.user))
    if request.method == "POST" and form.is_valid():
        for scope, chosen in form.cleaned_data.items():
            pace.choose(user=request.user, scope=scope, pace=chosen)
        messages.success(request, gettext("Saved."))
        return redirect("mail_choices")
    return render(request, "news/mail_choices.html", {"form": form, "any": bool(places)})


# Whoever has the link may do what it is for, and a mail program that stops mails has no page of ours before.
@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mail_stop(request: HttpRequest, signed: str) -> HttpResponse:
    """Mails of one kind, by the link at their end. Looking changes nothing, as mail scanners follow links.

    A mail program's own button posts `List-Unsubscribe=One-Click` (RFC 8058) and must not be sent elsewhere.
    """
    user, scope = _whose(signed)
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    if request.method == "POST":
        wanted = pace.Pace.NEVER if one_click else request.POST.get("pace")
        if wanted == pace.Pace.NEVER:
            pace.stop(user=user, scope=scope)
        elif wanted in pace.Pace.values and scope != pace.EVERYWHERE:
            pace.choose(user=user, scope=scope, pace=wanted)
        else:
            return HttpResponseBadRequest()
        if not one_click:
            return redirect("mail_stop", signed=signed)
    places, chosen = pace.places_of(user), pace.paces_of(user)
    context = {
        "place": places.get(scope),
        "everywhere": scope == pace.EVERYWHERE,
        "stopped": all(chosen.get(each, pace.USUAL) != pace.Pace.DAILY for each in places),
        "pace": chosen.get(scope, pace.USUAL),
        "paces": pace.Pace.choices,
    }
    # In the language of the mail, whoever's browser this is.
    with translation.override(user.language):
        return render(request, "news/mail_stop.html", context)


def _whose(signed: str) -> "tuple[User, str]":
    try:
        user_pk, scope = pace.read_stop_link(signed)
    except signing.BadSignature:
        raise Http404 from None
    user: User | None = get_user_model().objects.filter(pk=user_pk).first()
    if user is None:
        raise Http404
    return user, scope
