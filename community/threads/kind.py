"""What conversations register: their kinds of posts, tabs and front page of spaces, links from rooms."""

from typing import TYPE_CHECKING

from django.db.models import Max, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from community.posts import counting, kinds
from community.posts.counting import Counted, Name
from community.rooms import extensions
from community.spaces import frame
from community.spaces.kinds import Right, Tab, kind_of
from community.spaces.lookup import MemberRequest
from community.spaces.models import Space
from community.threads import news, views
from community.threads.models import Reply, Thread, ThreadQuerySet
from community.threads.permissions import can_keep_messages, keeps_order
from community.threads.queries import having_news
from community.unread import sources
from community.unread.queries import new_on_page

if TYPE_CHECKING:
    from community.people.models import User


def register() -> None:
    """Conversations are the front page of a space; a room links to the page that keeps messages, and hands a
    question typed there to the form of a question."""
    kinds.register(
        Thread.KIND,
        kinds.PostKind(
            keeps_order,
            model=Thread,
            related=("space__institute",),
            path=news.thread_path,
            is_talk=True,
            readers=_readers,
            withdrawn=news.recount_notifications,
            restored=news.recount_notifications,
        ),
    )
    kinds.register(
        Reply.KIND,
        kinds.PostKind(
            keeps_order,
            model=Reply,
            related=("thread__space__institute",),
            path=news.reply_path,
            is_talk=True,
            head=lambda reply: reply.thread,
            bell_keys=lambda reply: [f"reply:{reply.pk}", f"answer:{reply.pk}"],
            readers=lambda reply: _readers(reply.thread),
            withdrawn=_reply_withdrawn,
            restored=_reply_restored,
        ),
    )
    for model in (Thread, Reply):
        kinds.register_files(model)
    counting.register(
        Counted(Name.POSTED, Thread.objects.countable),
        Counted(Name.CONVERSATION, Thread.objects.countable),
        Counted(Name.QUESTION, lambda: Thread.objects.countable().filter(kind=Thread.Kind.QUESTION)),
        Counted(Name.ANSWERED, lambda: Thread.objects.countable().answered(), moment="answered_at"),
        Counted(Name.POSTED, Reply.objects.countable, space="thread__space"),
        Counted(
            Name.TRIED, lambda: Reply.objects.in_published_threads().filter(tried=True), space="thread__space"
        ),
    )
    sources.register("threads", _new_to)
    frame.register_tabs(_tabs)
    frame.register_front_page(views.space)
    extensions.register_links(_room_links)
    extensions.register_question_path(_question_path)
    extensions.register_keep_path(_keep_path)


def _readers(thread: Thread) -> Q:
    if not thread.for_answerers_only:
        return Q()
    return Q(role__in=kind_of(thread.space).names_with(Right.ANSWER)) | Q(user=thread.author_id)


def _new_to(user: "User") -> ThreadQuerySet:
    return having_news(Thread.objects.visible_to(user), user)


def _tabs(request: HttpRequest, space: Space) -> list[Tab]:
    new = new_on_page(request, space).threads
    return [
        Tab("space", gettext("Conversations"), reverse("space", args=[space.pk]), new),
        Tab("space_questions", gettext("Questions"), reverse("space_questions", args=[space.pk])),
    ]


def _room_links(request: MemberRequest, space: Space) -> list[extensions.HeaderLink]:
    if not can_keep_messages(request.user, space):
        return []
    return [extensions.HeaderLink(gettext("Keep what was said"), _keep_path(space), "bookmark")]


def _keep_path(space: Space) -> str:
    return reverse("room_keep", args=[space.pk])


def _question_path(space: Space) -> str:
    return reverse("question_new", args=[space.pk])


def _reply_withdrawn(reply: Reply) -> None:
    _update_last_post_at(reply.thread)
    news.withdraw_reply(reply)


def _reply_restored(reply: Reply) -> None:
    _update_last_post_at(reply.thread)
    news.restore_reply(reply)


def _update_last_post_at(thread: Thread) -> None:
    """A thread is sorted by its newest reply that is not withdrawn. Called with the thread locked."""
    newest = Reply.objects.published().filter(thread=thread).aggregate(at=Max("created_at"))["at"]
    thread.last_post_at = newest or thread.created_at
    thread.save(update_fields=["last_post_at"])
