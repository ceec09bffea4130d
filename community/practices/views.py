"""The pages of practices."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from common.access import require
from common.fields import EditorArea
from community.institutes.licence_models import Terms
from community.posts.mark_queries import marks_shown
from community.posts.permissions import can_edit, can_mark, can_restore, can_withdraw
from community.posts.views import (
    NO_DRAFT,
    Writing,
    quoted_in,
    restore_view,
    takes_attachments,
    withdraw_view,
    write,
)
from community.practices import actions, comment_actions, queries
from community.practices.actions import PARTS
from community.practices.comment_forms import CommentForm
from community.practices.comment_permissions import can_comment
from community.practices.comment_queries import comment_path, comments_shown
from community.practices.forms import AccountForm, PracticeForm, form_for, written
from community.practices.models import Practice
from community.practices.news import practice_path
from community.practices.queries import Opened
from community.practices.shown import (
    chain,
    facts_of,
    has_made_title,
    led_by_picture,
    outcome_label,
    rights_of,
)
from community.spaces.lookup import MemberRequest, space_or_404
from community.spaces.models import Space
from community.spaces.permissions import (
    can_add_practice,
    can_keep_order,
    membership_in,
    why_no_practice,
)
from community.spaces.queries import roles_in
from messaging.files.shown import ShownFile, in_text, not_in
from messaging.notifications import bell

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_POST
def mark_read(request: MemberRequest, pk: int) -> HttpResponse:
    """Mark all practices of a space as read."""
    space = space_or_404(request, pk)
    queries.mark_all_seen(space, request.user)
    bell.mark_seen_in(user=request.user, scope=space.scope, thing_kind="practice")
    return redirect("space_practices", pk)


@takes_attachments
@get_or_post
def practice_new(request: MemberRequest, pk: int) -> HttpResponse:
    """Write a practice, perhaps from the text of a reply that came too late."""
    return _publish(request, space_or_404(request, pk))


@takes_attachments
@get_or_post
def practice_try(request: MemberRequest, pk: int) -> HttpResponse:
    """Write a try-out built on somebody's practice."""
    practice = _practice_or_404(request, pk)
    require(not practice.is_withdrawn, gettext("This was deleted by its author, so you can’t build on it."))
    return _publish(request, practice.space, builds_on=practice)


@takes_attachments
@get_or_post
def practice(request: MemberRequest, pk: int) -> HttpResponse:
    """Read a practice with what was said about it and built on it, and ask or comment."""
    opened = _opened_or_404(request, pk)
    practice, asked = opened.practice, request.GET.get("answers", "")

    def post(form: CommentForm) -> str:
        comment = comment_actions.post_comment(
            practice=practice,
            author=request.user,
            text=form.cleaned_data["text"],
            asks=form.cleaned_data.get("asks", False),
            answers=form.cleaned_data["answers"],
            files=form.cleaned_data["files"],
            client_id=form.sent_id(),
        )
        return comment_path(comment)

    return write(
        request,
        form=partial(
            CommentForm,
            may_ask=opened.author_is_here and practice.author_id != request.user.pk,
            quoted=quoted_in(request, practice),
        ),
        act=post,
        show=lambda page: _practice_page(request, opened, page),
        defaults={"asks": "ask" in request.GET, "answers": asked[:9] if asked.isdecimal() else None},
        draft=opened.draft,
    )


def labels_of(practice: Practice) -> dict[str, Any]:
    """The heading of each part."""
    labels: dict[str, Any] = {part: PracticeForm.base_fields[part].label for part in PARTS}
    if practice.builds_on_id is not None:
        labels["tried"] = gettext("What I did differently")
    return labels


@takes_attachments
@get_or_post
def practice_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Change one's own practice."""
    opened = _opened_or_404(request, pk)
    practice = opened.practice
    require(can_edit(request.user, practice), gettext("Only the person who wrote this can edit it."))

    def edit(form: AccountForm) -> str:
        files = form.cleaned_data["files"]
        actions.edit_practice(practice=practice, by=request.user, fields=form.text(), files=files)
        return practice_path(practice)

    def show(page: Writing) -> HttpResponse:
        context = {"practice": practice, "builds_on": practice.builds_on, "back": practice_path(practice)}
        return _form_page(request, practice.space, page, context)

    form = _form_class(practice.space, try_out=practice.builds_on_id is not None)
    return write(request, form=form, act=edit, show=show, written=written(practice, opened.files))


practice_withdraw = withdraw_view(Practice, practice_path)
practice_restore = restore_view(Practice, practice_path, with_message=True)


def _practice_or_404(request: MemberRequest, pk: int) -> Practice:
    return _opened_or_404(request, pk).practice


def _opened_or_404(request: MemberRequest, pk: int) -> Opened:
    opened = queries.opened(request.user, pk, request.path)
    if opened is None:
        raise Http404
    return opened


