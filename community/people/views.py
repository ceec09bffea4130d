"""Joining, the profile, the language of the pages, and drafts."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.utils import perform_login
from allauth.core.ratelimit import respond_429
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import clock, privacy, undo
from common.access import Refused
from common.json_input import read_object
from common.languages import keep_language, language_for
from community.people import actions, drafts, invitations, limits
from community.people.destinations import destination_of
from community.people.forms import AddressForm, JoinForm, PictureForm, ProfileForm
from community.people.models import Invitation, User


@login_not_required
@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, signed: str) -> HttpResponse:
    """The page of an invitation's link. A GET changes nothing; the button joins."""
    link = invitations.find(signed)
    if link is None or link.invitation.revoked_at or not link.invitation.user.is_active:
        return render(request, "people/invitation_closed.html", {"form": AddressForm()}, status=404)
    invitation = link.invitation
    if invitation.user.joined_at:
        return _already_joined(request, invitation)
    if not invitation.is_open or not link.is_newest:
        context = {"invitation": invitation, "signed": signed, "is_replaced": not link.is_newest}
        return render(request, "people/invitation_closed.html", context)
    owner = actions.verified_owner_of(invitation.address)
    if owner is not None and request.user == owner:
        return _add_to_account(request, invitation)
    if request.user.is_authenticated or owner is not None:
        return render(request, "people/invitation_other.html", {"invitation": invitation, "owner": owner})
    with translation.override(_language_for(request, invitation.user)):
        return _join(request, invitation)


@login_not_required
@never_cache
def invitation_again(request: HttpRequest) -> HttpResponse:
    """Ask for another invitation mail, by the old link or by address. The response is the same for
    everybody."""
    link = invitations.find(request.POST.get("invitation", ""))
    form = AddressForm({"email": link.invitation.address} if link else request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/invitation_again.html", {"form": form})
    address = form.cleaned_data["email"]
    if not limits.consume("mail", request, address):
        return respond_429(request)
    if not invitations.remind(address):
        known = actions.verified_owner_of(address) is not None
        get_adapter(request).send_mail(
            f"account/email/{'account_already_exists' if known else 'unknown_account'}", address, {}
        )
    return redirect("invitation_sent")


@login_not_required
def invitation_sent(request: HttpRequest) -> HttpResponse:
    """The page after asking for another invitation mail."""
    return render(request, "people/invitation_sent.html")


@never_cache
def profile(request: HttpRequest) -> HttpResponse:
    """The reader's own profile and preferences."""
    user = request.user
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        actions.change_profile(user=user, fields=form.cleaned_data)
        chosen = "language" in form.changed_data
        language = user.language if chosen else language_for(user.language)
        translation.activate(language)
        messages.success(request, gettext("Saved."))
        return keep_language(redirect("profile"), language)
    context = {
        "form": form,
        "picture_form": PictureForm(),
        "undo": None if user.picture else undo.offered_undo(request, "picture", user),
    }
    return render(request, "people/profile.html", context)


@require_safe
@never_cache
def take_along(request: HttpRequest) -> JsonResponse:
    """Export the reader's data of every subject as a JSON file; former members of spaces may as well."""
    response = JsonResponse(
        privacy.export_for(request.user), json_dumps_params={"ensure_ascii": False, "indent": 2}
    )
    name = f"aftercourse-{clock.today(request.user.time_zone)}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Change the language of the pages: in a cookie for a visitor, in the profile as well for a user whose
    pages follow it."""
    language = request.POST.get("language", "")
    target = request.POST.get("next", "/")
    response = redirect(target if invitations.is_local(target) else "/")
    if language not in dict(settings.LANGUAGES):
        return response
    if request.user.is_authenticated and not settings.LANGUAGE_BY_VISITOR:
        actions.change_profile(user=request.user, fields={"language": language})
    return keep_language(response, language)


@never_cache
@require_http_methods(["GET", "POST", "DELETE"])
def draft(request: HttpRequest) -> HttpResponse:
    """The draft of a form at a path: GET ?place= reads, POST {place, title, fields} saves, DELETE ?place=
    deletes."""
    path = request.GET.get("place", "")
    if request.method == "GET":
        return JsonResponse(drafts.get_draft(request.user, path))
    if request.method == "DELETE":
        drafts.delete_draft(request.user, path)
        return HttpResponse(status=204)
    sent = _sent_draft(request)
    if sent is None:
        return HttpResponseBadRequest(gettext("This isn’t a draft."))
    try:
        drafts.save(user=request.user, **sent)
    except Refused as refusal:
        return HttpResponse(str(refusal), status=413, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


def _join(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = JoinForm(request.POST or None, instance=invitation.user)
    if request.method != "POST" or not form.is_valid():
        context = {"invitation": invitation, "about": destination_of(invitation), "form": form}
        return render(request, "people/invitation.html", context)
    try:
        user = invitations.accept(invitation=invitation, **form.cleaned_data)
    except Refused:
        # Accepted or revoked meanwhile: the page shows the present state.
        return redirect(request.path)
    language = language_for(user.language)
    translation.activate(language)
    response = perform_login(request, user, email=invitation.address, redirect_url=invitation.next_path)
    return keep_language(response, language)


def _add_to_account(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    if request.method != "POST":
        context = {"invitation": invitation, "about": destination_of(invitation)}
        return render(request, "people/invitation_add.html", context)
    target = invitation.next_path
    try:
        invitations.accept_with_account(invitation=invitation, account=request.user)
    except Refused:
        return redirect(request.path)
    messages.success(request, gettext("Added to your account."))
    return redirect(target)


def _already_joined(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    if request.user == invitation.user:
        return redirect(invitation.next_path)
    return render(request, "people/invitation_used.html", {"invitation": invitation})


def _language_for(request: HttpRequest, user: User) -> str:
    """The language of the invitation, unless the visitor chose another one on these pages."""
    has_cookie = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    return translation.get_language() or user.language if has_cookie else language_for(user.language)


def _sent_draft(request: HttpRequest) -> dict[str, Any] | None:
    """The draft in a request's body, or None if it is invalid."""
    # JSON escapes (\\u0151) take six times the bytes that are stored.
    if len(request.body) > 7 * drafts.MAX_FIELDS_BYTES:
        return None
    sent = read_object(request.body) or {}
    path, title, fields = sent.get("place"), sent.get("title", ""), sent.get("fields")
    if not (isinstance(path, str) and isinstance(title, str) and isinstance(fields, dict)):
        return None
    if not all(isinstance(value, str) for value in fields.values()):
        return None
    return {"path": path, "title": title, "fields": fields}
