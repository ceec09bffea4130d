"""The pages of conversations and questions."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.access import require
from common.paging import page_read
from community.posts.permissions import can_edit
from community.posts.views import Writing, quoted_in, restore_view, takes_attachments, withdraw_view, write
from community.spaces.lookup import MemberRequest, space_or_404
from community.spaces.models import Space
from community.spaces.permissions import (
    can_add_practice,
    can_answer_here,
    can_talk,
    membership_in,
    why_no_talk,
)
from community.spaces.queries import has_answerer, roles_in
from community.threads import actions, list_queries, news, queries, reading_queries
from community.threads.forms import QuestionForm, ReplyForm, ThreadForm
from community.threads.list_queries import ConversationRow
from community.threads.models import Reply, Thread
from community.threads.permissions import can_reply, keeps_order
from community.threads.reading_queries import Opened, replies_shown
from community.threads.shown import opening_shown, replies_as_shown, writers_of
from messaging.files.actions import keys_of
from messaging.notifications import bell

if TYPE_CHECKING:
    from community.people.models import User

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def space(request: MemberRequest, space: Space) -> HttpResponse:
    """The front page of a space: its conversations."""
    bell.mark_seen(user=request.user, things=[("space", space.pk)])
    return _list(request, space, list_queries.conversations, "threads/thread_list.html")


@require_safe
def questions(request: MemberRequest, pk: int) -> HttpResponse:
    """The questions of a space, unanswered ones first."""
    space = space_or_404(request, pk)
    return _list(request, space, list_queries.questions, "threads/question_list.html")


@require_POST
def mark_read(request: MemberRequest, pk: int) -> HttpResponse:
    """Mark all conversations of a space as read."""
    space = space_or_404(request, pk)
    queries.mark_all_seen(space, request.user)
    bell.mark_seen_in(user=request.user, scope=space.scope, thing_kind="thread")
    return redirect("space", pk)


@takes_attachments
@get_or_post
def thread_new(request: MemberRequest, pk: int) -> HttpResponse:
    """Start a conversation."""
    return _start(request, space_or_404(request, pk), ThreadForm, Thread.Kind.CONVERSATION)


@takes_attachments
@get_or_post
def question_new(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask a question. On a page of its own, so that the draft of a private question stays one."""
    space = space_or_404(request, pk)
    return _start(request, space, partial(QuestionForm, space=space), Thread.Kind.QUESTION)


@takes_attachments
@get_or_post
def thread(request: MemberRequest, pk: int) -> HttpResponse:
    """Read a conversation from the first reply that is new to the reader, and reply."""
    opened = _opened_or_404(request, pk)
    thread, reading = opened.thread, opened.reading
    opens = request.method != "POST" and request.GET.keys().isdisjoint({"page", "quote"})
    if opens and reading.seen_to is not None and reading.first_new:
        return redirect(queries.url_at_number(pk, reading.first_new))

    def post(form: ReplyForm) -> str:
        reply = actions.post_reply(
            thread=thread,
            author=request.user,
            client_id=form.sent_id(),
            text=form.cleaned_data["text"],
            tried=form.cleaned_data.get("tried", False),
            files=form.cleaned_data["files"],
        )
        return queries.url_at_number(thread.pk, reply.number)

    # Who answers here, or asked, has not tried it.
    is_asker = thread.is_question and thread.author_id == request.user.pk
    may_try = not is_asker and not can_answer_here(request.user, thread.space)
    form = partial(ReplyForm, may_try=may_try, quoted=quoted_in(request, thread))
    return write(request, form=form, act=post, show=lambda page: _thread_page(request, opened, page))


