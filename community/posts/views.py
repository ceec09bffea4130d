"""What pages on which somebody writes a post have in common: draft, refusal, withdrawing, restoring."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Model
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from common import sources
from common.access import Refused
from common.rates import require_pace, require_text_pace
from common.text import clean_text
from common.uploads import takes_files
from community.people import drafts
from community.posts import actions
from community.posts.kinds import kind_of, visible_post
from community.posts.models import Post
from community.posts.quotations import quotation
from community.spaces.lookup import Drafted, MemberRequest, discards_draft, drafted
from messaging.files.file_types import UploadError
from messaging.files.forms import AttachingForm

NO_DRAFT = Drafted({}, None)
SENT_COOKIE = "sent"
"""The cookie with the id of the form that was accepted last."""
SENT_COOKIE_SECONDS = 24 * 60 * 60
View = Callable[..., HttpResponse]

takes_attachments = takes_files(settings.UPLOAD_LIMIT_BYTES)
"""Marks the view of a form to which files can be added. By script they come before the form, in pieces."""


@dataclass(frozen=True)
class Writing:
    """What the page of a form shows: the form, the draft it was filled with, and why it was refused."""

    form: Form
    draft: Drafted
    refused: str

    @property
    def status(self) -> int:
        """403 when it was refused."""
        return 403 if self.refused else 200

    def context(self) -> dict[str, Any]:
        """The variables for its template."""
        return {"form": self.form, "draft": self.draft, "refused": self.refused}


def write(
    request: MemberRequest,
    *,
    form: Callable[..., Form],
    act: Callable[[Any], str],
    show: Callable[[Writing], HttpResponse],
    defaults: dict[str, Any] | None = None,
    written: dict[str, Any] | None = None,
    refused: str = "",
    draft: Drafted | None = None,
) -> HttpResponse:
    """The view of a form with a draft. A draft survives leaving the page; a refusal keeps the input.

    `act` gets the valid form and returns the path to redirect to; it may raise Refused. `defaults` are
    initial values that a draft may lack; `written` are those of a post being edited, which a draft replaces
    completely, since it leaves out empty fields. `refused` is why it would be refused. `draft` is that of the
    page where it was loaded with its thing.
    """

    def show_form(form: Form, draft: Drafted, refused: str) -> HttpResponse:
        if isinstance(form, AttachingForm):
            form.load_attached(request.user)
        return show(Writing(form, draft, refused))

    if discards_draft(request):
        return redirect(request.path)
    if request.method != "POST":
        draft = drafted(request) if draft is None else draft
        initial = {**(defaults or {}), **(draft.initial or written or {})}
        return show_form(form(initial=initial), draft, refused)
    bound = form(request.POST, request.FILES)
    if isinstance(bound, AttachingForm):
        bound.receive(request.user)
    if not bound.is_valid():
        return show_form(bound, NO_DRAFT, refused)
    try:
        require_pace(request.user.pk, bound.cleaned_data)
        path = act(bound)
    except (Refused, UploadError) as refusal:
        return show_form(bound, NO_DRAFT, str(refusal))
    drafts.delete_draft(request.user, request.path)
    response = redirect(path)
    if sent := bound.cleaned_data.get("client_id"):
        # The page's script removes the draft from the device, in case the account had refused it.
        response.set_cookie(SENT_COOKIE, str(sent), max_age=SENT_COOKIE_SECONDS, samesite="Lax")
    return response


def quoted_in(request: MemberRequest, head: Post) -> str:
    """The quotation of the post under this one that the address of the page names, as `reply-12`."""
    kind, _dash, pk = request.GET.get("quote", "").partition("-")
    post = visible_post(kind, int(pk[:9]), request.user) if pk.isdecimal() else None
    if post is None or kind_of(post).head(post) != head:
        return ""
    address = request.build_absolute_uri(kind_of(post).path(post))
    beginning = "".join(getattr(post, field) for field in post.rendered())
    return quotation(name=post.author.name, address=address, html=beginning)


@require_POST
def text_as_html(request: HttpRequest) -> HttpResponse:
    """A typed text as the editor opens it: {html}."""
    text = clean_text(request.POST.get("text", ""))
    if len(text) > settings.TEXT_LIMIT_CHARS:
        return HttpResponseBadRequest()
    require_text_pace(request.user.pk, text)
    return JsonResponse({"html": sources.as_html(text).removeprefix(sources.SIGN)})


def withdraw_view(model: type[Model], path: Callable[[Any], str]) -> View:
    """The view that withdraws a post of this kind and redirects to `path(post)`, where it can be restored."""

    @require_POST
    def withdraw(request: MemberRequest, pk: int) -> HttpResponse:
        return redirect(path(actions.withdraw(post=_post_or_404(request, model, pk), by=request.user)))

    return withdraw


def restore_view(model: type[Model], path: Callable[[Any], str], *, with_message: bool = False) -> View:
    """The view that restores a post of this kind and redirects to `path(post)`; `with_message` shows a
    success message."""

    @require_POST
    def restore(request: MemberRequest, pk: int) -> HttpResponse:
        post = actions.restore(post=_post_or_404(request, model, pk), by=request.user)
        if with_message:
            messages.success(request, gettext("Restored."))
        return redirect(path(post))

    return restore


def _post_or_404(request: MemberRequest, model: type[Model], pk: int) -> Post:
    post: Post = get_object_or_404(model.objects.visible_to(request.user), pk=pk)  # type: ignore[attr-defined]
    return post
