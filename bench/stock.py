"""The chat of the Channels tutorial, on Daphne, with sessions in SQLite.

    python -m bench.stock FILE MEMBERS      create the database, and write a session key for each person
    daphne -p PORT bench.stock:application serve

BENCH_DATABASE is the database, BENCH_LAYER one of `memory`, `core` and `pubsub`, BENCH_VALKEY its address.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import django
from django.conf import settings

HOSTS = {"hosts": [{"address": os.environ.get("BENCH_VALKEY", ""), "socket_timeout": None}]}
LAYERS: dict[str, dict[str, Any]] = {
    "memory": {"BACKEND": "channels.layers.InMemoryChannelLayer"},
    "core": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": HOSTS},
    "pubsub": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": HOSTS},
}

settings.configure(
    SECRET_KEY="only for measuring " * 3,
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "channels",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["BENCH_DATABASE"],
            "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"},
        }
    },
    CHANNEL_LAYERS={"default": LAYERS[os.environ.get("BENCH_LAYER", "memory")]},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()
urlpatterns: list[Any] = []

# After settings.configure().
from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.urls import path  # noqa: E402


class ChatConsumer(AsyncWebsocketConsumer):
    """The consumer of the tutorial, for people who are signed in."""

    async def connect(self) -> None:
        if not self.scope["user"].is_authenticated:
            await self.close()
            return
        self.group = f"chat_{self.scope['url_route']['kwargs']['room']}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        if hasattr(self, "group"):
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str) -> None:
        message = json.loads(text_data)["message"]
        await self.channel_layer.group_send(self.group, {"type": "chat.message", "message": message})

    async def chat_message(self, event: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps({"message": event["message"]}))


application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter([path("ws/chat/<room>/", ChatConsumer.as_asgi())]))
        ),
    }
)


def create_members(file: Path, people: int) -> None:
    """A database with people who have sessions."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    User.objects.bulk_create([User(username=f"user{number}") for number in range(people)])
    tomorrow = SessionStore().get_expiry_date()
    sessions = []
    for user in User.objects.all():
        signed_in = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        text = SessionStore().encode(signed_in)
        sessions.append(Session(session_key=uuid4().hex, session_data=text, expire_date=tomorrow))
    Session.objects.bulk_create(sessions)
    file.write_text(json.dumps([session.session_key for session in sessions]))


if __name__ == "__main__":
    create_members(Path(sys.argv[1]), int(sys.argv[2]))
