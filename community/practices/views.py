"""The pages of practices."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.access import Refused
from common.paging import page_of
from community.people import drafts
from community.posts import actions as posts
from community.posts.permissions import can_edit, can_restore, can_withdraw
from community.practices import actions, unread
from community.practices.actions import PARTS
from community.practices.forms import PracticeForm, written
from community.practices.models import Practice
from community.spaces.models import Space
from community.spaces.people import roles_in
from community.spaces.permissions import can_add_practice, why_no_practice
from community.spaces.reach import Drafted, MemberRequest, discards_draft, drafted, space_or_404
from messaging.notifications import bell

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
def practices(request: MemberRequest, pk: int) -> HttpResponse:
    """The practices of a space, the newest first."""
    space = space_or_404(request, pk)
    rows = Practice.objects.published().filter(space=space).select_related("author", "builds_on")
    standing = Q(try_outs__withdrawn_at=None, try_outs__published_at__isnull=False)
    rows = rows.annotate(try_out_count=Count("try_outs", filter=standing)).order_by("-published_at", "-pk")
    page = page_of(request, unread.with_reading(rows, request.user))
    context = {
        "space": space,
        "page": page,
        "roles": roles_in(space),
        "can_add": can_add_practice(request.user, space),
        "anything_new": any(practice.is_new for practice in page),
    }
    return render(request, "practices/practice_list.html", context)


@require_POST
def mark_read(request: MemberRequest, pk: int) -> HttpResponse:
    """Nothing is new among the practices any more, says the reader."""
    space = space_or_404(request, pk)
    unread.mark_all_seen(space, request.user)
    bell.mark_seen_in(user=request.user, scope=space.scope, thing_kind="practice")
    return redirect("space_practices", pk)


@get_or_post
def practice_new(request: MemberRequest, pk: int) -> HttpResponse:
    """Write a practice, perhaps from words that came too late for a conversation."""
    return _write(request, space_or_404(request, pk))


@get_or_post
def practice_try(request: MemberRequest, pk: int) -> HttpResponse:
    """Tell how it went when one tried somebody's practice oneself."""
    practice = _practice_or_404(request, pk)
    if practice.withdrawn_at is not None:
        raise Refused(gettext("This practice was taken back, so nothing can be built on it."))
    return _write(request, practice.space, builds_on=practice)


@require_GET
def practice(request: MemberRequest, pk: int) -> HttpResponse:
    """Read a practice, and the try-outs built on it."""
    practice = _practice_or_404(request, pk)
    if practice.withdrawn_at is None:
        unread.mark_seen(practice, request.user)
        bell.mark_seen(user=request.user, things=[("practice", pk)])
    seen = unread.with_reading(Practice.objects.visible_to(request.user), request.user)
    try_outs = (
        seen.published().filter(builds_on=practice).select_related("author").order_by("published_at", "pk")
    )
    form_labels = PracticeForm().fields
    context = {
        "practice": practice,
        "space": practice.space,
        "parts": [(form_labels[part].label, getattr(practice, f"{part}_html")) for part in PARTS],
        "try_outs": try_outs,
        "roles": roles_in(practice.space),
        "can_try": can_add_practice(request.user, practice.space) and practice.withdrawn_at is None,
        "can_edit": can_edit(request.user, practice),
        "can_withdraw": can_withdraw(request.user, practice),
        "can_restore": can_restore(request.user, practice),
    }
    return render(request, "practices/practice_detail.html", context)


@get_or_post
def practice_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Mend one's own practice."""
    practice = _practice_or_404(request, pk)
    if not can_edit(request.user, practice):
        raise Refused(gettext("Only who wrote a practice can change it."))
    if discards_draft(request):
        return redirect(request.path)
    draft = drafted(request)
    form = PracticeForm(request.POST or None, initial=draft.initial or written(practice))
    if form.is_valid():
        actions.edit_practice(practice=practice, by=request.user, fields=form.text())
        drafts.drop(request.user, request.path)
        return redirect("practice", pk)
    context = {
        "space": practice.space,
        "practice": practice,
        "form": form,
        "draft": draft,
        "builds_on": practice.builds_on,
        "back": reverse("practice", args=[pk]),
    }
    return render(request, "practices/practice_form.html", context)


@require_POST
def practice_withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a practice back; its page then offers to undo it."""
    posts.withdraw(post=_practice_or_404(request, pk), by=request.user)
    return redirect("practice", pk)


@require_POST
def practice_restore(request: MemberRequest, pk: int) -> HttpResponse:
    """Put a practice back."""
    posts.restore(post=_practice_or_404(request, pk), by=request.user)
    messages.success(request, gettext("It is back."))
    return redirect("practice", pk)


def _practice_or_404(request: MemberRequest, pk: int) -> Practice:
    practices = Practice.objects.visible_to(request.user)
    related = practices.select_related("space__institute", "author", "builds_on__author", "withdrawn_by")
    return get_object_or_404(related, pk=pk)


def _write(request: MemberRequest, space: Space, builds_on: Practice | None = None) -> HttpResponse:
    if discards_draft(request):
        return redirect(request.path)
    brought = {"tried": request.POST.get("text", "")} if "as_practice" in request.POST else {}
    draft = Drafted({}, None) if brought else drafted(request)
    title = builds_on.title if builds_on else ""
    initial = {"language": space.language, "title": title, **draft.initial, **brought}
    form = PracticeForm(None if brought else request.POST or None, initial=initial)
    refused = "" if can_add_practice(request.user, space) else why_no_practice()
    if form.is_valid():
        try:
            practice = actions.publish_practice(
                space=space,
                author=request.user,
                fields=form.text(),
                builds_on=builds_on,
                client_id=form.sent_id(),
            )
        except Refused as no:
            refused = str(no)
        else:
            drafts.drop(request.user, request.path)
            messages.success(request, gettext("Your practice is here for everyone in this space."))
            return redirect("practice", practice.pk)
    context = {
        "space": space,
        "form": form,
        "builds_on": builds_on,
        "refused": refused,
        "draft": draft,
        "back": reverse("practice", args=[builds_on.pk])
        if builds_on
        else reverse("space_practices", args=[space.pk]),
    }
    return render(request, "practices/practice_form.html", context, status=403 if refused else 200)