@takes_attachments
@get_or_post
def thread_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Change the opening of one's own conversation."""
    opened = _opened_or_404(request, pk)
    thread = opened.thread
    require(can_edit(request.user, thread), gettext("Only the person who wrote this can edit it."))
    text = {"title": thread.title, "text": thread.sent("text"), "language": thread.language}
    written = {**text, "files": [file.key for file in opened.reading.files]}
    path = reverse("thread", args=[pk])

    def edit(form: ThreadForm) -> str:
        fields = {name: form.cleaned_data[name] for name in (*text, "files")}
        actions.edit_thread(thread=thread, by=request.user, **fields)
        return path

    def show(page: Writing) -> HttpResponse:
        context = {"title": thread.title, "back": path, **_mentions(thread), **page.context()}
        return render(request, "threads/post_edit.html", context, status=page.status)

    return write(request, form=ThreadForm, act=edit, show=show, written=written)


@require_safe
def reply(request: MemberRequest, pk: int) -> HttpResponse:
    """The permanent address of a reply: leads to its page of the conversation, which marks it."""
    reply = _reply_or_404(request, pk)
    return redirect(queries.url_at_number(reply.thread_id, reply.number))


@takes_attachments
@get_or_post
def reply_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Change one's own reply."""
    reply = _reply_or_404(request, pk)
    require(can_edit(request.user, reply), gettext("Only the person who wrote this can edit it."))
    text = {"text": reply.sent("text"), "tried": reply.tried}
    written = {**text, "files": keys_of(Reply.KIND, pk)}

    def form(*data: object, **more: Any) -> ReplyForm:
        return ReplyForm(*data, has_messages=reply.kept_from is not None, **more)

    def edit(form: ReplyForm) -> str:
        fields = {name: form.cleaned_data[name] for name in (*text, "files")}
        actions.edit_reply(reply=reply, by=request.user, **fields)
        return news.reply_path(reply)

    def show(page: Writing) -> HttpResponse:
        title = "" if reply.thread.is_withdrawn else reply.thread.title
        context = {"title": title, "back": news.reply_path(reply), **_mentions(reply), **page.context()}
        return render(request, "threads/post_edit.html", context, status=page.status)

    return write(request, form=form, act=edit, show=show, written=written)


thread_withdraw = withdraw_view(Thread, news.thread_path)
thread_restore = restore_view(Thread, news.thread_path, with_message=True)
reply_withdraw = withdraw_view(Reply, news.reply_path)
reply_restore = restore_view(Reply, news.reply_path)


@require_POST
def reply_accept(request: MemberRequest, pk: int) -> HttpResponse:
    """Accept this reply as the answer."""
    reply = _reply_or_404(request, pk)
    actions.accept_answer(reply=reply, by=request.user)
    return redirect(news.reply_path(reply))


@require_POST
def thread_unaccept(request: MemberRequest, pk: int) -> HttpResponse:
    """Mark the question as still without an answer."""
    actions.unaccept(thread=_thread_or_404(request, pk), by=request.user)
    return redirect("thread", pk)


