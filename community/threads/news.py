"""Notifications about conversations, and who may get them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import OuterRef, Q, QuerySet
from django.urls import reverse

from common import clock, visibility
from common.paths import path_of
from common.statements import statement
from community.posts import news as post_news
from community.spaces.kinds import Right, kind_named, kind_of
from community.spaces.models import Membership, Space
from community.threads.models import Reply, Thread
from community.threads.queries import wrote_in
from messaging.notifications import bell, following_queries

if TYPE_CHECKING:
    from community.people.models import User


def register() -> None:
    """Register who may be notified of which conversation, and that conversations can be followed."""
    visibility.register_visibility("thread", visible)
    visibility.register_visibility(Reply.KIND, visible_replies)
    following_queries.register(
        "thread",
        following_queries.Followable(
            things=_with_talk,
            wrote=wrote_in,
            latest="last_post_at",
            path=lambda pk: path_of("thread", pk),
        ),
    )


def _with_talk(user: "User") -> "QuerySet[Thread]":
    talks = Q(space__closes_at=None) | Q(space__closes_at__gt=clock.now())
    return Thread.objects.visible_to(user).published().filter(talks)


def visible(user: "User", ids: Iterable[int]) -> set[int]:
    """Those of these conversations that the user sees and that are not withdrawn."""
    return set(_visible(user, list(ids)))


@statement(int)
def _visible(user: "User", threads: list[int]) -> "QuerySet[Any, Any]":
    return Thread.objects.visible_to(user).published().filter(pk__among=threads).values_list("pk")


def visible_replies(user: "User", ids: Iterable[int]) -> set[int]:
    """Those of these replies that the user sees, and that are not withdrawn with or without their thread."""
    return set(_visible_replies(user, list(ids)))


@statement(int)
def _visible_replies(user: "User", replies: list[int]) -> "QuerySet[Any, Any]":
    seen = Reply.objects.visible_to(user).in_published_threads()
    return seen.filter(pk__among=replies).values_list("pk")


def notify_started(thread: Thread, *, mentioned: list[int]) -> None:
    """Notify those who answer in the space of a question, and those whom a conversation mentions."""
    answering = _members(thread, _answers(thread)) if thread.is_question else []
    if mentioned:
        bell.lock_bells(users=[*answering, *mentioned])
    bell.notify_many(
        users=answering,
        is_new=True,
        key=f"question:{thread.pk}",
        kind="question",
        path=thread_path(thread),
        by=thread.author,
        **_about(thread),
    )
    post_news.notify_mentioned(thread, mentioned)


def unread_questions(space: Space) -> list[Thread]:
    """Private questions without an answer, which nobody reads when nobody answers in the space. In the order
    of their authors."""
    waiting = Thread.objects.unanswered().filter(space=space, audience=Thread.Audience.ANSWERERS)
    return list(waiting.select_related("author", "space").order_by("author", "pk"))


def notify_unread_questions(threads: Iterable[Thread]) -> None:
    """Notify the authors of private questions that nobody is there to read them."""
    for thread in threads:
        bell.notify_many(
            users=_members(thread, Q(user=thread.author_id)),
            key=unread_key(thread),
            kind="question-unread",
            path=thread_path(thread),
            **_about(thread),
        )


def unread_key(thread: Thread) -> str:
    """The key of `notify_unread_questions`, which is withdrawn when somebody reads them again."""
    return f"question-unread:{thread.pk}"


def notify_reply(reply: Reply, users: list[int], *, mentioned: list[int]) -> None:
    """Notify these people, the writers of its conversation, of a reply; and those whom it mentions of that
    alone."""
    thread = reply.thread
    if mentioned:
        bell.lock_bells(users=[*users, *mentioned])
    bell.notify_many(
        users=set(users).difference(mentioned),
        is_new=True,
        key=f"reply:{reply.pk}",
        kind="reply",
        path=reply_path(reply),
        by=reply.author,
        **_about(thread, started_by=thread.author_id, question=thread.is_question),
    )
    post_news.notify_mentioned(reply, mentioned)


class Told(NamedTuple):
    """Somebody who is notified."""

    user_id: int


def writers(thread: int, *, kind: str, private: bool) -> QuerySet[Membership]:
    """The members of its space (a subquery of `Thread`) who started the conversation, wrote in it or chose to
    follow it, have not muted it, and may read it."""
    started = Thread.objects.filter(pk=thread).order_by().values("author")
    replied = Reply.objects.published().filter(thread=thread).order_by().values("author")
    members = Membership.objects.current().filter(space=OuterRef("space"), user__suspended_at=None)
    if private:
        answers = Q(role__in=kind_named(kind).names_with(Right.ANSWER))
        members = members.filter(answers | Q(user__in=started))
    follow = started.union(replied, following_queries.followers(Thread.KIND, thread))
    return members.filter(user__in=follow).exclude(user__in=following_queries.who_muted(Thread.KIND, thread))


def notify_answer(thread: Thread, reply: Reply, by: "User") -> None:
    """Notify the authors of the question and of the reply that it is the answer."""
    bell.notify_many(
        users=_members(thread, Q(user__in=[thread.author_id, reply.author_id])),
        key=f"answer:{reply.pk}",
        kind="answer",
        path=reply_path(reply),
        by=by,
        **_about(thread, asked_by=thread.author_id),
    )


def withdraw_reply(reply: Reply) -> None:
    """Withdraw the notifications about a reply that was withdrawn."""
    bell.withdraw(key=f"reply:{reply.pk}")
    withdraw_answer(reply)


def restore_reply(reply: Reply) -> None:
    """Restore the notifications about a reply; as the answer only if it is one."""
    bell.restore(key=f"reply:{reply.pk}")
    if reply.thread.answer_id == reply.pk:
        bell.restore(key=f"answer:{reply.pk}")


def withdraw_answer(reply: Reply) -> None:
    """Withdraw the notifications that this reply is the answer."""
    bell.withdraw(key=f"answer:{reply.pk}")


def recount_notifications(thread: Thread) -> None:
    """Withdraw or restore all notifications about a thread, after it was withdrawn or restored."""
    bell.recount(things=[("thread", thread.pk)])


def withdraw_unread(thread: Thread) -> None:
    """A question that was private can be read by everybody now."""
    bell.withdraw(key=unread_key(thread))
    recount_notifications(thread)


def thread_path(thread: Thread) -> str:
    """The URL of a thread."""
    return reverse("thread", args=[thread.pk])


def reply_path(reply: Reply) -> str:
    """The permanent address of a reply, which leads to its page of the thread."""
    return reverse("reply", args=[reply.pk])


def _members(thread: Thread, *who: Q) -> list["User"]:
    current = Membership.objects.current().filter(*who, space=thread.space_id, user__suspended_at=None)
    current = current.exclude(user__in=following_queries.who_muted(Thread.KIND, thread.pk))
    return [membership.user for membership in current.select_related("user")]


def _answers(thread: Thread) -> Q:
    return Q(role__in=kind_of(thread.space).names_with(Right.ANSWER))


def _about(thread: Thread, **more: Any) -> dict[str, Any]:
    context = {"title": thread.title, "space": thread.space.title, **more}
    return {"thing": ("thread", thread.pk), "scope": thread.space.scope, "context": context}
