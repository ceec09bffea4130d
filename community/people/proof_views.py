"""The pages that ask who it is before another address or a first password."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from community.people import invitations, limits, proofs
from community.people.sign_in_forms import ConfirmCodeForm, ReauthenticateForm


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: HttpRequest) -> HttpResponse:
    """By the password, if there is one, or on to a mailed code."""
    target = _target(request)
    form = ReauthenticateForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        proofs.prove(request)
        return redirect(target)
    context = {"form": form, "mailbox": proofs.mailbox_of(request.user), **_carried(target)}
    return render(request, "account/reauthenticate.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def prove_by_code(request: HttpRequest) -> HttpResponse:
    """By a code from the present mailbox: a POST with `send` mails it, one with `code` is checked."""
    target, here = _target(request), reverse("account_reauthenticate_code")
    here = f"{here}?{urlencode({'next': target})}"
    if "send" in request.POST:
        if not proofs.send_code(request):
            messages.warning(request, limits.too_often("mail", request, proofs.mailbox_of(request.user)))
        return redirect(here)
    code = proofs.expected_code(request)
    form = ConfirmCodeForm(request.POST or None, code=code)
    if request.method == "POST" and code and form.is_valid():
        proofs.prove(request)
        return redirect(target)
    if request.method == "POST":
        proofs.note_wrong_code(request)
        if not proofs.expected_code(request):
            messages.warning(request, gettext("That code is no longer valid. Please ask for a new one."))
            return redirect(here)
    context = {
        "form": form,
        "mailbox": proofs.mailbox_of(request.user),
        "is_mailed": bool(proofs.expected_code(request)),
        **_carried(target),
    }
    return render(request, "account/reauthenticate_code.html", context)


def _target(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    return target if invitations.is_local(target) else reverse("profile")


def _carried(target: str) -> dict[str, str]:
    """What account/_next.html carries along."""
    return {"redirect_field_name": "next", "redirect_field_value": target}