@require_POST
def thread_open(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one's own private question to everybody in the space."""
    actions.open_to_everyone(thread=_thread_or_404(request, pk), by=request.user)
    messages.success(request, gettext("Everyone here can read your question now."))
    return redirect("thread", pk)


@require_POST
def thread_pin(request: MemberRequest, pk: int) -> HttpResponse:
    """Show a conversation above the others."""
    actions.pin(thread=_thread_or_404(request, pk), by=request.user)
    return redirect("thread", pk)


@require_POST
def thread_unpin(request: MemberRequest, pk: int) -> HttpResponse:
    """Sort a conversation among the others again."""
    actions.unpin(thread=_thread_or_404(request, pk), by=request.user)
    return redirect("thread", pk)


def _mentions(post: Thread | Reply) -> dict[str, Any]:
    """For the form of a post: who can be mentioned in it."""
    return {"space": post.home, "people": reverse("post_people", args=[post.KIND, post.pk])}


def _thread_or_404(request: MemberRequest, pk: int) -> Thread:
    return _opened_or_404(request, pk).thread


def _opened_or_404(request: MemberRequest, pk: int) -> Opened:
    opened = reading_queries.opened(pk, request.user)
    if opened is None:
        raise Http404
    return opened


def _reply_or_404(request: MemberRequest, pk: int) -> Reply:
    replies = Reply.objects.visible_to(request.user)
    return get_object_or_404(replies.select_related("thread__space__institute", "thread__answer"), pk=pk)


def _list(
    request: MemberRequest,
    space: Space,
    listed: Callable[["User", int, int, int], list[ConversationRow]],
    template: str,
) -> HttpResponse:
    page = page_read(request, lambda first, last: listed(request.user, space.pk, first, last))
    shown = list_queries.conversations_shown(space, list(page.object_list), roles_in(space))
    page.object_list = shown
    context = {
        "space": space,
        "page": page,
        "can_talk": can_talk(request.user, space),
        "has_answerer": bool(shown) or has_answerer(space),
        "anything_new": any(thread.unread for thread in shown),
    }
    return render(request, template, context)


def _start(
    request: MemberRequest, space: Space, form: Callable[..., ThreadForm], kind: Thread.Kind
) -> HttpResponse:
    def start(form: ThreadForm) -> str:
        thread = actions.start_thread(
            space=space,
            author=request.user,
            kind=kind,
            audience=form.cleaned_data.get("audience", Thread.Audience.EVERYONE),
            title=form.cleaned_data["title"],
            text=form.cleaned_data["text"],
            language=form.cleaned_data["language"],
            files=form.cleaned_data["files"],
            client_id=form.sent_id(),
        )
        if thread.is_question:
            messages.success(request, gettext("Asked. You’ll be notified when someone replies."))
        else:
            messages.success(request, gettext("Posted. Everyone in this space can read it."))
        return news.thread_path(thread)

    def show(page: Writing) -> HttpResponse:
        context = {
            "space": space,
            "asks": kind == Thread.Kind.QUESTION,
            "may_add_practice": can_add_practice(request.user, space),
            **page.context(),
        }
        return render(request, "threads/thread_form.html", context, status=page.status)

    refused = "" if can_talk(request.user, space) else why_no_talk(space)
    defaults = {"language": space.language}
    return write(request, form=form, act=start, show=show, defaults=defaults, refused=refused)


def _thread_page(request: MemberRequest, opened: Opened, writing: Writing) -> HttpResponse:
    user, thread, reading = request.user, opened.thread, opened.reading
    asked = request.GET.get("page", "")
    last_page = queries.page_of_number(thread.last_number)
    # Before the replies are read: one that comes in between is then shown and unread, not read and unseen.
    if reading.has_news:
        bell.mark_seen(user=user, things=[("thread", thread.pk)])
    page = (
        int(asked[:9])
        if asked.isdecimal()
        else (last_page if writing.form.is_bound or "quote" in request.GET else 1)
    )
    keeps = keeps_order(user, thread)
    shown = replies_shown(thread, user, page, seen_to=reading.seen_to, keeps_order=keeps)
    if reading.seen_to is None or reading.seen_to < shown.last:
        queries.mark_seen(thread, user, first=shown.first, last=shown.last)
    roles = roles_in(thread.space)
    opening = opening_shown(opened, user, roles, keeps_order=keeps)
    replies = replies_as_shown(opened, shown, user, roles, keeps_order=keeps)
    context = {
        "thread": thread,
        "space": thread.space,
        "shown": shown,
        "following": reading.following,
        "may_follow": thread.space.is_open
        and not thread.is_withdrawn
        and membership_in(user, thread.space) is not None,
        "opening": opening,
        "replies": replies,
        "writers": writers_of(opening, replies),
        "can_reply": can_reply(user, thread),
        "may_add_practice": can_add_practice(user, thread.space),
        "why_not": "" if can_talk(user, thread.space) else why_no_talk(thread.space),
        **writing.context(),
    }
    return render(request, "threads/thread_detail.html", context, status=writing.status)
