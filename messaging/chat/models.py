"""Rooms: a log of numbered entries, and who may read and write it.

Everything that happens in a room is an entry of its log, so that one number tells how far a reader is: a
message, a change of one (edited, withdrawn, restored, kept elsewhere, marked), the end of a membership, a
change of what its owner shows around it. A message's row contains its current text; the entries about it
record only that it changed.

Foreign keys that begin a unique constraint have no index of their own: its index serves them, and PostgreSQL
would rather read the whole log of a room by the other than a range of numbers by this one.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import clock


class Room(models.Model):
    """A chat room. Its owner, in an app above, decides who is a member and until when it is open."""

    last_number = models.PositiveBigIntegerField(default=0)
    closes_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"room {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether messages are accepted."""
        return self.closes_at is None or self.closes_at > clock.now()


class RoomMemberQuerySet(models.QuerySet["RoomMember"]):
    def current(self) -> "RoomMemberQuerySet":
        """Members who may read now: not dismissed, and not past their end (`until`)."""
        return self.filter(Q(until=None) | Q(until__gt=clock.now()), dismissed_at=None)


class RoomMember(models.Model):
    """A user's membership of a room, as decided by the room's owner; nothing is derived here.

    `role` is a label set by the owner, shown beside the name and compared with nothing.
    """

    room = models.ForeignKey(Room, models.CASCADE, related_name="members", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="rooms", db_index=False)
    role = models.CharField(max_length=32, blank=True)
    # May withdraw and keep messages of others.
    keeps_order = models.BooleanField(default=False)
    until = models.DateTimeField(null=True)
    admitted_at = models.DateTimeField(default=clock.now)
    dismissed_at = models.DateTimeField(null=True)
    read_number = models.PositiveBigIntegerField(default=0)
    # The room's last number when they were admitted: while `read_number` equals it, they have read nothing.
    first_number = models.PositiveBigIntegerField(default=0)

    objects = RoomMemberQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="room_member_once")]
        indexes = [
            # With the room: by the user alone, PostgreSQL reads all of somebody's hundreds to find one.
            models.Index(fields=["user", "room"], name="room_member_of_user"),
            # Who has read furthest, among those who have read anything (`read_state.readers`).
            models.Index(
                "room",
                F("read_number").desc(),
                condition=Q(dismissed_at=None, read_number__gt=F("first_number")),
                name="room_member_read",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.room}"


class Entry(models.Model):
    """One entry of a room's log. The client creates the `client_id`, so that sending is idempotent."""

    class Kind(models.TextChoices):
        MESSAGE = "message", _("message")
        EDIT = "edit", _("changed")
        WITHDRAW = "withdraw", _("deleted")
        RESTORE = "restore", _("restored")
        KEEP = "keep", _("kept")
        REACT = "react", _("reacted")
        LEAVE = "leave", _("left")
        NOTICE = "notice", _("changed around the message")

    room = models.ForeignKey(Room, models.CASCADE, related_name="entries", db_index=False)
    number = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.MESSAGE)
    # A `leave` entry may outlive its author: a user who was enrolled by mistake is deleted. A `notice` has
    # none.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="room_entries"
    )
    about = models.ForeignKey("self", models.CASCADE, null=True, related_name="changes")
    # The message that this one replies to.
    re = models.ForeignKey("self", models.SET_NULL, null=True, related_name="replies")
    client_id = models.UUIDField(default=uuid.uuid4)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    # The text as it is searched (common.searching.normalize).
    folded = models.TextField(blank=True)
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, blank=True)
    at = models.DateTimeField(default=clock.now)
    edited_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    kept_path = models.CharField(max_length=200, blank=True)
    # Its files as readers are shown them (chat/attachments.py); null without any.
    files = models.JSONField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["room", "number"], name="entry_number_once"),
            models.CheckConstraint(
                condition=Q(author__isnull=False) | Q(kind__in=["leave", "notice"]),
                name="message_has_its_author",
            ),
            models.UniqueConstraint(fields=["room", "author", "client_id"], name="entry_sent_once"),
        ]

    def __str__(self) -> str:
        return f"{self.room} #{self.number}"


class SearchSegment(models.Model):
    """A full part of a room's log of which search has an index, or is to have (chat/search_index.py).

    The number of a segment is that of its first entry, divided by the entries that a segment has.
    """

    room = models.ForeignKey(Room, models.CASCADE, related_name="search_segments", db_index=False)
    number = models.PositiveBigIntegerField()
    # Counts the changes of its messages, so that an index of texts before a change is not stored after it.
    changes = models.PositiveBigIntegerField(default=0)
    # Since when its index has to be made; empty where it stands.
    due_at = models.DateTimeField(null=True, default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="search_segment_once")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="search_segment_due")
        ]

    def __str__(self) -> str:
        return f"{self.room}, segment {self.number}"


class SearchGrams(models.Model):
    """In which blocks of a segment the letters of some numbers occur: a bitmap for each of these numbers."""

    segment = models.ForeignKey(SearchSegment, models.CASCADE, related_name="grams", db_index=False)
    number = models.PositiveSmallIntegerField()
    bitmaps = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="search_grams_once")]

    def __str__(self) -> str:
        return f"{self.segment}, grams {self.number}"


class Reaction(models.Model):
    """A mark that a user gave a message; deleted when they remove it."""

    class Mark(models.TextChoices):
        THANKS = "thanks", _("Thanks")
        AGREE = "agree", _("I see it that way too")
        IDEA = "idea", _("Good idea")
        TRY = "try", _("I’ll try this")
        SMILE = "smile", _("This made me smile")

    message = models.ForeignKey(Entry, models.CASCADE, related_name="reactions", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reactions")
    mark = models.CharField(max_length=6, choices=Mark)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user", "mark"], name="reaction_once")]

    def __str__(self) -> str:
        return f"{self.mark} of {self.user}"


class Mention(models.Model):
    """A member mentioned in a message. `told_at` is empty until they have been notified."""

    message = models.ForeignKey(Entry, models.CASCADE, related_name="mentions", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mentions")
    # Their name as it stands in the text; they may change it later.
    name = models.CharField(max_length=120)
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="mentioned_once")]
        indexes = [models.Index(fields=["id"], condition=Q(told_at=None), name="mention_to_tell")]

    def __str__(self) -> str:
        return f"{self.user} in {self.message}"