def _practice_page(request: MemberRequest, opened: Opened, writing: Writing) -> HttpResponse:
    user, practice = request.user, opened.practice
    roles, comments, may_mark = (
        roles_in(practice.space),
        can_comment(user, practice),
        can_mark(user, practice),
    )
    # Before the comments are read: one that comes in between is then shown and unread, not read and unseen.
    if not practice.is_withdrawn:
        bell.mark_seen(user=user, things=[("practice", practice.pk)])
    page = request.GET.get("page", "")
    talk = comments_shown(
        practice,
        user,
        int(page[:9]) if page.isdecimal() else 1,
        roles,
        seen_to=opened.seen_to,
        keeps_order=can_keep_order(user, practice.space),
        comments=comments,
    )
    if not practice.is_withdrawn and (opened.seen_to is None or opened.seen_to < talk.last):
        queries.mark_seen(practice, user, first=talk.first, last=talk.last)
    before, page_url = practice.builds_on, request.build_absolute_uri(practice_path(practice))
    lead, files = led_by_picture([] if practice.is_withdrawn else _files_beside(practice, opened))
    context = {
        "practice": practice,
        "space": practice.space,
        "parts": _parts(practice, opened),
        "lead": lead,
        "files": files,
        "facts": tuple(facts_of(practice)),
        "repeats_title": before is not None and has_made_title(practice.title, before.title),
        "outcome_label": outcome_label(practice.outcome),
        "chain": tuple(chain(queries.chain_from(user, practice.origin_id or practice.pk), practice, roles)),
        "page_url": page_url,
        "rights": None if practice.is_withdrawn else rights_of(practice, page_url),
        "roles": roles,
        "talk": talk,
        "following": opened.following,
        "may_follow": not practice.is_withdrawn and membership_in(user, practice.space) is not None,
        "can_comment": comments,
        "can_ask": comments and opened.author_is_here and practice.author_id != user.pk,
        "answering": talk.questions.get(_number(writing.form["answers"].value())),
        "can_try": can_add_practice(user, practice.space)
        and not practice.is_withdrawn
        and practice.author_id != user.pk,
        "marks": marks_shown(opened.marks, may_mark=may_mark),
        "may_mark": may_mark,
        "to_me": opened.mentions_reader,
        "can_edit": can_edit(user, practice),
        "can_withdraw": can_withdraw(user, practice),
        "can_restore": can_restore(user, practice),
        **writing.context(),
    }
    return render(request, "practices/practice_detail.html", context, status=writing.status)


def _number(value: object) -> int:
    return int(str(value)[:9]) if str(value).isdecimal() else 0


def _publish(request: MemberRequest, space: Space, builds_on: Practice | None = None) -> HttpResponse:
    refused = "" if can_add_practice(request.user, space) else why_no_practice()
    terms = space.institute.terms if space.institute else Terms()
    defaults = {"language": space.language, **terms._asdict()}
    form_class = _form_class(space, try_out=builds_on is not None)

    def publish(form: AccountForm) -> str:
        practice = actions.publish_practice(
            space=space,
            author=request.user,
            fields=form.text(),
            builds_on=builds_on,
            client_id=form.sent_id(),
            files=form.cleaned_data["files"],
        )
        messages.success(request, gettext("Published. Everyone in this space can read it."))
        return practice_path(practice)

    def show(page: Writing) -> HttpResponse:
        back = practice_path(builds_on) if builds_on else reverse("space_practices", args=[space.pk])
        return _form_page(request, space, page, {"builds_on": builds_on, "back": back})

    if "as_practice" in request.POST:
        # The text of a reply that came too late for the conversation.
        text = EditorArea().value_from_datadict(request.POST, request.FILES, "text")
        initial = {**defaults, "happened": text or ""}
        return show(Writing(form_class(initial=initial), NO_DRAFT, refused))
    return write(request, form=form_class, act=publish, show=show, defaults=defaults, refused=refused)


def _parts(practice: Practice, opened: Opened) -> list[tuple[Any, str]]:
    """The parts of the article with their headings."""
    labels = labels_of(practice).items()
    return [(label, in_text(getattr(practice, f"{part}_html"), opened.files)) for part, label in labels]


def _form_class(space: Space, *, try_out: bool) -> Callable[..., AccountForm]:
    return partial(form_for(try_out=try_out), has_institute=space.institute_id is not None)


def _files_beside(practice: Practice, opened: Opened) -> list[ShownFile]:
    return not_in(opened.files, *(getattr(practice, f"{part}_html") for part in PARTS))


def _form_page(request: MemberRequest, space: Space, page: Writing, context: dict[str, Any]) -> HttpResponse:
    context = {"space": space, **context, **page.context()}
    return render(request, "practices/practice_form.html", context, status=page.status)
