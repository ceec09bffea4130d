"""The ASGI application: HTTP, and one WebSocket per open tab."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

# These read settings.
from channels.routing import ProtocolTypeRouter  # noqa: E402

from config.origins import OriginCheck  # noqa: E402
from config.thread_pool import PooledHandler  # noqa: E402
from messaging.live.lifecycle import app as live_app  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": PooledHandler(),
        "websocket": OriginCheck(live_app),
    }
)
