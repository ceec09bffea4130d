"""Read marks and reactions of the demo's people, so that every visitor finds something new."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import F

from community.posts.models import Post, PostMark
from community.practices.comment_models import Comment
from community.practices.models import Practice, PracticeVisit
from community.spaces.models import Membership, Space
from community.threads.models import Reply, Thread, ThreadVisit
from community.unread.actions import advance
from followup.courses.roles import SpaceRole
from followup.demo.days import Days
from messaging.chat.models import Entry, Reaction, RoomMember
from messaging.notifications.models import Notification

Mark = Reaction.Mark
MARKS = {
    "thread": (Mark.AGREE, Mark.AGREE),
    "reply": (Mark.THANKS, Mark.THANKS, Mark.AGREE),
    "practice": (Mark.THANKS, Mark.TRY, Mark.THANKS),
    "comment": (Mark.THANKS, Mark.IDEA),
}
"""Which marks posts of a kind get, the first of these."""
LAST_READ_AGO = dt.timedelta(hours=50)
"""How long ago every member last read, unless they wrote something later."""


def mark(space: Space, days: Days, absent: set[int], now: dt.datetime) -> None:
    """Save the read marks and the first visit of each member, except for the absent ones."""
    members = Membership.objects.filter(space=space).exclude(user__in=absent).select_related("user")
    threads = list(Thread.objects.filter(space=space))
    practices = list(Practice.objects.filter(space=space))
    replies = list(Reply.objects.filter(thread__space=space))
    read_until = {member.user_id: now - LAST_READ_AGO if space.is_open else now for member in members}
    comments = list(Comment.objects.filter(practice__space=space).order_by("number"))
    posts: list[Post] = [*threads, *practices, *replies, *comments]
    for post in posts:
        if post.author_id in read_until:
            read_until[post.author_id] = max(read_until[post.author_id], post.created_at)
    trainers = {member.user_id for member in members if member.role == SpaceRole.TRAINER}
    seen = {
        (reply.thread_id, user): reply.number
        for reply in sorted(replies, key=lambda reply: reply.number)
        for user, until in read_until.items()
        if reply.created_at <= until
    }
    ThreadVisit.objects.bulk_create(
        ThreadVisit(thread=thread, user_id=user, number=seen.get((thread.pk, user), 0))
        for thread in threads
        for user, until in read_until.items()
        if thread.created_at <= until and (user in trainers or thread.audience == Thread.Audience.EVERYONE)
    )
    heard = {
        (comment.practice_id, user): comment.number
        for comment in comments
        for user, until in read_until.items()
        if comment.created_at <= until
    }
    PracticeVisit.objects.bulk_create(
        PracticeVisit(practice=practice, user_id=user, number=heard.get((practice.pk, user), 0))
        for practice in practices
        for user, until in read_until.items()
        if practice.created_at <= until
    )
    hidden = {thread.pk for thread in threads if thread.audience != Thread.Audience.EVERYONE}
    _give_marks([post for post in posts if _thread_of(post) not in hidden], read_until)
    advance([space.pk])
    _mark_room(space, read_until)
    for member in members:
        member.came_in_at = min(max(member.admitted_at, days.opening) + dt.timedelta(hours=3), now)
    Membership.objects.bulk_update(members, ["came_in_at"])


def _thread_of(post: Post) -> int | None:
    if isinstance(post, Reply):
        return post.thread_id
    return post.pk if isinstance(post, Thread) else None


def _give_marks(posts: Sequence[Post], read_until: dict[int, dt.datetime]) -> None:
    """Some of those who read a post give it a mark."""
    given = []
    for place, post in enumerate(posts):
        readers = sorted(
            user for user, until in read_until.items() if post.created_at <= until and user != post.author_id
        )
        for turn, mark in enumerate(MARKS[post.KIND][: place * 5 % 4]):
            if turn < len(readers):
                user = readers[(place + 3 * turn) % len(readers)]
                at = min(post.created_at + dt.timedelta(hours=5 + turn), read_until[user])
                given.append(PostMark(post_kind=post.KIND, post_id=post.pk, user_id=user, mark=mark, at=at))
    PostMark.objects.bulk_create(given, ignore_conflicts=True)


def mark_news(now: dt.datetime) -> None:
    """Mark notifications as seen up to the last visit, and those about things that were read."""
    absent = Membership.objects.filter(came_in_at=None).values("user")
    unseen = Notification.objects.unseen()
    old = unseen.filter(created_at__lte=now - LAST_READ_AGO).exclude(user__in=absent)
    old.update(seen_at=F("created_at") + dt.timedelta(hours=1))
    fully_read = ThreadVisit.objects.filter(number__gte=F("thread__last_number"))
    read = {(user, "thread", thread) for user, thread in fully_read.values_list("user", "thread")}
    opened = PracticeVisit.objects.filter(number__gte=F("practice__last_number"))
    read |= {(user, "practice", practice) for user, practice in opened.values_list("user", "practice")}
    notifications = unseen.values_list("pk", "user", "thing_kind", "thing_id")
    about_read = [pk for pk, user, kind, number in notifications if (user, kind, number) in read]
    unseen.filter(pk__in=about_read).update(seen_at=now)


def _mark_room(space: Space, read_until: dict[int, dt.datetime]) -> None:
    entries = list(Entry.objects.filter(room=space.room_id).order_by("number"))
    room_members = list(RoomMember.objects.filter(room=space.room_id, user__in=read_until))
    for room_member in room_members:
        until = read_until[room_member.user_id]
        read = [one.number for one in entries if one.at <= until or one.author_id == room_member.user_id]
        room_member.read_number = max(read, default=0)
    RoomMember.objects.bulk_update(room_members, ["read_number"])
