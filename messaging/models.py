"""The models of all subjects of messaging, gathered for Django."""

from messaging.chat.models import Entry, Room, RoomMember
from messaging.files.models import File
from messaging.jobs.models import Pulse
from messaging.notifications.models import Mail

__all__ = ["Entry", "File", "Mail", "Pulse", "Room", "RoomMember"]
