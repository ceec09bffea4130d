"""The way in for a server: pages, and the one socket of each open tab."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

# After the settings stand.
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import path  # noqa: E402

from config.kept_threads import KeptThreadsHandler  # noqa: E402
from messaging.live.running import hub  # noqa: E402
from messaging.live.socket import Live  # noqa: E402

SOCKET = path("live/", Live(hub))  # type: ignore[arg-type]
application = ProtocolTypeRouter(
    {
        "http": KeptThreadsHandler(),
        "websocket": AllowedHostsOriginValidator(URLRouter([SOCKET])),
    }
)
