"""The models of all subjects of messaging, imported here so that Django finds them."""

from messaging.chat.models import (
    Entry,
    Mention,
    Reaction,
    Room,
    RoomMember,
    SearchGrams,
    SearchSegment,
)
from messaging.files.models import File, Upload
from messaging.jobs.models import BelievedClock, Failure, SweepStatus
from messaging.live.models import Revocation
from messaging.notifications.models import Bell, BellEntry, Following, Mail, MailPreference, Notification

__all__ = [
    "BelievedClock",
    "Bell",
    "BellEntry",
    "Entry",
    "Failure",
    "File",
    "Following",
    "Mail",
    "MailPreference",
    "Mention",
    "Notification",
    "Reaction",
    "Revocation",
    "Room",
    "RoomMember",
    "SearchGrams",
    "SearchSegment",
    "SweepStatus",
    "Upload",
]
