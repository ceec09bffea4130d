"""Read marks of the demo's people, so that every visitor finds something new."""

import datetime as dt

from django.db.models import F

from community.practices.models import Practice, PracticeVisit
from community.spaces.models import Membership, Space
from community.threads.models import Reply, Thread, ThreadVisit
from followup.courses.roles import SpaceRole
from followup.demo.days import Days
from messaging.chat.models import Entry, RoomMember
from messaging.notifications.models import Notification

LAST_LOOK = dt.timedelta(hours=50)
"""How long ago everybody last read, unless they wrote something later."""


def mark(space: Space, days: Days, absent: set[int], now: dt.datetime) -> None:
    """Save what each member has read, and when they came in, except for the absent ones."""
    members = Membership.objects.filter(space=space).exclude(user__in=absent).select_related("user")
    threads = list(Thread.objects.filter(space=space))
    practices = list(Practice.objects.filter(space=space))
    replies = list(Reply.objects.filter(thread__space=space))
    looked = {one.user_id: now - LAST_LOOK if space.is_open else now for one in members}
    everything: list[Thread | Practice | Reply] = [*threads, *practices, *replies]
    for written in everything:
        if written.author_id in looked:
            looked[written.author_id] = max(looked[written.author_id], written.created_at)
    inside = {one.user_id for one in members if one.role == SpaceRole.TRAINER}
    seen = {
        (reply.thread_id, user): reply.number
        for reply in sorted(replies, key=lambda one: one.number)
        for user, until in looked.items()
        if reply.created_at <= until
    }
    ThreadVisit.objects.bulk_create(
        ThreadVisit(thread=thread, user_id=user, number=seen.get((thread.pk, user), 0))
        for thread in threads
        for user, until in looked.items()
        if thread.created_at <= until and (user in inside or thread.audience == Thread.Audience.EVERYONE)
    )
    PracticeVisit.objects.bulk_create(
        PracticeVisit(practice=practice, user_id=user)
        for practice in practices
        for user, until in looked.items()
        if practice.created_at <= until
    )
    _mark_room(space, looked)
    for one in members:
        one.came_in_at = min(max(one.admitted_at, days.opening) + dt.timedelta(hours=3), now)
    Membership.objects.bulk_update(members, ["came_in_at"])


def mark_news(now: dt.datetime) -> None:
    """Mark notifications as seen up to the last visit, and those about things that were read."""
    absent = Membership.objects.filter(came_in_at=None).values("user")
    unseen = Notification.objects.unseen()
    old = unseen.filter(created_at__lte=now - LAST_LOOK).exclude(user__in=absent)
    old.update(seen_at=F("created_at") + dt.timedelta(hours=1))
    whole = ThreadVisit.objects.filter(number__gte=F("thread__last_number"))
    read = {(user, "thread", thread) for user, thread in whole.values_list("user", "thread")}
    opened = PracticeVisit.objects.values_list("user", "practice")
    read |= {(user, "practice", practice) for user, practice in opened}
    told = unseen.values_list("pk", "user", "thing_kind", "thing_id")
    known = [pk for pk, user, kind, number in told if (user, kind, number) in read]
    unseen.filter(pk__in=known).update(seen_at=now)


def _mark_room(space: Space, looked: dict[int, dt.datetime]) -> None:
    entries = list(Entry.objects.filter(room=space.room_id).order_by("number"))
    places = list(RoomMember.objects.filter(room=space.room_id, user__in=looked))
    for place in places:
        until = looked[place.user_id]
        read = [one.number for one in entries if one.at <= until or one.author_id == place.user_id]
        place.read_number = max(read, default=0)
    RoomMember.objects.bulk_update(places, ["read_number"])
