"""The models of all subjects of messaging, gathered for Django."""

from messaging.files.models import File
from messaging.jobs.models import Pulse
from messaging.notifications.models import Mail

__all__ = ["File", "Mail", "Pulse"]
