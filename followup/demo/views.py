"""The demo's sign-in as one of its people, and its mails in the browser."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from common import clock
from common.paging import page_of
from community.people.invitations import is_local
from community.people.models import User
from followup.demo import mail_csp, people
from followup.demo.fixtures import DOMAIN
from messaging.notifications.models import Mail

View = Callable[..., HttpResponse]


def only_in_the_demo(view: View) -> View:
    """Decorate a public view that raises Http404 if the demo's sign-in is off."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO_SIGN_IN:
            raise Http404
        return view(request, *args, **kwargs)

    return login_not_required(guarded)


@only_in_the_demo
@require_safe
def choices(request: HttpRequest) -> HttpResponse:
    """The people to sign in as, and to go on from there to `next` if it is a page of ours."""
    path = request.GET.get("next", "")
    going_on = {"redirect_field_name": "next", "redirect_field_value": path} if is_local(path) else {}
    return render(request, "demo/people.html", going_on)


@only_in_the_demo
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo's people, and go on to `next` if it is a page of ours."""
    user = people.find_choice(request.POST.get("person", ""))
    if user is None:
        raise Http404
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    path = request.POST.get("next", "")
    return redirect(path if is_local(path) else settings.LOGIN_REDIRECT_URL)


@only_in_the_demo
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """The mails to one user, or to all of the programme in which the visitor is somebody, in the order in
    which they leave, the last one first."""
    mails, reader = Mail.objects.select_related("user").order_by("-not_before", "-pk"), None
    if "to" not in request.GET:
        theirs = people.programme_of(request.user).address("")
        mails = mails.filter(Q(address__endswith=theirs) | ~Q(address__endswith=DOMAIN))
    else:
        key = _uuid(request.GET["to"])
        reader = User.objects.filter(key=key).first() if key else None
        mails = mails.filter(user=reader)
    context = {"page": page_of(request, mails), "reader": reader, "now": clock.now()}
    return render(request, "demo/mail_list.html", context)


@only_in_the_demo
@require_safe
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail in a page."""
    mail = get_object_or_404(Mail.objects.select_related("user"), pk=pk)
    return render(request, "demo/mail_detail.html", {"mail": mail, "now": clock.now()})


@only_in_the_demo
@xframe_options_sameorigin
@require_safe
def mail_body(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail as a mail program shows it, for the frame in its page, which its links leave. It has a policy
    for its own styles."""
    mail = get_object_or_404(Mail.objects.exclude(html=""), pk=pk)
    response = HttpResponse(mail.html.replace("<head>", '<head><base target="_top">', 1))
    response.headers["Content-Security-Policy"] = mail_csp.policy_for(mail.html)
    return response


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
