"""The way in for a server: pages, and the one socket of each open tab."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

# After the settings stand.
from channels.routing import ProtocolTypeRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from config.thread_pool import PooledHandler  # noqa: E402
from messaging.live.lifecycle import app as live_app  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": PooledHandler(),
        "websocket": AllowedHostsOriginValidator(live_app),
    }
)
